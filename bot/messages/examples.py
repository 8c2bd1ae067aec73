"""Questions to try, in the reader's script (pure)."""

import re
from collections.abc import Iterable

from bot.messages.markdown import one_line
from corpus import split_operators, to_script

MAX_CHARS = 60  # fits a button's label, and its custom_id behind a prefix
MAX_EXAMPLES = 4
_MAX_READ_CHARS = 200  # of a title
_MAX_WIDE = 20  # UTF-16 units beside these
_PHONE_WIDTH = 36  # of a label, in half-width characters: what a button 300 pixels wide shows
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def example(title: str) -> str:
    """Return an article's title as a question, without operators; empty where it cannot be one."""
    line = one_line(title, _MAX_READ_CHARS)
    plain = one_line(split_operators(line).text, _MAX_READ_CHARS)[:MAX_CHARS].strip()
    # Discord may count a character beyond the first 65,536 as two.
    return plain if len(plain.encode("utf-16-le")) // 2 <= MAX_CHARS + _MAX_WIDE else ""


def examples(candidates: Iterable[str], locale: str) -> list[str]:
    """Return at most four of ``candidates`` as questions.

    Those that the reader can read come first, then those whose button a phone shows whole.

    Args:
        candidates: questions and titles, the best first.
        locale: the reader's language, one of ours.
    """
    questions = list(filter(None, map(example, candidates)))
    reads_han = locale.startswith("zh")

    def rank(question: str) -> tuple[bool, bool]:
        is_foreign = bool(_HAN.search(question)) is not reads_han
        return is_foreign, len(question) + len(_HAN.findall(question)) > _PHONE_WIDTH

    questions.sort(key=rank)
    if reads_han:
        questions = [to_script(question, locale) for question in questions]
    return list(dict.fromkeys(questions))[:MAX_EXAMPLES]
