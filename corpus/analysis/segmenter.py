"""Cuts runs of Han characters into words with jieba's dictionary.

jieba is the reference and segments questions. rjieba, the same in Rust, segments articles: some 13
times faster. Without the hidden Markov model both take the most probable path through the same
dictionary; a test holds them equal.
"""

import importlib.metadata
import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus.analysis import dictionary, packed_file
from corpus.errors import CorpusError

_MAX_CACHED = 256  # runs of Han characters; a question has a few
_MAX_CACHED_CHARS = 40

Segmenter = Callable[[str], list[str]]
"""Returns the words of a text, and the characters between them that are not Han, unchanged."""

UserWord = tuple[str, int | None]
"""A word that must stay whole, and its frequency; None: as high as that takes."""

VERSION = f"jieba {importlib.metadata.version('jieba')}"
"""Names the dictionary; part of the analyzer's fingerprint."""


def reference_segmenter(words: Sequence[UserWord], cache_dir: Path | None) -> Segmenter:
    """Return jieba with the user's ``words`` added.

    Args:
        words: the user's words.
        cache_dir: an existing folder for the packed dictionary; None: the temporary folder.
    """
    import jieba  # noqa: PLC0415 (indexing does without it, and without its 20 MB)

    jieba.setLogLevel(logging.WARNING)  # it sets its logger to DEBUG
    tokenizer: Any = jieba.Tokenizer()

    def read_words() -> tuple[dict[str, int], int]:
        return tokenizer.gen_pfdict(tokenizer.get_dict_file())

    # jieba fills these three itself at first use, and has no parameter for a dictionary that is
    # already read. Its own takes 56 MB and 0.7 s: bench/README.md, "Index", "jieba's dictionary".
    tokenizer.FREQ, tokenizer.total = dictionary.load(VERSION, cache_dir, read_words)
    tokenizer.initialized = True
    for word, frequency in words:
        tokenizer.add_word(word, frequency)

    # A question is cut several times: to find its words, its authors and its slips.
    @lru_cache(_MAX_CACHED)
    def cut(text: str) -> tuple[str, ...]:
        return tuple(tokenizer.cut(text, HMM=False))

    def segment(text: str) -> list[str]:
        return (
            list(cut(text)) if len(text) <= _MAX_CACHED_CHARS else tokenizer.lcut(text, HMM=False)
        )

    return segment


def prepare_reference(cache_dir: Path) -> None:
    """Write the packed dictionary, which takes two seconds, unless it is there."""
    if not packed_file.path(VERSION, cache_dir).exists():
        reference_segmenter((), cache_dir)


def fast_segmenter(words: Sequence[UserWord]) -> Segmenter:
    """Return rjieba with the user's ``words`` added."""
    import rjieba  # noqa: PLC0415 (answering does without it)

    # The module has loaded a dictionary of its own; another one takes 25 MB in each worker.
    tokenizer = rjieba.Jieba() if words else rjieba
    for word, frequency in words:
        # jieba's add_word suggests a frequency by itself.
        tokenizer.add_word(
            word, tokenizer.suggest_freq(word) if frequency is None else frequency, None
        )

    def segment(text: str) -> list[str]:
        return tokenizer.cut(text, hmm=False)

    return segment


def read_user_words(path: Path) -> list[UserWord]:
    """Return the words of a user dictionary, as written.

    Raises:
        CorpusError: it cannot be read, or a line is not a word and perhaps a frequency.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"The user dictionary {path} cannot be read: {error}") from error
    words: list[UserWord] = []
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        if len(fields) > 1 and fields[1].isdecimal():
            words.append((fields[0], int(fields[1])))
        elif len(fields) == 1:
            words.append((fields[0], None))
        else:
            raise CorpusError(
                f"The user dictionary {path}, line {number}: after the word comes a frequency,"
                f" a whole number, not {fields[1]!r}"
            )
    return words
