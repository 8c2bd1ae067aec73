"""Builds the documentation as a site: ``python -m docs.build_site``.

The pages are linked with each other, and with files such as the Dockerfile, as they lie in the
repository. So they are laid out like that beside each other, with galleries of ``docs/screens``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCREENS = "docs/screens"
_LINKED = (
    "README.md",
    "CHANGELOG.md",
    "PRIVACY.md",
    "SECURITY.md",
    "LICENSE",
    "Dockerfile",
    "compose.yaml",
    ".env.example",
    "bench/README.md",
    "docs/*.md",
    "docs/*.json",
    "docs/*.yml",
    "docs/*.service",
    "docs/screens/*.png",
    "examples/*",
)
_GALLERIES = {"en-US": ("index", "Screens"), "zh-TW": ("zh-TW", "畫面"), "zh-CN": ("zh-CN", "界面")}
"""The page and its title, by the language of what it shows."""


def lay_out(pages: Path) -> None:
    """Make the folder ``pages``, in place of an earlier one, of what the site is built from."""
    shutil.rmtree(pages, ignore_errors=True)
    for pattern in _LINKED:
        for path in ROOT.glob(pattern):
            copy = pages / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    readme = pages / "README.md"
    # On a forge that is a list of files.
    linked = readme.read_text("utf-8").replace(f"({SCREENS})", f"({SCREENS}/index.md)")
    readme.write_text(linked, encoding="utf-8")
    for locale, (page, title) in _GALLERIES.items():
        text = gallery(pages / SCREENS, locale, title)
        (pages / SCREENS / f"{page}.md").write_text(text, encoding="utf-8")


def gallery(folder: Path, locale: str, title: str) -> str:
    """Return a page of the pictures in ``locale``, those of a scene below its name."""
    scenes: dict[str, list[str]] = {}
    for picture in sorted(folder.glob(f"*.{locale}.*.png")):
        scene = picture.name.partition(".")[0]
        scenes.setdefault(scene, []).append(f"![{picture.stem}]({picture.name})")
    parts = [f"# {title}", *(f"## {scene}\n\n" + "\n".join(scenes[scene]) for scene in scenes)]
    return "\n\n".join(parts) + "\n"


def build(folder: Path) -> int:
    """Build what ``folder / "pages"`` holds into ``folder / "html"``.

    Returns:
        the exit status, which is not 0 where a link leads nowhere or a page is in no menu.
    """
    shutil.copy(ROOT / "docs" / "mkdocs.yml", folder)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean"]
    # Else it advertises a successor on every run.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode  # noqa: S603 (our own)


if __name__ == "__main__":
    place = ROOT / "build" / "site"
    lay_out(place / "pages")
    sys.exit(build(place))
