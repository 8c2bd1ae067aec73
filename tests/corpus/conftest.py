from collections.abc import Callable
from pathlib import Path

import pytest

WritePost = Callable[..., Path]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    root = tmp_path / "archive"
    root.mkdir()
    return root


@pytest.fixture
def write_post(archive: Path) -> WritePost:
    return post_writer(archive)


def post_writer(root: Path) -> WritePost:
    """Return what writes one post into the archive at ``root``."""

    def write(name: str, *paragraphs: str, **front: str) -> Path:
        fields = {"title": name, "author": "Footnote", "categories": "[ 小站 ]", **front}
        header = "".join(f"{key}: {value}\n" for key, value in fields.items())
        path = root / f"{name}.md"
        path.write_text(f"---\n{header}---\n\n" + "\n\n".join(paragraphs) + "\n", "utf-8")
        return path

    return write


@pytest.fixture
def data_dir(tmp_path: Path, dictionary_cache: Path) -> Path:
    path = tmp_path / "var"
    path.mkdir()
    (path / dictionary_cache.name).hardlink_to(dictionary_cache)
    return path
