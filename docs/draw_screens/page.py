"""One thing the bot shows -> a page that looks like Discord around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, MONOKAI

from bot.chart import Chart
from docs.draw_screens.components import components_html, icon
from docs.draw_screens.reader import Reader

_STYLE = Path(__file__).with_name("style.css")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the bot."""

    command: str | None
    """What was called, as the reader's language names it; ``None``: the bot spoke by itself."""
    components: Sequence[Mapping[str, Any]]
    is_ephemeral: bool
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    charts: Mapping[str, Chart] = field(default_factory=dict[str, Chart])
    """What the pictures among the files show."""

    def html(self, reader: Reader) -> str:
        """Return its HTML, with who asked above and who can see it below."""
        chrome = reader.chrome
        body = components_html(self.components, reader, self.files)
        called = (
            f'<div class="called"><i></i><b>{escape(chrome.reader)}</b> {escape(chrome.used)}'
            f' <span class="mention">{escape(self.command)}</span></div>'
            if self.command
            else ""
        )
        footer = (
            f'<div class="only-you">{icon("eye")}{escape(chrome.only_you)} · '
            f"<a>{escape(chrome.dismiss)}</a></div>"
            if self.is_ephemeral
            else ""
        )
        return (
            f'<div class="message{" ephemeral" if self.is_ephemeral else ""}">{called}'
            '<div class="avatar">¹</div><div class="body"><div class="name"><b>Footnote</b>'
            f"<em>APP</em><time>{escape(chrome.today)}</time></div>{body}{footer}</div></div>"
        )


@dataclass(frozen=True, slots=True)
class Modal:
    """A form that the bot shows."""

    payload: Mapping[str, Any]

    def html(self, reader: Reader) -> str:
        """Return its HTML."""
        chrome = reader.chrome
        body = components_html(self.payload["components"], reader, {})
        return (
            f'<div class="modal"><h2>{escape(self.payload["title"])}</h2>{body}'
            f'<div class="row"><button class="secondary">{escape(chrome.cancel)}</button>'
            f'<button class="primary">{escape(chrome.submit)}</button></div></div>'
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """What is offered while an option is typed."""

    command: str
    option: str
    typed: str
    choices: Sequence[Mapping[str, Any]]

    def html(self, _: Reader) -> str:
        """Return the HTML of the list and of the line that is typed below it."""
        offered = "".join(f"<div>{escape(choice['name'])}</div>" for choice in self.choices)
        return (
            f'<div class="typing"><div class="choices"><small>{escape(self.option)}</small>'
            f'{offered}</div><div class="typed"><b>{escape(self.command)}</b>'
            f" <span><i>{escape(self.option)}</i>{escape(self.typed)}</span></div></div>"
        )


@dataclass(frozen=True, slots=True)
class Terminal:
    """What a command line shows; it looks like no part of Discord."""

    console: Console
    """Has recorded it."""

    def html(self, reader: Reader) -> str:
        """Return its HTML."""
        theme = MONOKAI if reader.theme == "dark" else DEFAULT_TERMINAL_THEME
        code = self.console.export_html(
            theme=theme, clear=False, code_format="{code}", inline_styles=True
        )
        background = theme.background_color.hex
        foreground = theme.foreground_color.hex
        return (
            f'<pre class="terminal" style="background:{background};color:{foreground}">{code}</pre>'
        )


Shown = Message | Modal | Choices | Terminal


def page_html(shown: Shown, reader: Reader, *, width: int) -> str:
    """Return a page whose element ``#screen`` is ``width`` CSS pixels wide."""
    return (
        f'<!DOCTYPE html><html lang="{reader.locale}"><meta charset="utf-8">'
        f"<style>{_STYLE.read_text('utf-8')}</style>"
        f'<body class="{reader.theme}"><div id="screen" style="width:{width}px">'
        f"{shown.html(reader)}</div></body></html>"
    )
