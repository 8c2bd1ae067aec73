"""Pages -> PNG files, by a headless Chromium of the system's and with few colours."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from PIL import Image, PngImagePlugin
from playwright.sync_api import Page, Route, sync_playwright

SCALE = 2  # pixels a CSS pixel has
COLOURS = 64
_ORIGIN = "http://screens.invalid"


class Camera:
    """A browser window that takes pictures and reaches nothing outside."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._html = ""
        page.route("**/*", self._serve)

    def take(self, html: str, width: int, path: Path, *, payload: str) -> None:
        """Write a picture of the page's ``#screen``, in a window of ``width`` CSS pixels.

        ``payload`` is written into it: the digest of what it shows.
        """
        self._open(html, width)
        picture = Image.open(io.BytesIO(self._page.locator("#screen").screenshot()))
        few = picture.convert("RGB").quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)
        about = PngImagePlugin.PngInfo()
        about.add_text("payload", payload)
        few.save(path, optimize=True, pnginfo=about)

    def height(self, html: str, width: int) -> float:
        """Return the height of the page's ``#screen`` in CSS pixels."""
        self._open(html, width)
        box = self._page.locator("#screen").bounding_box()
        assert box is not None
        return box["height"]

    def _open(self, html: str, width: int) -> None:
        self._html = html
        self._page.set_viewport_size({"width": width, "height": 800})
        self._page.goto(_ORIGIN)
        self._page.evaluate("document.fonts.ready")

    def _serve(self, route: Route) -> None:
        match route.request.url.removeprefix(_ORIGIN):
            case "/":
                route.fulfill(body=self._html, content_type="text/html; charset=utf-8")
            case "/latin.ttf":
                route.fulfill(path=_font("noto-sans-latin-v*.ttf"))
            case "/emoji.ttf":
                route.fulfill(path=_font("noto-color-emoji-v*.ttf"))
            case _:
                route.abort()


@contextmanager
def camera() -> Iterator[Camera]:
    """Open a browser for as long as pictures are taken.

    Raises:
        FileNotFoundError: the system has no Chromium.
    """
    executable = shutil.which("chromium")
    if executable is None:
        raise FileNotFoundError("There is no chromium (Debian: chromium, fonts-noto-cjk).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        yield Camera(browser.new_page(device_scale_factor=SCALE))
        browser.close()


def _font(pattern: str) -> Path:
    """Return a font that simcord brings: systems have different ones, or none."""
    fonts = Path(str(files("simcord"))) / "preview" / "static" / "fonts"
    [font] = fonts.glob(pattern)
    return font
