"""Only one bot runs in a data folder, and a killed one is out of the way at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import DataFolderError
from bot.single_instance import single_instance

HOLDER = """
import sys
from pathlib import Path
from bot.single_instance import single_instance

with single_instance(Path(sys.argv[1])):
    print("alone", flush=True)
    sys.stdin.read()
"""


def test_a_second_bot_is_kept_off_until_the_first_has_ended(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "var"
    with (
        single_instance(folder),
        pytest.raises(DataFolderError, match="Another bot is running"),
        single_instance(folder),
    ):
        pass
    with single_instance(folder), single_instance(tmp_path):
        pass


def test_a_bot_that_was_killed_is_out_of_the_way(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"alone\n"
        with pytest.raises(DataFolderError), single_instance(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with single_instance(tmp_path):
            pass


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    cannot = pytest.raises(DataFolderError, match="var cannot be used: File exists")
    with cannot, single_instance(tmp_path / "var"):
        pass


def test_what_goes_wrong_inside_is_not_the_folders_fault(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="another matter"), single_instance(tmp_path):
        raise OSError("another matter")
