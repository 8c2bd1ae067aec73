"""How Han characters sound, by pypinyin's readings without their tones, and which sound alike."""

import importlib.util
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from pathlib import Path


class Likeness(IntEnum):
    """How alike two characters sound; the more alike, the lower."""

    SAME = 0
    CLOSE = 1
    """But for differences that many speakers do not make, such as n and l, or s and sh."""


def reading(char: str) -> str:
    """Return the usual syllable of a common Simplified character; empty: unknown."""
    syllables, _ = _sounds()
    return next(iter(syllables.get(char, ())), "")


def alike(char: str) -> dict[str, Likeness]:
    """Return the characters that sound like ``char``, whatever their tones, and how much so."""
    syllables, homophones = _sounds()
    own = syllables.get(char, ())
    close = {other for syllable in own for other in homophones[_confusable(syllable)]}
    same = {other for syllable in own for other in homophones[syllable]}
    return dict.fromkeys(close, Likeness.CLOSE) | dict.fromkeys(same, Likeness.SAME)


def _confusable(syllable: str) -> str:
    """Return ``syllable`` without the differences that many speakers do not hear, in capitals."""
    plain = re.sub(r"^([zcs])h", r"\1", syllable)
    plain = re.sub(r"ng$", "n", plain)
    return re.sub(r"^hu(?=.)|^h", "f", re.sub(r"^l", "n", plain)).upper()


@cache
def _sounds() -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, str]]:
    """Return the toneless syllables of each common Simplified character, and the reverse."""
    syllables: dict[str, tuple[str, ...]] = {}
    homophones: dict[str, str] = defaultdict(str)
    for code_point, readings in _readings().items():
        char = chr(code_point)
        if not _is_common(char):
            continue
        plain = dict.fromkeys(map(_toneless, readings.split(",")))
        syllables[char] = tuple(plain)
        for syllable in {*plain, *map(_confusable, plain)}:
            homophones[syllable] += char
    return syllables, dict(homophones)


def _readings() -> Mapping[int, str]:
    """Return pypinyin's readings of single characters, by code point.

    Importing the package itself also loads its phrases: 58 MB, against 12 that are free again.
    """
    package = importlib.util.find_spec("pypinyin")
    if package is None or package.origin is None:
        raise ModuleNotFoundError(name="pypinyin")
    path = Path(package.origin).with_name("pinyin_dict.py")
    spec = importlib.util.spec_from_file_location("pinyin_dict", path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name="pypinyin.pinyin_dict")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pinyin_dict


def _is_common(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _toneless(reading: str) -> str:
    return "".join(
        letter
        for letter in unicodedata.normalize("NFD", reading)
        if not unicodedata.combining(letter)
    )
