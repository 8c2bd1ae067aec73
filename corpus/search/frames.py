"""What of a question is only its form: 找一下關於…的報導, tell me about …, hearsay (pure).

A question is taken apart into clauses, and of each the frame is dropped: politeness, the request,
the kind of text that is wanted. What is left is the topic, and it decides what is found. A frame is
a sequence of a few classes of words, so that it need not be known as a whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.search.talk import talk

CONTEXT_WEIGHT = 0.6
"""Of a clause that tells of the circumstances of what another one asks."""
TELLING_SHARE = 0.8
"""Of the longest clause's length: from there on a clause tells as much."""
GREETING_WEIGHT = 0.3
"""Of a clause that would be talk by itself; it may still belong to a name: 你好，李焕英."""


@dataclass(frozen=True, slots=True)
class Clause:
    """The topic of a part of a question."""

    start: int
    end: int
    """In the folded question."""
    weight: float
    """From 0, for what is only a form, to 1."""
    dropped: tuple[str, ...] = ()
    """Its frame, in order."""


def _any(words: str) -> str:
    """Return an expression for any of ``words``, which may be expressions themselves."""
    longest_first = sorted(words.split(), key=len, reverse=True)
    return "(?:" + "|".join(longest_first).replace("_", r"\s+") + ")"


_BREAK = re.compile(r"[,，、。．!！?？;；\n…~～]+|\.(?=\s|$)|\s-+\s")
_EDGE = " \t\"'「」『』“”《》()（）"

# Chinese, simplified.
_POLITE = _any(r"""
    请问一?下? 请教一?下?(?:大家)? 不好意思 打扰一?下? 麻烦[你您]?了? 拜托[你了]? 劳驾
    各位 那么 对了
""")
_WISH = _any(r"""
    我?们?[就只]?是?(?:想要?|要|希望能?)[请再]?(?:[问找看读查]|知道|了解|请教)(?:一下|一问|看看|[看问])?
    我[在很蛮]?(?:好奇|想) 我在(?:找|查|研究) 不知道 求(?=问|助|推荐|关于|一[篇个])
    有?没?有?[人谁](?:知道|了解|看过|能告诉我) 谁(?:知道|可?以?能?告诉我)
    [你您]?们?(?:大家)?(?:知不知道|知道|听过)
    [你您]?们?(?:能不能|可不可以|能否|可否|可以|能)(?=[请帮给跟找说讲]|麻烦|告诉|介绍|解释|推荐)
""")
_HEARSAY = rf"""(?:
    {_any("我 之前 以前 上次 前阵子 好像 似乎 依稀 曾经? 群里 网上 这里 朋友 同事 老师")}*
    {_any("听说过? 据说 记得 看过 看到过? 读过 听过 见过 有人[说讲问] 朋友[说讲]")}
    (?:好像|有|的是|说)*)"""
_HELP = _any(r"""
    请[你您]? 帮我?忙? 替我 给我 跟我 为我 告诉我 有没有人? 有无 有什么 有哪些 哪里有 哪里可以
    可以 能 再 求
""")
_VERB = _any(r"""
    找 找找 查 查查 查询 搜 搜索 搜寻 检索 推荐 列出 列举 整理 介绍 讲 讲讲 说 说说 谈谈 聊聊
    科普 解释 简述 概述 概括 总结 说明 讲解 看 看看 读 提供 分享 给 来
""")
_COUNT = _any(r"""
    一下 一?些 [几两一二三四五六七八九十\d]+[篇个则条本份点] 所有 全部 任何 [点出下](?!\w?车)
    得到 [这那哪]一?[篇些] 我 相关的?
""")
_TEXT = _any(r"""
    文章 报道 报导 资料 新闻 内容 消息 信息 资讯 讯息 贴文 帖子? 专题 文献 故事(?=吗|有|$)
""")
_ABOUT = _any(r"""
    关于 有关于? 跟 和 与
    [是在有]?(?:讲述?|写|谈|聊|说|介绍|讨论|报道|报导|提|涉及|探讨)(?:到|过|及|的是)?
""")
_HERE = _any("你们? 这里 这边 档案库? 资料库 网站")
_HAVE = rf"(?:{_HERE}[里上中]?面?)*(?:有没有|有无|是否有|有什么|有哪些|哪里有|有(?={_COUNT}))"
_CHINESE_PREFIX = re.compile(
    rf"""{_POLITE} | (?:{_WISH}|{_HEARSAY}){_COUNT}*{_ABOUT}?(?!的)
    | (?:{_HAVE}|{_HELP}+{_VERB}|{_VERB}(?={_COUNT})|列出|列举|检索|简述|概述|告诉我)
        {_COUNT}* (?:{_TEXT}[是有里]?(?={_ABOUT}))? (?:{_ABOUT}(?=.))?
    | 有?关于""",
    re.VERBOSE,
)
_CHINESE_SUFFIX = re.compile(
    rf"""(?:
      {_any("谢谢 谢啦 感谢 感恩 拜托 thanks thx 求解 求助 求推荐")}[你您啦了]?(?:大家|各位)?
    | (?:的|相关的?|有关的?|方面的?)+{_TEXT}?
    | (?:{_HAVE}|[有可]以?)(?:可以|能)?{_VERB}?的? | 找得到 | {_HAVE}{_COUNT}
    | (?:到底|究竟|又)?是(?:怎么一?回事|怎么?样的?)
    | (?:到底|究竟|又)?是(?:什么|啥){_any("意思 东西 情况 来头 概念 梗 玩意")}?
    | (?:到底|究竟|都|在)*[讲说写谈](?:的是|了|些)*(?:什么|啥) | 的?(?:内容|大意|重点)是什么
    | [吗呢吧啊呀嘛喔哦啦] | (?<![什怎那这多要])么
    )\Z""",
    re.VERBOSE,
)
_REQUESTED = re.compile(rf"{_TEXT}\Z")
"""Ends a topic only after a request: 找颱風的報導, and not 假新聞."""

# English. An underscore stands for white space.
_PLEASE = _any(r"""
    (?:hi|hello|hey)(?=\s(?:can|could|please|i|what|do|is|are|tell|there)\b)
    please pls plz excuse_me sorry ok okay so well kindly just and
""")
_WANT = _any(r"""
    i(?:'m|_am|_was)_(?:just_)?(?:wondering|curious|(?:looking|searching)_for|interested_in)(?:_about|_if)?
    i(?:'d|_would)?_(?:want|like|love|need|wish)_to_(?:know|read|learn|find|see|ask|hear)(?:_more)?
    (?:can|could|would|will)_(?:you|u|someone|anyone)(?:_please)? does_any(?:one|body)_know
    what_(?:do|does|can|have|has)_(?:you|u|we|they|the_archive)_(?:know|have|say|got|tell_me)
    (?:is|are|was|were)_there do_(?:you|u|we)_(?:have|know)(?:_of)? have_you_got i_need
    help_me_(?:find|understand|learn)
    what(?:'s|_is|_was|_are)_the_(?:deal|story|situation|meaning|latest|news)
""")
_DO = _any(r"""
    (?:tell|show|give|find|get|teach|recommend|suggest|send)(?:_to)?_(?:me|us)(?:_more)?
    search_for look_up look_for explain describe summari[sz]e recommend
""")
_SOME = _any(r"""
    some any all every a_few several the_best more good an? the of your \d+ a_bit
    anything something everything
""")
_TEXTS = _any(r"""
    articles? posts? stor(?:y|ies) reports? news pieces? essays? papers? info(?:rmation)? stuff
    coverage write-?ups?
""")
_ON = _any(r"""
    about on regarding concerning covering discussing mentioning related_to
    (?:that|which)_(?:talk|discuss|mention|cover)s?(?:_about)?
""")
_ENGLISH_PREFIX = re.compile(
    rf"""(?: {_PLEASE}
    | (?:{_WANT}|(?:{_WANT}\s+)?{_DO}) (?:\s+{_SOME})* (?:\s+{_TEXTS})?
        (?:\s+(?:{_ON}|with|of|for|behind))?
    | (?:(?:find|list|show|give)\s+)?(?:{_SOME}\s+)*{_TEXTS}\s+{_ON}
    | about | regarding )\b(?!['-])""",
    re.VERBOSE,
)
_THANKS = _any("""
    please pls plz thanks?(?:_you)?(?:_in_advance)? thx in_(?:the|this|your)_archive for_me
""")
_ENGLISH_SUFFIX = re.compile(rf"\b{_THANKS}\Z")
_ENGLISH_AROUND = re.compile(
    r"(?:how|what)\s(?:exactly\s)?(?:does|do|did)\s(?P<topic>.+?)\s"
    r"(?:actually\s|really\s)?(?:work|mean|function|operate|look\slike)\Z"
)

_ASKING = re.compile(
    r"什么|为何|为啥|谁|哪|多少|几[个位次年岁号点]|多[久大高长远深重]|怎|如何|何[时地人]|[吗呢]\Z"
    r"|是不是|有没有|会不会|能不能|是否"
    r"|\b(?:who|whom|whose|what|when|where|why|which|how|is|are|does|do|did|can)\b"
)


def clauses(text: str) -> list[Clause]:
    """Return the topics of ``text``, a folded question, in order.

    There is always one of weight 1: where nothing but frames would be left, the text itself.
    """
    parts = list(_parts(text))
    topics = [_without_frame(text, start, end) for start, end in parts]
    said = [topic for topic in topics if topic.weight]
    if not said:
        return [Clause(0, len(text), 1.0)]
    if len(said) == 1:
        weights = {said[0]: 1.0}
    else:
        longest = max(topic.end - topic.start for topic in said)
        weights = {
            topic: 1.0
            if _ASKING.search(text[start:end]) or topic.end - topic.start >= TELLING_SHARE * longest
            else CONTEXT_WEIGHT
            for (start, end), topic in zip(parts, topics, strict=True)
            if topic.weight
        }
        talked = [topic for topic in said if talk(text[topic.start : topic.end])]
        if len(talked) < len(said):
            weights |= dict.fromkeys(talked, GREETING_WEIGHT)
    return [Clause(t.start, t.end, weights.get(t, 0.0), t.dropped) for t in topics]


def _parts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in (*_BREAK.finditer(text), None):
        end = match.start() if match else len(text)
        if any(map(str.isalnum, text[start:end])):
            yield start, end
        start = match.end() if match else end


def _without_frame(text: str, start: int, end: int) -> Clause:
    """Return the part of ``text`` without its frame; of weight 0 where that is all of it."""
    before: list[str] = []
    after: list[str] = []
    is_requested = False
    while True:
        start, end = _trimmed(text, start, end)
        part = text[start:end]
        if match := _ENGLISH_AROUND.fullmatch(part):
            before.append(part[: match.start("topic")].strip())
            after.append(part[match.end("topic") :].strip())
            start, end = start + match.start("topic"), start + match.end("topic")
        elif (match := _CHINESE_PREFIX.match(part) or _ENGLISH_PREFIX.match(part)) and match[0]:
            is_requested = True
            before.append(match[0].strip())
            start += match.end()
        elif match := (
            _CHINESE_SUFFIX.search(part)
            or _ENGLISH_SUFFIX.search(part)
            or (is_requested and _REQUESTED.search(part))
        ):
            after.append(match[0].strip())
            end -= len(part) - match.start()
        else:
            break
    dropped = (*before, *reversed(after))
    return Clause(start, end, 1.0 if start < end else 0.0, dropped)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return (
        start + len(part) - len(part.lstrip(_EDGE)),
        end - len(part) + len(part.rstrip(_EDGE)) if part.strip(_EDGE) else start + len(part),
    )
