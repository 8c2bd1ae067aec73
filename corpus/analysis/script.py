"""A text in the Chinese script of its reader."""

from functools import cache

import opencc


def to_script(text: str, locale: str) -> str:
    """Return ``text`` in the script of ``zh-TW`` or ``zh-CN``; the length stays.

    Text with a Traditional character is left as it is for readers of Traditional: its author chose
    between characters that the other script has merged.
    """
    simplified = _converter("t2s").convert(text)
    if locale == "zh-CN":
        return simplified
    return _converter("s2tw").convert(text) if simplified == text else text


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)
