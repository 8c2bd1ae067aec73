"""Where a setting is written: the real environment, ``.env``, or nowhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

EXAMPLE = Path(__file__).with_name("env.example")
"""What explains every variable, with its default: a ``.env`` to fill in."""
DOTENV = ".env"
ENVIRONMENT, DEFAULT = "environment", "default"
"""Where else a value may come from."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting, as its example says it."""

    name: str
    default: str
    """As it would be written; may be empty."""
    explanation: str
    """One sentence or a few, on one line."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables as written, before anything of them is understood. May hold secrets."""

    real: Mapping[str, str] = field(repr=False)
    dotenv: Mapping[str, str] = field(repr=False)
    problems: tuple[str, ...] = ()
    """What of ``.env`` cannot be read, a sentence each."""

    @classmethod
    def read(cls, environ: Mapping[str, str], cwd: Path) -> "Environment":
        """Return ``environ`` over ``cwd/.env``, which need not exist."""
        problems: list[str] = []
        return cls(environ, _read_dotenv(cwd / DOTENV, problems), tuple(problems))

    def written(self, name: str) -> str:
        """Return the value of a variable; empty, as unset is."""
        # One that is set but empty also hides what .env says: so a keeper takes a value back.
        return (self.real if name in self.real else self.dotenv).get(name, "").strip()

    def source(self, name: str) -> str:
        """Return where the value comes from, in words."""
        if not self.written(name):
            return DEFAULT
        return ENVIRONMENT if name in self.real else DOTENV


def variables() -> Iterator[Variable]:
    """Yield every variable in the order of the example."""
    comment: list[str] = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comment.append(line.removeprefix("#").strip())
        elif "=" in line:
            name, default = line.split("=", 1)
            yield Variable(name, default, " ".join(comment))
            comment = []
        else:
            comment = []


def _read_dotenv(path: Path, problems: list[str]) -> dict[str, str]:
    # Without interpolation: a token or a path may hold a $.
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        problems.append(f"{path} cannot be read: save it as UTF-8.")
        return {}
    except OSError as error:
        problems.append(f"{path} cannot be read: {error.strerror}.")
        return {}
    values: dict[str, str] = {}
    for binding in parse_stream(StringIO(text)):
        statement = binding.original.string
        # A statement begins with the blank lines above it.
        blank = statement[: len(statement) - len(statement.lstrip())]
        line = binding.original.line + len(re.findall(r"\r\n|\n|\r", blank))
        if binding.error or (binding.key is not None and binding.value is None):
            problems.append(f"{path.name} line {line} cannot be read: write NAME=value.")
        elif binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
    return values
