"""jieba's dictionary in 3 MB and some milliseconds; jieba itself takes 60 MB and most of a second.

jieba keeps each of its words, and each beginning of one, in a dict. Here they are a trie, and their
frequencies an array; both are kept in a file, which is made once.
"""

import logging
import tempfile
from array import array
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import marisa_trie

_MAGIC = b"footnote dictionary 1\n"
_DIGEST_BYTES = 16
_NUMBER_BYTES = 8
_HEADER_BYTES = len(_MAGIC) + _DIGEST_BYTES + 2 * _NUMBER_BYTES

_log = logging.getLogger(__name__)


class Tokenizer(Protocol):
    """The part of jieba's that reads its dictionary."""

    def get_dict_file(self) -> Any:  # noqa: ANN401 (an open file)
        """Open the dictionary."""
        ...

    def gen_pfdict(self, f: Any) -> tuple[dict[str, int], int]:  # noqa: ANN401 (as above)
        """Read words, their beginnings and frequencies, and their sum."""
        ...


class Frequencies:
    """The frequency of words, 0 for beginnings of words; stands in for jieba's dict."""

    def __init__(self, trie: Any, known: "array[int]") -> None:  # noqa: ANN401 (it ships no stubs)
        """Take what is known, by the ids that ``trie``, a :class:`marisa_trie.Trie`, gives."""
        self._trie = trie
        self._known = known
        self._added: dict[str, int] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._added or word in self._trie

    def __getitem__(self, word: str) -> int:
        found = self.get(word)
        if found is None:
            raise KeyError(word)
        return found

    def __setitem__(self, word: str, frequency: int) -> None:
        self._added[word] = frequency

    def get(self, word: str, default: int | None = None) -> int | None:
        """Return the frequency of ``word``, or ``default`` where it is not known."""
        added = self._added.get(word)
        if added is not None:
            return added
        number = self._trie.get(word)
        return default if number is None else self._known[number]


class Dictionary(NamedTuple):
    """What jieba needs to know."""

    frequencies: Frequencies
    total: int
    """The sum of all."""


def load(tokenizer: Tokenizer, version: str, folder: Path | None) -> Dictionary:
    """Return the dictionary of ``tokenizer``, from its file where that is whole.

    Args:
        tokenizer: jieba's; what it has read does not matter.
        version: names its dictionary.
        folder: where the file is or is put; None: the system's temporary folder.
    """
    path = file(version, folder)
    with suppress(OSError):
        found = _unpacked(path.read_bytes())
        if found is not None:
            return found
    words, total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    packed = _packed(words, total)
    _keep(packed, path)
    made = _unpacked(packed)
    assert made is not None
    return made


def file(version: str, folder: Path | None) -> Path:
    """Return where :func:`load` keeps it."""
    return (folder or Path(tempfile.gettempdir())) / f"{version.replace(' ', '-')}.trie"


def _packed(words: Mapping[str, int], total: int) -> bytes:
    trie = marisa_trie.Trie(words)
    known = array("I", bytes(4 * len(trie)))
    for word, frequency in words.items():
        known[trie.key_id(word)] = frequency
    content = b"".join(
        (
            total.to_bytes(_NUMBER_BYTES, "little"),
            len(trie).to_bytes(_NUMBER_BYTES, "little"),
            known.tobytes(),
            trie.tobytes(),
        )
    )
    return _MAGIC + _digest(content) + content


def _unpacked(data: bytes) -> Dictionary | None:
    """Return what :func:`_packed` packed, or None if it is anything else."""
    content = data[len(_MAGIC) + _DIGEST_BYTES :]
    if len(data) < _HEADER_BYTES or data[: -len(content)] != _MAGIC + _digest(content):
        return None
    total, count = (
        int.from_bytes(content[at : at + _NUMBER_BYTES], "little") for at in (0, _NUMBER_BYTES)
    )
    known = array("I")
    end = 2 * _NUMBER_BYTES + known.itemsize * count
    known.frombytes(content[2 * _NUMBER_BYTES : end])
    return Dictionary(Frequencies(marisa_trie.Trie().frombytes(content[end:]), known), total)


def _digest(content: bytes) -> bytes:
    # A flipped bit would silently cut words otherwise than in the index.
    return blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _keep(data: bytes, path: Path) -> None:
    """Write the file, whole or not at all; it is made again where that fails."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
        temporary.replace(path)
    except OSError as error:
        _log.warning("The dictionary cannot be kept at %s: %s", path, error)
        if temporary is not None:
            temporary.unlink(missing_ok=True)
