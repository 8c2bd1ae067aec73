"""The environment and ``.env`` -> one frozen Settings; every problem is reported at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from dotenv.parser import parse_stream

from bot.database_url import DatabaseUrl
from bot.errors import SettingsError
from bot.unknown_variables import misspelt_in_environment, unknown_in_dotenv
from corpus import (
    SAMPLE_ARCHIVE,
    CorpusError,
    Hidden,
    Library,
    Remote,
    WrongArchiveError,
    check_search_url,
    is_cluster,
    is_loopback,
    is_remote,
    uncompiled,
)

LOCALES = ("zh-TW", "zh-CN", "en-US")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")

SECRET_SETTINGS = ("DISCORD_TOKEN", "ARCHIVE", "SEARCH_URL", "DATABASE_URL", "SENTRY_DSN")
"""Settings whose values may hold a secret."""

EXAMPLE = Path(__file__).with_name("env.example")
"""A ``.env`` to fill in, which explains every variable and has its default."""
DOTENV = ".env"
OWN_SYNONYMS = "synonyms.txt"
"""Name of the file of words edited on Discord, in the data folder."""
ENVIRONMENT, DEFAULT = "environment", "default"
"""The other sources of a value."""

MAX_ARCHIVE_NAME_CHARS = 20  # fits every text of Discord's that holds it
MAX_EXAMPLE_CHARS = 60  # fits a button

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LAST_PORT = 65_535
_MAX_SHARDS = 16_384
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting, as the example describes it."""

    name: str
    default: str
    """As written; may be empty."""
    explanation: str
    """One sentence or a few, on one line."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables as written, not yet parsed. May hold secrets."""

    real: Mapping[str, str] = field(repr=False)
    dotenv: Mapping[str, str] = field(repr=False)
    problems: tuple[str, ...] = ()
    """A sentence for each unreadable line of ``.env``."""
    unknown: tuple[str, ...] = ()
    """A sentence for each variable that nothing reads, without its value."""

    @classmethod
    def read(cls, environ: Mapping[str, str], cwd: Path) -> "Environment":
        """Return ``environ`` over ``cwd/.env``, which need not exist."""
        problems: list[str] = []
        lines: dict[str, int] = {}
        dotenv = _read_dotenv(cwd / DOTENV, lines, problems)
        known = {variable.name for variable in variables()}
        unknown = unknown_in_dotenv(DOTENV, lines, known) + misspelt_in_environment(environ, known)
        return cls(environ, dotenv, tuple(problems), tuple(unknown))

    def written(self, name: str) -> str:
        """Return the value of a variable; empty, as unset is."""
        # A variable set to nothing hides the value of .env, so that it can be taken back.
        return (self.real if name in self.real else self.dotenv).get(name, "").strip()

    def source(self, name: str) -> str:
        """Return the name of the value's source."""
        if not self.written(name):
            return DEFAULT
        return ENVIRONMENT if name in self.real else DOTENV


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` in any ``seconds``."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class ShardRange:
    """Some shards, of ``count`` in all."""

    first: int
    last: int
    count: int

    @property
    def ids(self) -> range:
        """Their numbers."""
        return range(self.first, self.last + 1)

    def __str__(self) -> str:
        """Return them in words."""
        return f"{self.first} to {self.last} of {self.count}"


@dataclass(frozen=True, slots=True)
class Settings:
    """The checked settings, with defaults filled in."""

    archive: Path | Remote
    """The folder of posts, absolute, or the git repository that holds them."""
    data_dir: Path
    """The folder of the index and the state; absolute, may not exist yet."""
    token: str | None = field(default=None, repr=False)
    """Needed by a running bot only; left out of every representation."""
    admin_ids: frozenset[int] = frozenset()
    """Users who may run the archive's commands beside the application's owner or team."""
    admin_guild: int | None = None
    """The one server that sees the archive's commands; ``None``: all, restricted."""
    user_dict: Path | None = None
    """File of words that must stay whole."""
    search_url: str = field(default="", repr=False)
    """Names the search engine, and may hold a password; empty: the local one, which keeps its index
    in ``data_dir``."""
    database_url: DatabaseUrl | None = None
    """The database of the state; ``None``: it is a file in ``data_dir``."""
    shards: ShardRange | None = None
    """The only shards of the gateway that this process connects; ``None``: all, or with a database
    its share of them."""
    synonyms: Path | None = None
    """File of words that mean the same, never written to; ``None``: they are edited on Discord, see
    :attr:`own_synonyms`."""
    ask_cooldown: Rate | None = Rate(8, 60)
    """For each user; ``None``: no limit."""
    reindex_every: int | None = 6 * 3600
    """Seconds between two reindexes; ``None``: only by command."""
    git_poll: int | None = 5 * 60
    """Seconds between two checks of a repository for a new commit; ``None``: never."""
    archive_name: str = ""
    """What texts call the archive; empty: as each language has it."""
    archive_examples: tuple[str, ...] = ()
    """Questions that ``/help`` begins with; empty: asked ones, and titles."""
    default_locale: str = "zh-TW"
    """Language of public answers where the server has set none."""
    port: int | None = None
    """Port of the health endpoint; ``None`` disables it."""
    health_host: str = "127.0.0.1"
    log_level: str = "INFO"
    log_format: str = "text"
    api_url: str | None = None
    """Address of an API proxy, without a slash at the end; ``None``: Discord itself."""
    sentry_dsn: str | None = field(default=None, repr=False)
    """Where errors are reported; ``None``: nowhere."""
    unknown_variables: tuple[str, ...] = ()
    """A sentence for each variable that nothing reads, without its value."""

    @property
    def archive_location(self) -> str:
        """The archive's folder or address, never with a password."""
        return self.archive.name if isinstance(self.archive, Remote) else str(self.archive)

    @property
    def own_synonyms(self) -> Path:
        """File of the synonyms edited on Discord, if no database has them; may not exist."""
        return self.data_dir / OWN_SYNONYMS

    @property
    def secrets(self) -> frozenset[str]:
        """Texts that no log, message or file may hold."""
        found = set(self.archive.secrets if isinstance(self.archive, Remote) else ())
        if self.database_url is not None:
            found |= self.database_url.secrets
        password = urlsplit(self.search_url).password or ""
        key = urlsplit(self.sentry_dsn or "").username or ""
        return frozenset((found | {self.token or "", password, unquote(password), key}) - {""})

    @property
    def shares_index(self) -> bool:
        """Whether all processes that share the database answer from one index."""
        return self.database_url is not None and is_cluster(self.search_url)

    def library(self, hidden: Hidden | None = None) -> Library:
        """Return the library of these settings, not opened yet.

        Args:
            hidden: the hidden articles, where they are not in a file of the data folder.

        Raises:
            CorpusError: the user dictionary or the synonyms cannot be read.
        """
        synonyms = self.synonyms
        if synonyms is None and self.database_url is None and self.own_synonyms.is_file():
            synonyms = self.own_synonyms
        return Library(
            self.archive,
            self.data_dir,
            user_dict=self.user_dict,
            synonyms=synonyms,
            search_url=self.search_url,
            hidden=hidden,
        )

    @property
    def for_a_command(self) -> "Settings":
        """The same for a command, which ends before the search would have been compiled."""
        return replace(self, search_url=uncompiled(self.search_url))


def load(environ: Mapping[str, str], cwd: Path) -> Settings:
    """Return the settings of ``environ`` over those of ``cwd/.env``.

    A variable that is set but empty counts as unset. Names that are not ours are ignored, but see
    :attr:`Settings.unknown_variables`.

    Raises:
        SettingsError: one or more values cannot be used; its ``problems`` name all of them.
    """
    environment = Environment.read(environ, cwd)
    problems = list(environment.problems)

    def read(name: str, default: _T, parse: Callable[[str], _T], *, secret: bool = False) -> _T:
        written = environment.written(name)
        if not written:
            return default
        try:
            return parse(written)
        except ValueError as error:
            found = "" if secret else f"; it is “{written[:80]}”"
            problems.append(f"{name} {error}{found}.")
            return default

    def folder(written: str) -> Path:
        return (cwd / Path(written).expanduser()).resolve()

    hosts = read("GIT_HOSTS", (), _hosts)
    settings = Settings(
        token=read("DISCORD_TOKEN", None, _token, secret=True),
        archive=read(
            "ARCHIVE", sample_archive(), lambda text: _archive(text, hosts, folder), secret=True
        ),
        data_dir=read("DATA_DIR", folder("var"), lambda text: _data_dir(folder(text))),
        admin_ids=read("ADMIN_IDS", frozenset[int](), _ids),
        admin_guild=read("ADMIN_GUILD", None, _id),
        user_dict=read("USER_DICT", None, lambda text: _file(folder(text))),
        search_url=read("SEARCH_URL", "", _search_url, secret=True),
        database_url=read("DATABASE_URL", None, _database_url, secret=True),
        shards=read("SHARDS", None, _shards),
        synonyms=read("SYNONYMS", None, lambda text: _file(folder(text))),
        ask_cooldown=read("ASK_COOLDOWN", Rate(8, 60), _rate),
        reindex_every=read("REINDEX_EVERY", 6 * 3600, _span),
        git_poll=read("GIT_POLL", 5 * 60, _span),
        archive_name=read("ARCHIVE_NAME", "", _archive_name),
        archive_examples=read("ARCHIVE_EXAMPLES", (), _examples),
        default_locale=read("DEFAULT_LOCALE", "zh-TW", _one_of(LOCALES)),
        port=read("PORT", None, _port),
        health_host=read("HEALTH_HOST", "127.0.0.1", _host),
        log_level=read("LOG_LEVEL", "INFO", lambda text: _one_of(LOG_LEVELS)(text.upper())),
        log_format=read("LOG_FORMAT", "text", lambda text: _one_of(LOG_FORMATS)(text.lower())),
        api_url=read("DISCORD_API_URL", None, _api_url),
        sentry_dsn=read("SENTRY_DSN", None, _sentry_dsn, secret=True),
        unknown_variables=environment.unknown,
    )
    if found := problems or _contradictions(settings):
        raise SettingsError(tuple(found))
    return settings


def _contradictions(settings: Settings) -> list[str]:
    """Return a sentence for each pair of values that contradict each other."""
    found: list[str] = []
    if settings.archive == settings.data_dir:
        found.append(
            "ARCHIVE and DATA_DIR are the same folder: what is in DATA_DIR may be deleted, so keep"
            " the posts elsewhere."
        )
    if settings.admin_guild in settings.admin_ids:
        found.append(
            f"ADMIN_IDS and ADMIN_GUILD both hold {settings.admin_guild}, which is a user or a"
            " server and cannot be both: copy the ID again."
        )
    if settings.user_dict is not None and settings.user_dict == settings.synonyms:
        found.append(
            "USER_DICT and SYNONYMS are the same file: words that stay whole and words that mean"
            " the same are written differently, so use two."
        )
    return found


def sample_archive() -> Path:
    """Return the small archive that comes with the package."""
    return SAMPLE_ARCHIVE


def _token(text: str) -> str:
    if not re.fullmatch(r"[!-~]{20,}", text):
        raise ValueError("does not look like a bot token: copy it again, whole and without spaces")
    return text


def _archive(text: str, hosts: tuple[str, ...], folder: Callable[[str], Path]) -> Path | Remote:
    if is_remote(text):
        try:
            return Remote.parse(text, hosts)
        except WrongArchiveError as error:
            raise ValueError(str(error)) from error
    path = folder(text)
    if not path.is_dir():
        raise ValueError(
            "must be a folder that exists or the https address of a git repository;"
            f" it is “{text[:80]}”"
        )
    return path


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(part.lower() for part in re.split(r"[\s,]+", text) if part)
    if not all(re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:]+", host) for host in hosts):
        raise ValueError("must be host names with commas between, like github.com, gitlab.com")
    return hosts


def _data_dir(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise ValueError("must be a folder")
    return path


def _search_url(text: str) -> str:
    try:
        check_search_url(text)
    except CorpusError as error:
        raise ValueError(str(error)) from error
    return text


def _database_url(text: str) -> DatabaseUrl:
    url = DatabaseUrl.parse(text)
    if find_spec("psycopg") is None:
        raise ValueError(
            "names a PostgreSQL, whose client is not installed:"
            " run pip install psycopg[binary] alembic sqlalchemy"
        )
    return url


def _shards(text: str) -> ShardRange:
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?/([0-9]{1,5})", text)
    shards = ShardRange(int(match[1]), int(match[2] or match[1]), int(match[3])) if match else None
    if shards is None or not shards.first <= shards.last < shards.count <= _MAX_SHARDS:
        raise ValueError(
            "must be shards and the number of all of them, like 0-3/16, where the first shard is 0"
            " and the last 15"
        )
    return shards


def _file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("must be a file that exists")
    return path


def _id(text: str) -> int:
    if not re.fullmatch(r"[0-9]{15,19}", text):
        raise ValueError("must be a Discord ID of 15 to 19 digits")
    return int(text)


def _ids(text: str) -> frozenset[int]:
    try:
        return frozenset(_id(part) for part in re.split(r"[\s,]+", text) if part)
    except ValueError as error:
        raise ValueError("must be Discord IDs of 15 to 19 digits with commas between") from error


def _rate(text: str) -> Rate | None:
    if text == "0":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})([smh])", text)
    if not match:
        raise ValueError("must be questions by time, like 8/60s or 100/1h, or 0 for no limit")
    return Rate(int(match[1]), int(match[2]) * _UNIT_SECONDS[match[3]])


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= _LAST_PORT:
        raise ValueError(f"must be a port, a number from 1 to {_LAST_PORT}")
    return int(text)


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", text):
        raise ValueError("must be an address of this machine, like 127.0.0.1 or 0.0.0.0")
    return text


def _archive_name(text: str) -> str:
    # It stands in Discord's markdown, and in the name of a command.
    if len(text) > MAX_ARCHIVE_NAME_CHARS or re.search(
        r"[\s*_~`|<>@#\[\]()\\]", text.replace(" ", "")
    ):
        raise ValueError(
            f"must be a name of at most {MAX_ARCHIVE_NAME_CHARS} characters, no markdown among them"
        )
    return text


def _examples(text: str) -> tuple[str, ...]:
    examples = tuple(filter(None, map(str.strip, text.split("|"))))
    if any(len(example) > MAX_EXAMPLE_CHARS for example in examples):
        raise ValueError(
            f"must be questions of at most {MAX_EXAMPLE_CHARS} characters with | between"
        )
    return examples


def _span(text: str) -> int | None:
    if text == "0":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text)
    if not match:
        raise ValueError("must be a time like 30m, 6h or 1d, or 0 for never")
    return int(match[1]) * _UNIT_SECONDS[match[2]]


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return parse


def _api_url(text: str) -> str:
    parts = urlsplit(text)
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not (plain and safe and parts.hostname):
        raise ValueError("must be an https address, or an http one on this machine")
    return text.rstrip("/")


def _sentry_dsn(text: str) -> str:
    parts = urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not (safe and parts.hostname and parts.username and re.search(r"/[0-9]+$", parts.path)):
        raise ValueError(
            "must be the DSN of a project, like https://key@sentry.example.org/1 (http on this"
            " machine only)"
        )
    if find_spec("sentry_sdk") is None:
        raise ValueError("needs a package that is not installed: run pip install sentry-sdk")
    return text


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


def _read_dotenv(path: Path, lines: dict[str, int], problems: list[str]) -> dict[str, str]:
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
        # A statement includes the blank lines above it.
        blank = statement[: len(statement) - len(statement.lstrip())]
        line = binding.original.line + len(re.findall(r"\r\n|\n|\r", blank))
        if binding.error or (binding.key is not None and binding.value is None):
            problems.append(f"{path.name} line {line} cannot be read: write NAME=value.")
        elif binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
            lines[binding.key] = line
    return values
