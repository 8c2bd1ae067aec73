"""What can be done in a terminal?"""

import sys
from pathlib import Path


def program() -> str:
    """Return what the user types before a command of this program."""
    name = Path(sys.argv[0]).stem  # of a script, also of footnote.exe
    return name if name == "footnote" else "python -m bot"
