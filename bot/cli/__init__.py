"""What can be done in a terminal?"""

import shutil
import sys
from pathlib import Path


def program() -> str:
    """Return what the user types before a command of this program."""
    script = Path(sys.argv[0])
    if script.stem == "footnote":  # also of footnote.exe
        return _typed(script, "footnote")
    return f"{_typed(Path(sys.executable), 'python')} -m bot"


def _typed(path: Path, name: str) -> str:
    """Return ``name``, or ``path`` where the shell finds another program, or none, by that name."""
    found = shutil.which(name)
    is_found = found is not None and Path(found) == path.absolute()
    if is_found or not path.absolute().is_relative_to(Path.cwd()):
        return name
    return str(path.absolute().relative_to(Path.cwd()))
