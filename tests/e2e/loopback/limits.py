"""limits: would Discord take this message? Lengths and counts that it enforces on the server.

They come from Discord's published API description, and where that is silent (sums, nesting, what
excludes what) from its reference pages. A message is checked whole, as it would be after an edit.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.e2e.loopback.api_error import ApiError, Faults, Path

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

LOADING = 1 << 7
EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15


class Kind(IntEnum):
    """Component types whose limits are checked; inputs and labels stand in modals only."""

    ROW = 1
    BUTTON = 2
    SELECT = 3
    TEXT_INPUT = 4
    SECTION = 9
    TEXT = 10
    GALLERY = 12
    CONTAINER = 17
    LABEL = 18


SELECTS = frozenset({3, 5, 6, 7, 8})
LINK_STYLE = 5

EMBED_SUM = 6000
COMPONENT_SUM = 40
TEXT_SUM = 4000
TEXT_BYTES = 10_170
"""UTF-8 bytes of all text displays and 12 for each: past it Discord was seen to answer 500
(discord/discord-api-docs#8554). 3,386 Chinese characters reach it before the 4,000 do."""


def check_message(message: Json) -> None:
    """Refuse a message that Discord would refuse.

    Raises:
        ApiError: 50035 with every fault, or 50006 for an empty message, or Discord's own 500.
    """
    faults = Faults()
    content: str = message.get("content") or ""
    embeds: list[Json] = message.get("embeds") or []
    components: list[Json] = message.get("components") or []
    faults.length(("content",), content, 0, 2000)
    _check_embeds(faults, embeds)
    if message.get("flags", 0) & COMPONENTS_V2:
        _check_v2(faults, message)
    else:
        _check_rows(faults, components)
    _check_components(faults, components)
    faults.raise_if_any()
    if not (content or embeds or components or message.get("attachments")):
        raise ApiError(400, 50006, "Cannot send an empty message")
    texts = [part["content"] for _, part in walk(components) if part.get("type") == Kind.TEXT]
    if sum(len(text.encode()) + 12 for text in texts) > TEXT_BYTES:
        raise ApiError(500, 0, "500: Internal Server Error")


def walk(components: list[Json], path: Path = ("components",)) -> Iterator[tuple[Path, Json]]:
    """Yield every component with its place, the nested ones and accessories too."""
    for number, component in enumerate(components):
        here = (*path, number)
        yield here, component
        yield from walk(component.get("components") or [], (*here, "components"))
        if accessory := component.get("accessory"):
            yield (*here, "accessory"), accessory


def _check_embeds(faults: Faults, embeds: list[Json]) -> None:
    faults.count(("embeds",), embeds, 0, 10)
    total = 0
    for number, embed in enumerate(embeds):
        path = ("embeds", number)
        fields: list[Json] = embed.get("fields") or []
        footer: Json = embed.get("footer") or {}
        author: Json = embed.get("author") or {}
        parts: list[tuple[str | None, Path, int, int]] = [
            (embed.get("title"), (*path, "title"), 0, 256),
            (embed.get("description"), (*path, "description"), 0, 4096),
            (footer.get("text"), (*path, "footer", "text"), 0, 2048),
            (author.get("name"), (*path, "author", "name"), 0, 256),
        ]
        faults.count((*path, "fields"), fields, 0, 25)
        for i, field in enumerate(fields):
            parts.append((field.get("name"), (*path, "fields", i, "name"), 1, 256))
            parts.append((field.get("value"), (*path, "fields", i, "value"), 1, 1024))
        for text, where, least, most in parts:
            faults.length(where, text, least, most)
            total += len(text or "")
        for owner, where in ((embed, path), (author, (*path, "author"))):
            _check_url(faults, (*where, "url"), owner.get("url"), {"http", "https"})
    if total > EMBED_SUM:
        message = f"Embed size exceeds maximum size of {EMBED_SUM}"
        faults.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


def _check_v2(faults: Faults, message: Json) -> None:
    for legacy in ("content", "embeds", "poll", "stickers"):
        if message.get(legacy):
            text = f"The '{legacy}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            faults.add((legacy,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)
    everything = list(walk(message.get("components") or []))
    if not 1 <= len(everything) <= COMPONENT_SUM:
        text = f"Must have between 1 and {COMPONENT_SUM} components in all, has {len(everything)}."
        faults.add(("components",), "BASE_TYPE_BAD_LENGTH", text)
    written = sum(
        len(part.get("content") or "") for _, part in everything if part["type"] == Kind.TEXT
    )
    if written > TEXT_SUM:
        text = f"Displayable text size exceeds maximum size of {TEXT_SUM}, is {written}."
        faults.add(("components",), "COMPONENT_MAX_TEXT_SIZE_EXCEEDED", text)


def _check_rows(faults: Faults, components: list[Json]) -> None:
    faults.count(("components",), components, 0, 5)
    for number, row in enumerate(components):
        if row.get("type") != Kind.ROW:
            text = "Only action rows stand in a message without MessageFlags.IS_COMPONENTS_V2."
            faults.add(("components", number, "type"), "UNION_TYPE_CHOICES", text)


def _check_components(faults: Faults, components: list[Json]) -> None:
    seen: set[str] = set()
    for path, component in walk(components):
        children: list[Json] = component.get("components") or []
        match component.get("type"):
            case Kind.ROW:
                selects = any(child.get("type") in SELECTS for child in children)
                faults.count((*path, "components"), children, 1, 1 if selects else 5)
            case Kind.TEXT:
                faults.length((*path, "content"), component.get("content"), 1, TEXT_SUM)
            case Kind.SECTION:
                _check_section(faults, path, component)
            case Kind.CONTAINER:
                faults.count((*path, "components"), children, 1, COMPONENT_SUM)
            case Kind.BUTTON:
                _check_button(faults, path, component)
            case Kind.GALLERY:
                faults.count((*path, "items"), component.get("items") or [], 1, 10)
            case kind if kind in SELECTS:
                check_select(faults, path, component)
        if _is_used(component):
            check_custom_id(faults, path, component, seen)


def _is_used(component: Json) -> bool:
    """Return whether the bot hears of it when someone uses this component."""
    kind = component.get("type")
    return kind in SELECTS or (kind == Kind.BUTTON and component.get("style") != LINK_STYLE)


def _check_section(faults: Faults, path: Path, section: Json) -> None:
    faults.count((*path, "components"), section.get("components") or [], 1, 3)
    if "accessory" not in section:
        faults.add((*path, "accessory"), "BASE_TYPE_REQUIRED", "This field is required")


def check_custom_id(faults: Faults, path: Path, component: Json, seen: set[str]) -> None:
    """Note a fault unless the component has an id of its own; `seen` are those before it."""
    custom_id = component.get("custom_id")
    faults.length((*path, "custom_id"), custom_id, 1, 100)
    if custom_id in seen:
        text = "Component custom id cannot be duplicated"
        faults.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", text)
    seen.add(str(custom_id))


def _check_button(faults: Faults, path: Path, button: Json) -> None:
    faults.length((*path, "label"), button.get("label"), 0, 80)
    if not button.get("label") and not button.get("emoji"):
        text = "A button must have a label or an emoji."
        faults.add((*path, "label"), "BUTTON_COMPONENT_NO_LABEL", text)
    if button.get("style") == LINK_STYLE:
        faults.length((*path, "url"), button.get("url"), 1, 512)
        _check_url(faults, (*path, "url"), button.get("url"), {"http", "https", "discord"})


def check_select(faults: Faults, path: Path, select: Json) -> None:
    """Note what is wrong with a select's placeholder and options."""
    faults.length((*path, "placeholder"), select.get("placeholder"), 0, 150)
    if select.get("type") != Kind.SELECT:
        return
    options: list[Json] = select.get("options") or []
    faults.count((*path, "options"), options, 1, 25)
    values = [option.get("value") for option in options]
    for number, option in enumerate(options):
        here = (*path, "options", number)
        faults.length((*here, "label"), option.get("label"), 1, 100)
        faults.length((*here, "value"), option.get("value"), 1, 100)
        faults.length((*here, "description"), option.get("description"), 0, 100)
        if values.count(option.get("value")) > 1:
            text = "The specified option value is already used"
            faults.add((*here, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)


def _check_url(faults: Faults, path: Path, url: str | None, schemes: set[str]) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        faults.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        return
    if parts.scheme not in schemes:
        text = f'Scheme "{parts.scheme}" is not supported. Scheme must be one of {sorted(schemes)}.'
        faults.add(path, "URL_TYPE_INVALID_SCHEME", text)
    elif not parts.netloc:
        faults.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
