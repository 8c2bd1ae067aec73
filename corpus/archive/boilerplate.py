"""Separates the blocks of an article from those of the page around it."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from corpus.analysis.sentences import ends_closed
from corpus.archive.blocks import Block, Kind
from corpus.archive.headings import MIN_RUNNING_TEXT, MOSTLY_LINK, without_false_headings
from corpus.archive.omissions import Omission, Reason

_HALF_LINK = 0.5
_WHOLLY_LINK = 0.9
_TITLE_ZONE = 8
"""Blocks from the top among which the title may be repeated."""
_BYLINE_ZONE = 4
"""Blocks from the top among which a byline may stand below a lede."""
_MAX_CAPTION = 160
_MAX_CREDIT = 80
_MAX_NOTICE = 130
_MAX_RELATED_HEADING = 40
_MAX_BUTTON = 40
_MAX_FRAGMENT = 20

# A Han character that the two scripts write differently stands in a pattern in both forms.

_RELATED = re.compile(
    r"""
      (?: 延伸 | 相[關关] | 推[薦荐] | 更多 | [擴扩]展 | 往期 | 精[選选] | [熱热][門门] | 相似
        | [編编][輯辑]推[薦荐] | [閱阅][讀读]更多 | [繼继][續续][閱阅][讀读] | 看更多
        | [您你]可能也?[會会]?(?:[喜感]|想看) | 猜[您你]喜[歡欢] )
      (?: 的?(?: [閱阅][讀读] | 文章 | 新[聞闻] | [報报][導导道] | [連链][結结接] | [內内]容
               | 推[薦荐] | 回[顧顾] | 精[選选] | [興兴]趣 | 喜?[歡欢] | [主話话]?[題题]
               | [資资][訊讯料] | 影片 | [視视][頻频] | 的文章 ) ){0,3}
    | related (?:\s+(?: posts? | articles? | stor(?:y|ies) | reading | content | news | links?
                      | topics? | coverage ))?
    | read\s+(?:more|next|also)
    | (?:more|further) (?:\s+(?:reading|stories|articles|posts|news))?
    | more\s+(?:from|on|in|like\s+this)\b.{0,40}
    | recommended (?:\s+(?:reading|for\s+you|articles|posts))?
    | you\s+(?:may|might)\s+also\s+like
    | see\s+also | keep\s+reading | up\s+next | trending | most\s+(?:read|popular)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""The heading of a list of other articles, without the marks around it."""

_POINTS_ELSEWHERE = re.compile(
    r"回[顧顾]|延伸|相[關关]|[錯错][過过]|更多|推[薦荐]|往期|前文|參[見看閱]|参[见看阅]|系列"
    r"|previous|related|earlier",
    re.IGNORECASE,
)
"""In a line that points to other articles."""

_POINTER = re.compile(
    r"""(?: .{0,8}
            (?: 回[顧顾] | 延伸 | 相[關关] | [關关][聯联连] | [錯错][過过] | 更多 | 看到
              | 查[看閱阅] | [參参][見见看閱阅] | [詳详][見见] | [這这][裡裏里] )
            .{0,10} )?
        (?:《[^《》]*》[；;、，,。\s]*)+""",
    re.VERBOSE,
)
"""A title and little else; as a link it points to another article."""

_CAPTION = re.compile(
    r"""[（(\[【▲△▼▽◎●■◆*\s]*(?:
        [圖图](?: [片說说] | [為为] | [一二三四五六七八九十]{1,2} | \s?\d{1,2}(?:[-.]\d)? )?
        \s*[:：｜|／/︱丨]
      | (?:[題题]|首|封面|配|文?[內内])[圖图]片?(?:[來来]源|[來来]自)?\s*[:：｜|／/]?
      | [圖图]片?(?:[來来]源|[來来]自|提供|[攝摄]影|版[權权]|[說说]明) | [圖图][為为]
      | [攝摄]影?\s*(?:[:：／/]|[師师者][:：]) | (?:[資资]料|示意|[網网][絡络路])[圖图照]
      | photo(?:graph)?s?\s*(?:by|credit|courtesy|[:/])
      | images?\s*(?:by|credit|courtesy|source|[:/])
      | (?:credits?|caption|illustration\s+by)\s*[:：]?(?=\s*[A-Z])
      | (?<=▲) | (?<=△) | (?<=▲\s)
      | (?:figure|fig\.?)\s*\d{1,2}\s*[:：.]
    )""",
    re.VERBOSE | re.IGNORECASE,
)
"""The beginning of a caption."""

_CREDIT = re.compile(
    r"""[（(/／—–-]\s*(?:
        [^（()）]{0,20}(?: [攝摄] | [資资]料[照圖图]片? | 提供 | 翻[攝摄] | [圖图]片?
                       | (?:美[聯联]|法新|路透|中新|中央|新[華华]|[歐欧]新)社 )
      | [^（()）]{0,40}(?:Getty\ Images|Reuters|AFP|Associated\ Press|Xinhua|EPA)
    )\s*[）)]?[。.]?$""",
    re.VERBOSE,
)
"""The end of a caption."""

_BYLINE = re.compile(
    r"""[（(【\[]?(?:
        (?: (?:原文?|本文|特[約约])?作者 | [編编][輯辑譯译者]? | [責责]任?[編编][輯辑]? | 主[編编]
          | [採采][訪访寫写] | 撰[文稿寫写]? | [記记講讲]者 | 翻?[譯译]者? | [翻編编][譯译]
          | 校[對对] | 排版 | [監监][製制] | 整理 | 文 | [來来]源 | 原[載载] | 出[處处] | 日期
          | 原文(?:[連链][結结接]|地址|[發发]表[於于]?)? | [發发]布[時时][間间] )
        \s*[:：丨|︱｜/／]
      | (?: by | author | editors? | translat(?:or|ed\ by) | source | published | updated
          | posted(?:\ on)? | tags? | tagged )
        [\s:：|/]
    ).{0,50}""",
    re.VERBOSE | re.IGNORECASE,
)
"""A line that says who wrote, edited or first published the article, or when."""

_OPENING_BYLINE = re.compile(
    r"(?:文|[採采][訪访寫写]|撰[文稿寫写]|[記记]者)\s?[:：丨︱｜/／].{1,50}"
)
"""A byline of a kind that does not occur in lists of books."""

_NOTICE = re.compile(
    r"""
      本文.{0,60}(?: 授[權权] | [轉转][載载] | 版[權权] | 刊[發发] | 首[發发] | 原[載载刊]
                  | 原[標标][題题] | 原文 | [發发]表[於于] ).{0,60}
    | (?:未[經经]|禁止|[請请]勿|[謝谢]絕|如需|[歡欢]迎).{0,12}(?:[轉转][載载]|授[權权]).{0,60}
    | [（(]?(?: [轉转]自 | [轉转][載载][自請请]? | 原文[發发載载刊：:] ).{0,100}
    | .{0,30}[©ⓒ]\s*\d{4}.{0,40}
    | (?: © | ⓒ | \(c\) | copyright\b | 版[權权](?:所有|[聲声]明|[歸归]屬?) ).{0,100}
    | .{0,60}(?:all\s+rights\s+reserved|版[權权]所有).{0,60}
    | .{0,30}(?: [掃扫][碼码描] | [長长]按 | 微信搜索 | QR\s?code
               | (?:搜索|[關关]注|[訂订][閱阅]|添加).{0,20}公[眾众][號号] ).{0,70}
    | .{0,12}(?: [關关追]注[我本] | [訂订][閱阅](?:[我本]|[電电]子[報报])
               | 加入(?:[會会][員员]|[頻频]道) | [贊赞]助[我本] | 支持[我本] | 打[賞赏]
               | [點点][擊击].{0,8}[訂订][閱阅] | 分享[給给到至] | [點点][個个]?[讚赞]
               | follow\s+us | subscribe\b | sign\s+up\b | donate\b | support\s+us
               | share\s+(?:this|on) | like\s+this | join\s+our ).{0,60}
    | [上下]一[篇頁页章][^。]{0,40} | (?:按此)?返回[^。]{0,30}
    | (?:previous|next)\s*(?:post|article|:).{0,60} | continue\s+reading\b.{0,40}
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""A line at an article's edge about its licence, subscriptions or other pages."""

_BUTTON = re.compile(
    r"""
      [廣广]告 | 分享 | [轉转][發发] | 收藏 | [點点]?[讚赞] | 喜[歡欢] | 回[覆复] | 留言
    | [評评][論论] | [關关]注 | [訂订][閱阅] | 目[錄录] | 返回[頂顶]部 | 回到[頂顶]部
    | [閱阅][讀读]原文 | 原文[連链][結结接] | 正在(?:加[載载]|[載载]入) | [載载]入中
    | advertisements? | sponsored | loading | share | tweet | like | reply | comments?
    | leave\s+a\s+(?:comment|reply) | print | e-?mail | facebook | twitter | telegram | line
    | menu | search | more | skip\s+to\s+content | click\s+here | view | cookies?
    | table\s+of\s+contents
    | 未完待[續续] | 待[續续] | 持[續续]更新中? | 全?文?完 | 全[劇剧][終终]
    | the\s+end | end | fin | to\s+be\s+continued
    | \d+\s*(?:min(?:ute)?s?|分[鐘钟])(?:\s*read|[閱阅][讀读])?
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""The text of a button or a separator, which is never a paragraph of an article."""


def without_boilerplate(
    blocks: list[Block], *, title: str, captions: bool = False
) -> tuple[list[Block], list[Omission]]:
    """Return the article's own blocks: its headings, and the text under them; and what is left out.

    Repetitions of the title, captions, buttons and lists of other articles are left out, and so are
    bylines, notices and links before the first or after the last paragraph of running text.

    Args:
        blocks: the blocks of the page, in reading order.
        title: the article's title; empty: no block is taken for its repetition.
        captions: whether captions are the article's own, too.
    """
    sieve = _Sieve()
    blocks = sieve.pass_on(blocks, _title_reasons(blocks, title))
    blocks = sieve.pass_on(blocks, _related_reasons(blocks))
    blocks = sieve.pass_on(blocks, [_page_reason(block, captions=captions) for block in blocks])
    blocks = without_false_headings(blocks)
    blocks = sieve.pass_on(blocks, _edge_reasons(blocks))
    blocks = sieve.pass_on(blocks, _end_reasons(blocks))
    return blocks, sieve.omissions


class _Sieve:
    """Parts blocks by the reasons to leave them out, and collects these."""

    def __init__(self) -> None:
        self.omissions: list[Omission] = []

    def pass_on(self, blocks: list[Block], reasons: Iterable[Reason | None]) -> list[Block]:
        """Return the blocks without a reason."""
        remaining: list[Block] = []
        for block, reason in zip(blocks, reasons, strict=True):
            if reason is None:
                remaining.append(block)
            else:
                self.omissions.append(Omission(block.text, reason, block.position))
        return remaining


def _is_running_text(block: Block) -> bool:
    """Return whether a block looks like running text: it is long, or ends as a sentence does."""
    return (
        block.kind is not Kind.HEADING
        and block.link_share < MOSTLY_LINK
        and (len(block.text) >= MIN_RUNNING_TEXT or ends_closed(block.text))
    )


def _alphanumerics(text: str) -> str:
    """Return the letters and digits of ``text``, without differences of case and width."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _title_reasons(blocks: list[Block], title: str) -> list[Reason | None]:
    if not _alphanumerics(title):
        return [None] * len(blocks)
    return [
        Reason.TITLE
        if (i < _TITLE_ZONE or block.kind is Kind.HEADING) and _is_title(block, title)
        else None
        for i, block in enumerate(blocks)
    ]


def _is_title(block: Block, title: str) -> bool:
    """Return whether a block repeats ``title``; a heading may add or lack a site's name."""
    if len(block.text) > 2 * len(title) + _MAX_FRAGMENT:
        return False
    shorter, longer = sorted((_alphanumerics(block.text), _alphanumerics(title)), key=len)
    if block.kind is not Kind.HEADING:
        return shorter == longer
    return longer.startswith(shorter) and len(shorter) * 3 >= len(longer) * 2


def _related_reasons(blocks: list[Block]) -> list[Reason | None]:
    """Mark lists of other articles: the heading, and all up to a heading or running text."""
    reasons: list[Reason | None] = []
    in_list = False
    for block, following in pairwise([*blocks, None]):
        if block is None:
            break
        if _starts_related(block, following):
            in_list = True
        elif in_list and _ends_related(block):
            in_list = False
        reasons.append(Reason.RELATED_LIST if in_list else None)
    return reasons


def _starts_related(block: Block, following: Block | None) -> bool:
    text = block.text.strip(" \t:：|｜-—–_·•*#►▶▌▍■◆●【】[]（）()<>《》…")
    if len(text) > _MAX_RELATED_HEADING:
        return False
    if _RELATED.fullmatch(text):
        return True
    return (
        following is not None
        and following.link_share >= _WHOLLY_LINK
        and block.text.endswith(("：", ":"))
        and bool(_POINTS_ELSEWHERE.search(text))
    )


def _ends_related(block: Block) -> bool:
    if block.link_share >= MOSTLY_LINK:
        return False
    return block.kind is Kind.HEADING or _is_running_text(block)


def _page_reason(block: Block, *, captions: bool) -> Reason | None:
    """Return why a block is never text of an article: it is a rule, a button, a caption."""
    if not any(map(str.isalnum, block.text)):
        return Reason.FURNITURE
    if block.kind is Kind.HEADING:
        return None
    # a line number, a page number, a date
    is_number = block.kind is Kind.TEXT and not any(map(str.isalpha, block.text))
    if is_number or _is_button(block.text):
        return Reason.FURNITURE
    if block.link_share >= _HALF_LINK and _POINTER.fullmatch(block.text):
        return Reason.RELATED_LIST
    return Reason.CAPTION if not captions and _is_caption(block) else None


def _is_button(text: str) -> bool:
    if len(text) > _MAX_BUTTON:
        return False
    return bool(_BUTTON.fullmatch(text.strip(" \t.。:：|｜-—–_·•*#►▶【】[]（）()<>…⚪️»«›‹!！")))


def _is_caption(block: Block) -> bool:
    text = block.text
    if len(text) <= _MAX_CAPTION and _CAPTION.match(text):
        return len(text) <= _MAX_CREDIT or not ends_closed(text) or block.after_image
    return block.after_image and len(text) <= _MAX_CAPTION and bool(_CREDIT.search(text))


def _running_text_range(blocks: list[Block]) -> tuple[int, int]:
    """Return the positions of the first and the last block of running text; without any: all."""
    running = [
        i for i, block in enumerate(blocks) if _is_running_text(block) and not _is_notice(block)
    ]
    return (running[0], running[-1]) if running else (0, len(blocks))


def _is_notice(block: Block) -> bool:
    return len(block.text) <= _MAX_NOTICE and bool(_NOTICE.fullmatch(block.text.strip()))


def _is_opening_byline(block: Block, position: int) -> bool:
    """Return whether a block names the writer; further down it may name the author of a book."""
    return position < _BYLINE_ZONE and bool(_OPENING_BYLINE.fullmatch(block.text))


def _edge_reasons(blocks: list[Block]) -> list[Reason | None]:
    """Mark bylines, notices and links before the first and after the last running text."""
    first, last = _running_text_range(blocks)
    return [
        None
        if block.kind is Kind.HEADING
        else _edge_reason(block, i, is_edge=i < first or i > last)
        for i, block in enumerate(blocks)
    ]


def _edge_reason(block: Block, position: int, *, is_edge: bool) -> Reason | None:
    if _is_opening_byline(block, position):
        return Reason.BYLINE
    if not is_edge:
        return None
    if block.link_share >= MOSTLY_LINK:
        return Reason.NAVIGATION
    if _BYLINE.fullmatch(block.text):
        return Reason.BYLINE
    return Reason.NOTICE if _is_notice(block) else None


def _end_reasons(blocks: list[Block]) -> list[Reason | None]:
    """Mark sections at the end that hold a few stray words and no paragraph."""
    end = len(blocks)
    for i in reversed(range(1, len(blocks))):
        block = blocks[i]
        if block.kind is Kind.HEADING:
            end = i
        elif (
            block.kind is not Kind.TEXT
            or len(block.text) >= _MAX_FRAGMENT
            or _is_running_text(block)
        ):
            break
    return [Reason.FURNITURE if i >= end else None for i in range(len(blocks))]
