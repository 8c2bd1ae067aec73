"""The JSON of message and modal components -> HTML."""

import base64
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from html import escape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from docs.draw_screens.markdown import block_html
from docs.draw_screens.reader import Reader

Json = Mapping[str, Any]
Files = Mapping[str, bytes]
"""What was uploaded with the message, by file name."""


class Kind(IntEnum):
    """Component types."""

    ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT = 10
    THUMBNAIL = 11
    GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18


_BUTTONS = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary"}
_LINK_STYLE = 5
_LARGE = 2
_PARAGRAPH = 2
_SIGNS = {"user": "@", "role": "@&", "channel": "#"}
"""How a mention of what a select has chosen begins."""


def components_html(components: Sequence[Json], reader: Reader, files: Files) -> str:
    """Return the HTML of components that stand below each other.

    Raises:
        KeyError: there is a component of a kind that is not drawn yet, or a file is missing.
    """
    return "".join(
        _DRAWN[Kind(component["type"])](component, reader, files) for component in components
    )


def _inside(css: str) -> Callable[[Json, Reader, Files], str]:
    def html(component: Json, reader: Reader, files: Files) -> str:
        return _box(css, components_html(component["components"], reader, files))

    return html


def _container(component: Json, reader: Reader, files: Files) -> str:
    accent = component.get("accent_color")
    style = f' style="border-left:4px solid #{accent:06x}"' if accent is not None else ""
    inner = components_html(component["components"], reader, files)
    return f'<div class="container"{style}>{inner}</div>'


def _text(component: Json, reader: Reader, _: Files) -> str:
    return _box("text", block_html(component["content"], reader))


def _section(component: Json, reader: Reader, files: Files) -> str:
    texts = components_html(component["components"], reader, files)
    accessory = components_html([component["accessory"]], reader, files)
    return _box("section", _box("column", texts) + accessory)


def _separator(component: Json, _: Reader, __: Files) -> str:
    classes = "separator"
    if component.get("spacing") == _LARGE:
        classes += " large"
    if component.get("divider", True):
        classes += " line"
    return _box(classes, "")


def _button(component: Json, _: Reader, __: Files) -> str:
    style: int = component["style"]
    label = escape(component.get("label") or "")
    inner = _emoji(component) + (f"<span>{label}</span>" if label else "")
    if style == _LINK_STYLE:
        inner += icon("external")
    return f'<button class="{_BUTTONS[style]}"{_disabled(component)}>{inner}</button>'


def _select(component: Json, reader: Reader, _: Files) -> str:
    names = [
        _emoji(option) + escape(option["label"])
        for option in component.get("options", ())
        if option.get("default")
    ]
    names += [
        escape(reader.named(_SIGNS[value["type"]], str(value["id"])))
        for value in component.get("default_values") or ()
    ]
    if names:
        shown = "".join(f"<b>{name}</b>" for name in names)
    else:
        shown = f"<span>{escape(component.get('placeholder') or '')}</span>"
    return f'<div class="select"{_disabled(component)}>{shown}{icon("chevron")}</div>'


def _thumbnail(component: Json, _: Reader, files: Files) -> str:
    return f'<img class="thumbnail" src="{_source(component["media"], files)}">'


def _gallery(component: Json, _: Reader, files: Files) -> str:
    images = [f'<img src="{_source(item["media"], files)}">' for item in component["items"]]
    return _box("gallery", "".join(images))


def _file(component: Json, _: Reader, files: Files) -> str:
    name = _file_name(component["file"])
    size = f"{len(files[name]) / 1000:.1f} KB"
    facts = f"<a>{escape(name)}</a><small>{size}</small>"
    return _box("file", icon("page") + _box("column", facts))


def _label(component: Json, reader: Reader, files: Files) -> str:
    label = f"<label>{escape(component['label'])}</label>"
    if description := component.get("description"):
        label += f"<small>{escape(description)}</small>"
    return _box("field", label + components_html([component["component"]], reader, files))


def _text_input(component: Json, _: Reader, __: Files) -> str:
    label = component.get("label")
    shown = component.get("value")
    inner = escape(shown) if shown else f"<span>{escape(component.get('placeholder') or '')}</span>"
    tall = " tall" if component.get("style") == _PARAGRAPH else ""
    box = f'<div class="input{tall}">{inner}</div>'
    return _box("field", f"<label>{escape(label)}</label>{box}") if label else box


_DRAWN: Mapping[Kind, Callable[[Json, Reader, Files], str]] = {
    Kind.ROW: _inside("row"),
    Kind.BUTTON: _button,
    Kind.STRING_SELECT: _select,
    Kind.TEXT_INPUT: _text_input,
    Kind.USER_SELECT: _select,
    Kind.ROLE_SELECT: _select,
    Kind.MENTIONABLE_SELECT: _select,
    Kind.CHANNEL_SELECT: _select,
    Kind.SECTION: _section,
    Kind.TEXT: _text,
    Kind.THUMBNAIL: _thumbnail,
    Kind.GALLERY: _gallery,
    Kind.FILE: _file,
    Kind.SEPARATOR: _separator,
    Kind.CONTAINER: _container,
    Kind.LABEL: _label,
}


def icon(name: str) -> str:
    """Return the HTML of one of the style sheet's icons."""
    return f'<i class="icon {name}"></i>'


def _box(css: str, inner: str) -> str:
    return f'<div class="{css}">{inner}</div>'


def _emoji(component: Json) -> str:
    emoji = component.get("emoji")
    return f'<span class="emoji">{escape(emoji["name"])}</span>' if emoji else ""


def _disabled(component: Json) -> str:
    return " disabled" if component.get("disabled") else ""


def _file_name(media: Json) -> str:
    """Return the name of an uploaded file, also when Discord has put its address in place."""
    return PurePosixPath(urlsplit(media["url"]).path).name or urlsplit(media["url"]).netloc


def _source(media: Json, files: Files) -> str:
    name = _file_name(media)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(files[name]).decode()}"
