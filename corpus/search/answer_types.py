"""What does a question ask for, and does a sentence offer such a thing? Light patterns, no model.

All patterns read folded text: Simplified, lower case, half width.
"""

import re
from enum import StrEnum


class Kind(StrEnum):
    """What would answer a question."""

    REASON = "reason"
    TIME = "time"
    QUANTITY = "quantity"
    PERSON = "person"
    PLACE = "place"
    MANNER = "manner"
    THING = "thing"
    """Anything else: a name, a definition, a yes or no."""


# The first that fits decides: 为什么 before 什么, 什么时候 before 什么.
_ASKS = {
    Kind.REASON: r"为(?:什么|何|甚么|啥)|何故|原因|缘故|理由|\bwhy\b",
    Kind.TIME: (
        r"何[时年月日]|(?:什么|甚么)时(?:候|间)|几[时年月号]|年份|日期"
        r"|哪一?(?:[年月天日]|个?世纪|个?年代|段时间|个?时期|个?朝代)|\bwhen\b|\bwhat year\b"
    ),
    Kind.QUANTITY: (
        r"多少|几[个位人次种成岁层座条家名所分倍米度天公]|多[久大高长远深重快宽厚]|比例|百分|人口"
        r"|\bhow (?:many|much|long|far|old|big|tall|high|deep|wide|fast|heavy)\b"
    ),
    Kind.PERSON: r"谁|何人|哪一?(?:位|个人|名)|什么人|人物|\bwho(?:m|se)?\b",
    Kind.PLACE: (
        r"哪[里儿边]|何[处地]|在哪|哪一?个?(?:国家?|地[区方]|城市|[省县市州岛洲座镇区地处村])"
        r"|什么地方|位于|\bwhere\b"
    ),
    Kind.MANNER: r"如何|怎[么样麽]|方式|方法|\bhow\b",
}
_OFFERS = {
    Kind.REASON: r"因|由于|所以|导致|为了|缘故|使得|造成|以便|because|due to|since|so that",
    Kind.TIME: (
        r"\d{2,4} ?年|[〇零一二三四五六七八九十元]+年|世纪|年代|\d+ ?[月日]|时期|朝|年间|[初末]"
        r"|公元|西元|当时|期间|[之以]后|\b(?:1\d|20)\d\d\b"
    ),
    Kind.QUANTITY: (
        r"\d|半|[〇零一二三四五六七八九十百千万亿两几数]+"
        r"(?:[个位人次种成岁层座条家名所分倍里米尺度天日年月%元吨]|公里|公斤|平方|美元)"
    ),
    Kind.PERSON: r"·|先生|女士|总统|皇帝|国王|教授|博士|主席|总理|将军|首相|大帝|[由被]",
    Kind.PLACE: r"[国省市县州岛港区湾城镇村洲山河江海湖路街东西南北部地京都]|位于",
    Kind.MANNER: r"[透通]过|方式|使用|利用|[藉借以用由经将把]|by |using",
    Kind.THING: r"[称叫名即指是为「《“如等]|包括|\b(?:is|are|was|were|called)\b",
}
_ASKING = {kind: re.compile(pattern) for kind, pattern in _ASKS.items()}
_OFFERING = {kind: re.compile(pattern) for kind, pattern in _OFFERS.items()}
_DATE = re.compile(r"\d{2,4} ?年|年代|世纪|\d+ ?[月日]|年间|\b(?:1\d|20)\d\d\b")


def kind(question: str) -> Kind:
    """Return what ``question``, folded, asks for."""
    asked = (kind for kind, pattern in _ASKING.items() if pattern.search(question))
    return next(asked, Kind.THING)


def offers(sentence: str, kind: Kind) -> bool:
    """Return whether ``sentence``, folded, holds something that could be such an answer."""
    return bool(_OFFERING[kind].search(sentence))


def holds_date(sentence: str) -> bool:
    """Return whether ``sentence``, folded, names a day, a month, a year or a longer time."""
    return bool(_DATE.search(sentence))
