"""Which four digits beside other words are a year (pure).

2021年 always is one. A bare number is one where no word beside it says that it counts something.
"""

import re
from datetime import date

BARE_YEARS = range(1800, 2100)
"""In a sentence any other four digits are a number."""
ALONE = r"(?<![\d.,/$¥€£#a-z第-])"
"""Before a year in digits."""

# Characters that begin other words as often
# (2020台湾, 2020票房, 2020只有) count only before none of these words.
_UNITS = r"""
    [个元人万千亿名次块本家倍度米件位点字条岁公克吨多余颗棵辆栋艘页篇匹秒尺寸斤瓦]
  | 台(?![湾北中南东风股积海语独铁大币胞商]) | 票(?![房选据价]) | 户(?![外籍口])
  | 只(?![有是能要会]) | 层(?![面级次]) | 份(?!子) | 款(?!项) | 部(?![分长队署落门]) | 架(?![构设])
  | 英[里尺寸镑] | 海里 | 平方 | 立方 | 毫[米克升] | 厘米 | 小时 | 分钟 | 千瓦
  | (?:people|persons|men|women|children|kids|students|members|users|residents|soldiers|troops
      |workers|employees|dollars?|yuan|euros?|pounds?|usd|rmb|ntd|miles?|km|kg|cm|mm|feet|met(?:er|re)s
      |tons|tonnes|mb|gb|tb|words|pages|copies|pieces|times|percent|degrees|calories|hours|minutes
      |seconds|days|weeks|months|years|vision)\b"""
NO_YEAR = rf"(?![\d%]|[.,/-]\d|[a-z]|\s?(?:{_UNITS}))"
_COUNTS = re.compile(
    r"(?:大?约|超过|将近|逾|多达|高达|达到?|共有?|至少|最多|不到|不足|海拔|编号|房号|门牌"
    r"|\b(?:about|over|nearly|almost|than|least|most|no\.|number|numbers|room|page|route|flight"
    r"|windows|version|model))\s?\Z"
)
"""Before a number that is no year."""
_TITLES = {"1917", "1984", "2001", "2012"}
"""Years that are as often the title of a book or film."""
_OF_WORKS = re.compile(
    r"小说|[书读著]|作者|作家|作品|电影|影片|片子|导演|[奥欧]威尔|太空漫游|末日"
    r"|\b(?:novels?|books?|films?|movies?|author|read|wrote|orwell|odyssey)\b"
)


def is_year(number: int, match: re.Match[str], today: date) -> bool:
    """Return whether a number without 年 is a year.

    Args:
        number: its value.
        match: of it, as the group ``year`` and with a preposition maybe, in its folded text.
        today: a year to come is the name of a plan, a film or a game, and no article is of it.
    """
    has_preposition = match.start() < match.start("year")
    is_counted = not has_preposition and _COUNTS.search(match.string[: match.start()])
    is_title = match[0] in _TITLES and _OF_WORKS.search(match.string)
    return number in BARE_YEARS and number <= today.year + 1 and not is_counted and not is_title
