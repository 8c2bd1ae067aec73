"""Temporary folders are removed with their process, or by the next one."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from corpus.scratch import ScratchFolder, remove_stale

HOLDER = """
import time
from corpus.scratch import ScratchFolder
folder = ScratchFolder()
(folder.path / "draft").write_text("half")
print(folder.path, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files, empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def left_over(folder: Path, name: str = "footnote-tmp-abcdefgh") -> Path:
    path = folder / name
    path.mkdir(mode=0o700)
    (path / "draft").write_text("half")
    return path


def test_a_folder_is_removed_when_its_use_ends(temporary: Path) -> None:
    with ScratchFolder() as folder:
        (folder.path / "draft").write_text("half")
        folder.close()
    assert not list(temporary.iterdir())


def test_a_folder_that_nobody_closes_is_removed_with_its_object(temporary: Path) -> None:
    folder = ScratchFolder()
    assert folder.path.parent == temporary
    del folder
    assert not list(temporary.iterdir())


def test_the_folder_of_a_living_process_stays_and_that_of_a_killed_one_goes(
    temporary: Path,
) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        folder = Path(holder.stdout.readline().decode().strip())
        # However old it looks.
        os.utime(folder, (0, 0))
        remove_stale()
        assert (folder / "draft").exists()
        holder.kill()
    remove_stale()
    assert not list(temporary.iterdir())


def test_a_link_by_such_a_name_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    precious = left_over(tmp_path, "precious")
    (temporary / "footnote-tmp-abcdefgh").symlink_to(precious)
    inside = left_over(temporary, "footnote-tmp-ijklmnop")
    (inside / "link").symlink_to(precious)
    remove_stale()
    assert (precious / "draft").exists()
    assert [path.name for path in temporary.iterdir()] == ["footnote-tmp-abcdefgh"]


def test_another_users_folder_stays(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = left_over(temporary)
    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    remove_stale()
    assert folder.exists()


@pytest.mark.parametrize(
    "name", ["footnote-backup", "footnote-tmp", "footnote-tmp-of-mine", "other-abcdefgh"]
)
def test_what_its_keeper_has_named_stays(temporary: Path, name: str) -> None:
    folder = left_over(temporary, name)
    remove_stale()
    assert folder.exists()
