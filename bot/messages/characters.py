"""Characters that need care wherever text from outside is shown (pure)."""

import re

# Characters that no reader sees, but that break lines, hide text or turn its direction.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f"
    "\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)

_PICTURE = (
    r"[\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    r"\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_PART = rf"{_PICTURE}|[\u00a9\u00ae\u2122]\ufe0f"
_ONE_EMOJI = re.compile(
    # Flags, also those spelt with tags, and skin tones are pictures and what follows them.
    rf"[0-9#*]\ufe0f?\u20e3|(?:{_PART})[\ufe0f\u20e3\U000e0020-\U000e007f]*"
    rf"(?:\u200d(?:{_PART})[\ufe0f\U000e0020-\U000e007f]*)*"
)
EMOJI = re.compile(rf"((?:(?:{_ONE_EMOJI.pattern})\s*)+)")
"""One emoji or several, of one group: joined ones, flags and keycaps are whole."""
