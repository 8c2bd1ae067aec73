import subprocess
import sys
from pathlib import Path

import pytest

from corpus.indexing.process_memory import available_memory

_GROWS = """
import sys
from corpus.indexing.process_memory import limit_growth
limit_growth(64 * 2**20)
first = bytearray(32 * 2**20)
try:
    bytearray(256 * 2**20)
except MemoryError:
    print("refused")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_a_process_that_grows_past_its_limit_is_refused_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _GROWS], capture_output=True, text=True, check=True
    )
    assert done.stdout == "refused\n"


@pytest.mark.parametrize(
    ("limit", "usage"),
    [
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ],
)
def test_a_container_s_limit_bounds_the_available_memory(
    tmp_path: Path, limit: str, usage: str
) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / limit).write_text("5000\n")
    (tmp_path / usage).write_text("2000\n")
    assert available_memory(tmp_path) == 3000


def test_without_a_limit_the_machine_s_memory_is_available(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    assert 3000 < available_memory(tmp_path) < 2**60
