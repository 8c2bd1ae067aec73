"""Numbers in digits and in Chinese numerals: 50 and 五十, 2021 and 二〇二一 (pure)."""

import re

_DIGITS = "〇一二三四五六七八九"
_VALUES = {char: value for value, char in enumerate(_DIGITS)} | {"零": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_CLASS = "".join(_VALUES)

_WRITTEN = re.compile(rf"[{_CLASS}十百千]{{2,}}")
_BY_DIGIT = re.compile(rf"[{_CLASS}]+")
_BY_VALUE = re.compile(rf"(?:[{_CLASS}]?[十百千]零?)+[{_CLASS}]?")
_IN_DIGITS = re.compile(r"(?<![a-z0-9.,])[1-9]\d{1,3}(?![a-z0-9]|[.,]\d)")
_YEARS = range(1000, 2100)


def in_other_numerals(text: str) -> list[str]:
    """Return ``text``, folded, with its numbers in digits, and with them in Chinese numerals.

    Only what is at least two characters long and below 10,000: 一 is more often a word than 1.
    Those that change nothing are left out.
    """
    rewritten = (_WRITTEN.sub(_to_digits, text), _IN_DIGITS.sub(_to_numerals, text))
    return [one for one in rewritten if one != text]


def _to_digits(match: re.Match[str]) -> str:
    written = match[0]
    if _BY_DIGIT.fullmatch(written):
        return "".join(str(_VALUES[char]) for char in written)
    if not _BY_VALUE.fullmatch(written) or not any(char in _VALUES for char in written):
        return written  # 百千, 千千万万: as good as a word
    units = [_UNITS[char] for char in written if char in _UNITS]
    if units != sorted(set(units), reverse=True):
        return written
    total, digit = 0, None
    for char in written:
        if char in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[char]
            digit = None
        else:
            digit = _VALUES[char] or None
    return str(total + (digit or 0))


def _to_numerals(match: re.Match[str]) -> str:
    digits = match[0]
    if int(digits) in _YEARS:
        return "".join(_DIGITS[int(digit)] for digit in digits)
    written = ""
    for digit, unit in zip(digits, ("千", "百", "十", "")[-len(digits) :], strict=True):
        if digit != "0":
            written += _DIGITS[int(digit)] + unit
        elif written[-1] != "零":
            written += "零"
    written = written.rstrip("零")
    return written.removeprefix("一") if written.startswith("一十") else written
