"""Variables that nothing reads: all of them in ``.env``, and misspelt ones in the environment.

Only names are told, and no name that may be a secret: a token pasted before a ``=`` is a name, too.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

_MIN_SIMILARITY = 0.85
"""Of a name in the environment, which has many that are not ours: LOGLEVEL, no NPM_LOG_LEVEL."""
_MIN_SIMILARITY_DOTENV = 0.7
"""Of a name in ``.env``, where every name is meant for this bot: also DISCORD_BOT_TOKEN."""
_MIN_CHARS = 6
"""Of a name of ours for others to be like it: too many are one letter from PORT."""
_OF_COMPOSE = re.compile(r"COMPOSE_[A-Z_]+|POSTGRES_PASSWORD")
"""What Docker Compose reads of the same file."""
_PLAIN = re.compile(r"[A-Z]+(_[A-Z]+)*")


def unknown_in_dotenv(file: str, lines: Mapping[str, int], known: Collection[str]) -> list[str]:
    """Return a sentence for each variable of a ``.env`` that is not ``known``.

    Args:
        file: its name.
        lines: the number of the line that sets each variable.
        known: the names of all variables that are read.
    """
    return [
        _sentence(f"{file} line {line}", name, _nearest(name, known, _MIN_SIMILARITY_DOTENV))
        for name, line in lines.items()
        if name not in known and not _OF_COMPOSE.fullmatch(name)
    ]


def misspelt_in_environment(names: Iterable[str], known: Collection[str]) -> list[str]:
    """Return a sentence for each variable that is not ``known`` but almost is, in their order."""
    found = ((name, _nearest(name, known, _MIN_SIMILARITY)) for name in sorted(names))
    return [
        _sentence("The environment", name, nearest)
        for name, nearest in found
        if nearest is not None and name not in known
    ]


def _nearest(name: str, known: Collection[str], min_similarity: float) -> str | None:
    candidates = [other for other in known if len(other) >= _MIN_CHARS or other == name.upper()]
    return next(iter(get_close_matches(name.upper(), candidates, 1, min_similarity)), None)


def _sentence(where: str, name: str, nearest: str | None) -> str:
    if nearest is not None:
        # So like one of ours that it is no secret.
        return f"{where} sets {name}, which nothing reads: is {nearest} meant?"
    shown = name if _PLAIN.fullmatch(name) else "a variable"
    return f"{where} sets {shown}, which nothing reads."
