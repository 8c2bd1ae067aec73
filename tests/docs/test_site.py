"""The site of the documentation: every link leads somewhere, and no reader's browser is sent elsewhere."""

import re
from pathlib import Path

import pytest

from docs.build_site import build, lay_out


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    lay_out(folder / "pages")
    return folder / "pages"


def test_the_site_builds_and_loads_nothing_from_elsewhere(pages: Path) -> None:
    assert build(pages.parent) == 0
    html = pages.parent / "html"
    for page in ("index", "docs/quickstart.zh-TW", "docs/commands.zh-CN", "docs/screens/zh-TW"):
        assert (html / f"{page}.html").is_file(), page
    shown = (html / "docs/screens/index.html").read_text("utf-8")
    assert "ask.en-US.light.phone.png" in shown
    assert "zh-TW.light.phone.png" not in shown
    loads = re.compile(
        r"""<(?:script|img|iframe|link)\b[^>]*(?:src|href)=["']?(?:https?:)?//[^>]*>"""
    )
    found = {tag for page in html.rglob("*.html") for tag in loads.findall(page.read_text("utf-8"))}
    assert found == set()
    styles = [style.read_text("utf-8") for style in html.rglob("*.css")]
    assert styles
    assert not [style for style in styles if re.search(r"url\([\"']?(?:https?:)?//", style)]


@pytest.mark.parametrize("link", ["[x](docs/nowhere.md)", "[x](docs/hosting.md#nowhere)"])
def test_a_dead_link_is_an_error(pages: Path, link: str) -> None:
    readme = pages / "README.md"
    before = readme.read_text("utf-8")
    readme.write_text(f"{before}\n{link}\n", encoding="utf-8")
    assert build(pages.parent) == 1
    readme.write_text(before, encoding="utf-8")
