"""What does a question ask for, and does a sentence offer such a thing? Light patterns, no model.

All patterns read folded text: Simplified, lower case, half width, most numbers in digits.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """What would answer a question."""

    REASON = "reason"
    TIME = "time"
    AGE = "age"
    MONEY = "money"
    SHARE = "share"
    DURATION = "duration"
    MEASURE = "measure"
    COUNT = "count"
    """Of things that have a measure word: 幾棵, 多少人."""
    QUANTITY = "quantity"
    """Any other number."""
    PERSON = "person"
    PLACE = "place"
    MANNER = "manner"
    THING = "thing"
    """Anything else: a name, a definition, a yes or no."""


SPECIFIC = frozenset({Kind.AGE, Kind.MONEY, Kind.SHARE, Kind.DURATION, Kind.MEASURE, Kind.COUNT})
"""Kinds that a sentence seldom holds by chance."""

_NUMBER = (
    r"(?:\d[\d,.]*(?: ?[-–~到至] ?\d[\d,.]*)?|[〇零一二两三四五六七八九十百千几数半]+)"
    r" ?(?:多|余|来)?[十百千万亿]*(?:多|余)?"
)
_MEASURE_WORDS = (
    "个位人名次种座条家所份层棵株只头匹辆艘架张本部篇首件台套枚颗支门间栋户届场轮起例项步票句段具"
)
_ASKED_COUNT = re.compile(rf"(?:多少|几)(?P<unit>[{_MEASURE_WORDS}])")
_ALIKE = ("个位人名具口", "棵株", "辆部台", "间家所座栋", "本部", "篇份", "次回场", "件起例项")
"""Measure words of the same things."""

# The first that fits decides: 为什么 before 什么, 什么时候 before 什么.
_ASKS = {
    Kind.REASON: r"为(?:什么|何|甚么|啥)|何故|原因|缘故|理由|点解|干嘛|\bwhy\b",
    Kind.TIME: (
        r"何[时年月日]|(?:什么|甚么)时(?:候|间)|几[时月号点]|几年几?月|年份|日期"
        r"|哪一?(?:[年月天日]|个?世纪|个?年代|段时间|个?时期|个?朝代)|\bwhen\b|\bwhat year\b"
    ),
    Kind.AGE: (
        r"几岁|多少岁|多大(?:年[纪龄]|岁)|活(?:到|了)(?:几|多)|岁数|年纪|年龄|享年|寿命"
        r"|\bhow old\b|\bwhat age\b"
    ),
    Kind.MONEY: (
        r"多少(?:钱|[十百千万亿]?(?:元|块|美[元金]|欧元|英镑|日元|台币|港币|人民币))|几块钱?"
        r"|(?:价格?|[费票租房市售股]价|费用?|薪[水资酬]?|工资|收入|成本|罚款|奖金|租金?|身价|市值"
        r"|营收|利润|预算|学费)(?:是|要|有|为|共|大概|大约|达|到底|大)*(?:多少|几)"
        r"|[赚花赔捐欠付罚]了?多少(?!人|次|年|时间|天)|\bhow much (?:money|do|did|does|is|was)\b"
        r"|\bwhat(?:'s| is| was) the (?:price|salary|cost|fee)\b"
    ),
    Kind.SHARE: (
        r"百分之?[几多]|比[例率重]|占.{0,8}(?:多少|几)|几成|几分之"
        r"|率(?:是|有|为|达到?|大概|大约|多)*(?:多少|几|高)"
        r"|\bwhat (?:percent|percentage|share|proportion)\b|\brate\b"
    ),
    Kind.DURATION: (
        r"多久|多长时间|多少(?:年|个?月|天|个?小时|分钟|个?星期|周)"
        r"|几(?:个月|天|周|个?小时|个?钟头?|分钟|个?星期)|(?<![这近前去那好十后])几年|年限|刑期"
        r"|\bhow long\b|\bhow many (?:years|months|days|weeks|hours|minutes)\b"
    ),
    Kind.MEASURE: (
        r"多[高深长远重快宽厚热冷大]|几(?:公[里尺斤吨]|米|度|吨|吋|英[寸里尺])|海拔|面积|温度|重量"
        r"|\bhow (?:far|tall|high|deep|wide|fast|heavy|hot|cold|big|large)\b"
    ),
    Kind.COUNT: _ASKED_COUNT.pattern,
    Kind.QUANTITY: r"多少|几[成分倍]|人口|人数|\bhow (?:many|much)\b",
    Kind.PERSON: r"谁|何人|边个|哪一?(?:位|个人|名)|什么人|人物|\bwho(?:m|se)?\b",
    Kind.PLACE: (
        r"哪[里儿边]|何[处地]|在哪|边度|哪一?个?(?:国家?|地[区方]|城市|[省县市州岛洲座镇区地处村])"
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
    Kind.AGE: rf"{_NUMBER} ?(?:周岁|岁)|享年|\bage[ds]? \d|\d+[- ]years?[- ]old\b",
    Kind.MONEY: (
        rf"{_NUMBER} ?(?:元|块|美[元金分]|欧|英?镑|日[元圆]|韩[元圆]|[港台加澳新]币|[港台加澳新]元"
        r"|卢[比布]|比索|泰铢|法郎|令吉|人民币|角|分钱)|[$€£¥] ?\d|\d ?(?:rmb|usd|eur)\b"
        r"|\b(?:dollars?|yuan|euros?|pounds?|rupees?|cents?)\b|免费|\bfree\b"
    ),
    Kind.SHARE: r"\d ?%|百分之|[一二两三四五六七八九\d]成|分之|\bper ?cent\b",
    Kind.DURATION: (
        r"(?<!\d)\d{1,3}(?: ?[-–~到至] ?\d+)?(?:\.\d)? ?(?:多|余|来)?(?:年(?![代份度级])|天|周|秒)"
        rf"|{_NUMBER} ?(?:个月|个?星期|礼拜|个?小时|个?钟头?|分钟|世纪)|[半数几多]年|半[天月]"
        r"|永久|终身|无期|\b(?:years?|months?|weeks?|days?|hours?|minutes?|decades?)\b"
    ),
    Kind.MEASURE: (
        rf"{_NUMBER} ?(?:公[里尺分斤吨顷]|平方|立方|[千厘毫]?[米克升]|摄氏|华氏|度|吨|英[里尺寸亩]"
        r"|[呎吋哩磅]|海里|马赫|km\b|cm\b|mm\b|kg\b|m\b|mph\b|[°℃])|\b(?:miles?|feet|foot|inch(?:es)?"
        r"|(?:kilo)?met(?:er|re)s?|degrees?|tons?|pounds?)\b"
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


@dataclass(frozen=True, slots=True)
class AnswerType:
    """What a question asks for."""

    kind: Kind
    _offering: re.Pattern[str]

    @property
    def is_specific(self) -> bool:
        """Whether a sentence seldom holds such a thing by chance."""
        return self.kind in SPECIFIC

    def is_offered(self, sentence: str) -> bool:
        """Return whether ``sentence``, folded, holds something that could be such an answer."""
        return bool(self._offering.search(sentence))


@lru_cache(64)
def asked(question: str) -> AnswerType:
    """Return what ``question``, folded, asks for."""
    found = (kind for kind, pattern in _ASKING.items() if pattern.search(question))
    kind = next(found, Kind.THING)
    if kind is Kind.COUNT and (match := _ASKED_COUNT.search(question)):
        return AnswerType(kind, _counting(match["unit"]))
    return AnswerType(kind, _OFFERING[kind])


def _counting(unit: str) -> re.Pattern[str]:
    """Return what counts things of the measure word ``unit``."""
    units = "".join({unit, *(other for group in _ALIKE if unit in group for other in group)})
    return re.compile(rf"{_NUMBER} ?[{units}]|(?<!\d)\d+ (?:people|persons?)\b")


def holds_date(sentence: str) -> bool:
    """Return whether ``sentence``, folded, names a day, a month, a year or a longer time."""
    return bool(_DATE.search(sentence))
