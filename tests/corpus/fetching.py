"""``python -m tests.corpus.fetching ADDRESS FOLDER``: fetches, and tells what came of it as JSON.

A process of its own, so that its memory is that of the fetch.
"""

import json
import sys
from pathlib import Path

from corpus.archive.repository import update
from corpus.errors import CorpusError
from corpus.remote import Remote


def peak_mb() -> float:
    """Return the most memory that this process ever had; 0 where it is not known.

    Not getrusage: its figure is that of the parent, if that was larger when it started this one.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    lines = status.read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Fetch."""
    address, folder = sys.argv[1:]
    files, problem = 0, None
    try:
        checkout, problem = update(Remote.parse(address), Path(folder), lambda _: None)
        files = len(checkout.files)
    except CorpusError as error:
        problem = str(error)
    print(json.dumps({"files": files, "problem": problem, "peak_mb": peak_mb()}))  # noqa: T201


if __name__ == "__main__":
    main()
