import subprocess
import sys

import pytest

_GROWS = """
import sys
from corpus.indexing.memory import limit_growth
limit_growth(64 * 2**20)
held = bytearray(32 * 2**20)
try:
    bytearray(256 * 2**20)
except MemoryError:
    print("refused")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and limits what is held")
def test_a_process_that_grows_past_its_limit_is_refused_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _GROWS], capture_output=True, text=True, check=True
    )
    assert done.stdout == "refused\n"
