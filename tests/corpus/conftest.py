from collections.abc import Callable
from pathlib import Path

import pytest

from tests.folders import with_dictionary

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
    return with_dictionary(tmp_path / "var", dictionary_cache)
