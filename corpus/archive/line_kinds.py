"""Tells the kind of a line from its words: a caption, a byline, a button, a pointer."""

import re

from corpus.analysis.sentences import ends_closed

_MAX_CAPTION = 160
_MAX_CREDIT = 80
_MAX_NOTICE = 130
_MAX_RELATED_HEADING = 40
_MAX_BUTTON = 40

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


_RESOURCES = re.compile(
    r"工具|平台|[資资]源|[網网]站|[頻频]道|[數数][據据]|[軟软]件|[軟软][體体]|[應应]用|程式|博主|下[載载]"
    r"|tools|resources|sites",
    re.IGNORECASE,
)
"""In a line above links that are the article's own matter, and no other articles."""
_ADDRESS = re.compile(r"https?://\S+|(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_MIN_LABEL = 2
"""Letters beside a web address that say what is there."""
_DATE = re.compile(
    r"(?:1[5-9]|20)\d\d\s?(?:[-./]\s?\d{1,2}(?:\s?[-./]\s?\d{1,2})?|[-–—~～]\s?(?:1[5-9]|20)\d\d)"
)
"""A date or a span of years without a word."""
_SENTENCE_END = re.compile(r"[。！？!?]")
_LAST_SYMBOLS = re.compile(r"[\s\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]+$")
"""With which some authors end their articles."""
_MAX_ENDING = 16


def starts_related(text: str) -> bool:
    """Return whether a line heads a list of other articles."""
    words = _words_of(text)
    return len(words) <= _MAX_RELATED_HEADING and bool(_RELATED.fullmatch(words))


def points_elsewhere(text: str, following: str) -> bool:
    """Return whether a line leads up to links to other articles, of which the next is one."""
    words = _words_of(text)
    return (
        len(words) <= _MAX_RELATED_HEADING
        and text.endswith(("：", ":"))
        and bool(_POINTS_ELSEWHERE.search(words))
        and not _RESOURCES.search(words)
        and not _ADDRESS.fullmatch(following)
    )


def has_sentence(text: str) -> bool:
    """Return whether a sentence ends within a line."""
    return bool(_SENTENCE_END.search(text, 0, len(text) - 1))


def ends_as_sentence(text: str) -> bool:
    """Return whether a line ends as a sentence does, but for symbols after it."""
    return ends_closed(text) or ends_closed(_LAST_SYMBOLS.sub("", text[-_MAX_ENDING:]))


def is_pointer(text: str) -> bool:
    """Return whether a line is the title of another work and little else."""
    return bool(_POINTER.fullmatch(text))


def has_title_at_end(text: str) -> bool:
    """Return whether a line ends with the title of a work."""
    return text.rstrip(" 。.⚪️").endswith("》")


def is_date(text: str) -> bool:
    """Return whether a line is a date in figures."""
    return bool(_DATE.fullmatch(text))


def is_address(text: str) -> bool:
    """Return whether a line is a web address, or several, and nothing else."""
    return text.startswith("http") and not _WEB_ADDRESS.sub("", text).strip()


def is_labelled_address(text: str) -> bool:
    """Return whether a line gives web addresses and says what is there."""
    words, addresses = _WEB_ADDRESS.subn(" ", text)
    return addresses > 0 and sum(map(str.isalpha, words)) >= _MIN_LABEL


def is_byline(text: str) -> bool:
    """Return whether a line says who wrote or first published the article, or when."""
    return bool(_BYLINE.fullmatch(text))


def is_opening_byline(text: str) -> bool:
    """Return whether a line names the writer and cannot stand in a list of books."""
    return bool(_OPENING_BYLINE.fullmatch(text))


def is_notice(text: str) -> bool:
    """Return whether a line is about the licence, subscriptions or other pages."""
    return len(text) <= _MAX_NOTICE and bool(_NOTICE.fullmatch(text.strip()))


def is_button(text: str) -> bool:
    """Return whether a line is the text of a button or a separator."""
    if len(text) > _MAX_BUTTON:
        return False
    return bool(_BUTTON.fullmatch(text.strip(" \t.。:：|｜-—–_·•*#►▶【】[]（）()<>…⚪️»«›‹!！")))


def is_caption(text: str, *, after_image: bool) -> bool:
    """Return whether a line is the caption of an image, which may stand right above it."""
    if len(text) <= _MAX_CAPTION and _CAPTION.match(text):
        return len(text) <= _MAX_CREDIT or not ends_closed(text) or after_image
    return after_image and len(text) <= _MAX_CAPTION and bool(_CREDIT.search(text))


def _words_of(text: str) -> str:
    return text.strip(" \t:：|｜-—–_·•*#►▶▌▍■◆●【】[]（）()<>《》…")
