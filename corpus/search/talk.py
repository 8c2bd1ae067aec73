"""Is this a question at all, or a greeting, thanks, an order to the bot, abuse (pure)?

Patterns over kinds of talk. A text is talk only where nothing else is left of it: whatever may be a
question is one. "你好，李煥英的票房多少" greets and asks, and so it asks.
"""

import re
from enum import StrEnum


class Talk(StrEnum):
    """What is said by somebody who asks nothing; where several fit, the first."""

    EMPTY = "empty"
    """No word at all: marks, emoji, mentions."""
    INJECTION = "injection"
    """Tries to give the bot other instructions."""
    ORDER = "order"
    """Wants something made, translated or computed."""
    ABUSE = "abuse"
    ABOUT_BOT = "about-bot"
    FOLLOW_UP = "follow-up"
    """Goes on with a conversation that the bot does not remember, or asks without a topic."""
    GREETING = "greeting"
    """Also a farewell, and thanks."""
    REACTION = "reaction"
    """Agrees, laughs, doubts."""


_DISCORD_MARKUP = re.compile(r"<(?:@[!&]?|#|a?:\w+:|/[^:<>]+:|t:)\d+(?::\w)?>|(?<!\w):\w+:(?!\w)")
_NO_WORD = re.compile(r"[^\w']|_")
_MAX_TALK = 60
"""Characters: who says more says something."""

_PARTICLES = r"[啊呀吧呢吗嘛哦喔噢哟呦啦了耶欸诶哇咧嘞的嚟㗎喎啰喇咯晒嗮咗咩吖啫]"
_VERY = r"(?:真的?|太|好|很|超|非常|十分|有够|so|very|really)"
_BOT = r"(?:你|您|你们|大家|各位|机器人|小助手|bot|robot|there|everyone|guys|all|friend)"

_PHRASES: dict[Talk, str] = {
    Talk.GREETING: rf"""
        (?:你|您|你们|大家|各位|哈|早上|上午|中午|下午|晚上)好 | 哈[啰喽罗] | [嗨嘿] | 安安
        | [早午晚]安 | 早 | 早晨 | 早[抖唞] | 食咗?饭未?
      | 有?人?在(?:吗|不在) | 有人吗 | 好久不见 | 吃[饱了]了?[吗没] | 请问
      | (?:新年|生日|圣诞节?|中秋节?|春节|周末|节日)快乐 | 恭喜发财 | 最近(?:好吗|怎么样|如何)
      | hi | hello+ | hey+ | yo | sup | howdy | greetings | good\ (?:morning|afternoon|evening
      |night|day)
      | how\ are\ (?:you|u|things)(?:\ doing)?(?:\ today)? | what's\ up | how's\ it\ going
      | nice\ to\ meet\ you | happy\ (?:new\ year|birthday) | merry\ christmas | anyone\ (?:here
      |there)
      | 再见 | (?:掰掰|拜拜|88) | (?:明天|回头|下次)见 | (?:good)?bye(?:\ bye)? | see\ (?:you
      |ya)(?:\ later)?
      | {_VERY}?(?:感谢|谢谢?|多谢|感恩|辛苦|麻烦|唔该)(?:{_BOT}的?(?:回答|帮忙|帮助|解答)?)?
      | thanks? | thank\ (?:you|u) | thx | ty | 3q | cheers | (?:very\ |so\ )much | a\ lot
      | (?:much|really)\ appreciated""",
    Talk.REACTION: rf"""
        好[的吧喔啊呀]? | 可以 | 没问题 | 行 | 是的?喔? | 对[的啊呀]? | 不是 | 不对 | 没错
        | 了解 | 明白 | 知道了
      | 收到 | 懂了 | 没事 | 算了 | 不用了? | 随便 | 加油 | 嗯++ | 恩++ | 哦++ | 喔++ | 哈哈++
      | 呵呵++ | 嘻嘻++
      | 嘿嘿++ | 呜呜++ | 哇++ | {_VERY}?(?:棒|厉害|不错|有趣|好笑|赞|可爱|聪明|神奇|强|酷)
      | {_VERY}?(?:好用|有用|实用|受用|有帮助|清楚|正|劲)
      | ok | okay | k | yes | no | yeah | yep | yup | nope | sure | fine | right | cool | nice
      | great | awesome
      | wow | lol+ | lmao | rofl | (?:ha){{2,}}+h? | he(?:he)++ | xd+ | hm+ | oh | ah | well\ done
      | good\ (?:bot|job|one) | never\ ?mind | i\ see | got\ it | perfect | amazing
      | interesting""",
    Talk.ABOUT_BOT: r"""
        你(?:到底|究竟|又)?[是叫](?:谁|什么|啥|哪位|什么名字|机器人|真人|人|人还是机器人|ai
        |男是女|男的还是女的)
      | 你系(?:咪|唔系)?(?:边个|乜|咩|真人|机器人|人|ai) | 你叫(?:咩|乜)名? | 你识(?:做)?[咩乜]
      | 你(?:的)?名字(?:是|叫)?什么 | 你是不是(?:机器人|真人|人|ai|chatgpt|活的)
      | 你(?:会|能|可以|懂)(?:做|干|帮我|帮我做|回答|用来做)?(?:什么|啥|些什么|哪些事|干嘛
      |什么事) | (?:会|能|可以)(?:做|干)(?:什么|啥)
      | 你(?:有|会)(?:什么|哪些)功能
      | (?:要|该)?(?:怎么|如何)(?:使用|用)(?:你|这个机器人|这个bot|这)? | 你(?:要)?怎么用
      | 谁(?:做|写|开发|创造|制造|发明)[了的]?你
      | 你(?:今年)?(?:几岁|多大) | 你(?:住|在)(?:哪|哪里|哪儿) | 你从哪(?:里|儿)?来
      | 你喜欢(?:什么|我) | 你爱我
      | 你(?:单身|有感情|有朋友|开心|还好|累|会累|无聊|睡|会睡觉|有男朋友|有女朋友)(?:吗|不)
      | 你(?:会不会|会|能不能|能|喜不喜欢|喜欢|爱|怕|懂不懂|懂)\w{1,4}[吗呢] | 你会不会\w{1,4}
      | 你会(?:说|讲)(?:中文|英文|日文|台语|广东话) | (?:请)?(?:你)?自我介绍(?:一下)?
      | 介绍(?:一下)?你自己
      | (?:我?(?:今天|最近)|我)?心情(?:有点|有些|很|好|不太?|超|真)*
        (?:差|好|糟|低落|烦|沮丧|郁闷)
      | (?:今天)(?:有点|好|很|超|真)?(?:下雨|冷|热|累|忙|无聊|倒霉)
      | 我(?:爱|喜欢|讨厌|恨|想)你 | 我(?:今天)?(?:好|很|有点)(?:无聊|累|难过|伤心|开心|饿|困|烦)
      | who\ (?:are|made|created|built|wrote)\ (?:you|u) | what\ (?:are|r)\ (?:you|u)
      | what\ can\ (?:you|u)\ do
      | what(?:'s|\ is)\ (?:your|ur)\ name | (?:are|r)\ (?:you|u)\ (?:an?\ )?(?:bot|robot|human
      |real|ai|alive|ok|okay|chatgpt|person|sentient)
      | how\ old\ are\ you | how\ do(?:es)?\ (?:you|this|this\ bot|it)\ work
      | where\ are\ you(?:\ from)?
      | how\ (?:do|can|should)\ i\ use\ (?:you|this|this\ bot|it)
      | do\ you\ (?:speak\ (?:english|chinese|mandarin)|love\ me|like\ me|have\ feelings|sleep
      |dream|remember\ me)
      | (?:tell\ me\ about|introduce)\ yourself | can\ (?:you|u)\ help(?:\ me)? | help(?:\ me)?
      | i\ (?:love|hate|like|miss)\ (?:you|u) | i(?:'m|\ am)\ (?:bored|sad|tired|hungry|lonely
      |happy)""",
    Talk.FOLLOW_UP: r"""
        (?:那|那么|所以|可是|但是|但)?(?:后来|然后|接下来|接着|之后|结果|最后|还有)
            (?:呢|怎么了|怎么样|怎样|如何|发生了?什么事?|[吗咧嘞])?
      | (?:那|那么|所以|可是|但|但是|又)?(?:是)?(?:为什么|为何|为啥|怎么会|凭什么|怎么说|怎么办
      |怎么了|怎么样|怎样|怎么
            |什么意思|是什么|什么|谁|哪里|哪个|什么时候|何时|多少|多久|几个|如何)(?:这样|会这样|呢)?
      | (?:咁|噉)?(?:跟住|之后|后尾)(?:呢|点) | (?:咁|噉)?(?:点解|边个|几时|边度|点样|乜嘢|咩)
      | 真的(?:假的)? | 真假 | 是吗 | (?:你)?确定 | 不会吧 | 怎么可能 | 骗人 | 我不信 | 听不懂
      | 看不懂 | 不懂
      | (?:你)?再(?:说|讲|来|试|回答|解释)(?:一次|一遍|一个|一下|多次)
      | (?:请|可以|能不能|能)?你?(?:再|多|继续)+(?:说|讲|聊|介绍|解释|提供|给)(?:一?[点些下])?
      | 重复一[遍次] | 继续
      | (?:继续)?[说讲]下去 | 下一[个页条] | 换一个
      | (?:请|可以|能不能|能)?(?:再)?(?:说|讲|解释|回答)?(?:得|的)?(?:更|再)?(?:详细|清楚|具体
      |简单|仔细)一?[点些](?:说明|解释)?
      | 还有(?:别的|其他的?|更多) | 更多 | 举个?例子? | 例如 | 比如说?
      | (?:这|那|它|他|她)(?:个|些|件事|句话|段)?(?:是|又是|到底是)?(?:什么|谁|为什么|什么意思
      |怎么回事|哪里|真的)
      | (?:上面|刚刚|刚才|你)(?:那个|那段|说的?)?(?:是)?(?:什么|什么意思)
      | (?:and|so|but|then|or)?\ ?(?:then|what|why|how|when|where|who|really|which)(?:\ (?:then
      |now|not|so|else|next|is\ that|is\ it|come))?
      | what\ (?:happened|happens|comes)\ (?:next|then|after(?:\ that)?) | are\ you\ sure
      | what\ do\ you\ mean | says\ who
      | tell\ me\ more | more | go\ on | continue | (?:please\ )?(?:say|repeat|explain)\ (?:it
      |that|this)(?:\ again)? | again | next
      | explain | elaborate | for\ example | what\ about\ (?:it|that|this|him|her|them)
      | is\ (?:it|that|this)\ true
      | (?:what|who|where)(?:'s|\ is|\ are|\ was)\ (?:it|that|this|he|she|they)""",
    Talk.ABUSE: rf"""
        靠[北腰夭] | 干你[娘妈老]\w? | [操草肏]你?妈的? | 草泥马 | 他?妈的 | tmd | 妈[逼个]
        | [我卧][操槽靠] | 去死 | 滚[开蛋]
      | (?:你(?:是|这个?|这|就是|根本)?|{_VERY})(?:白痴|智障|笨蛋|蠢货|废物|垃圾|脑残|神经病|烂
      |蠢|笨|没用|废|难用|差|白目|机车)
      | (?:白痴|智障|笨蛋|脑残|烂|垃圾|废物)(?:机器人|bot|东西|透了|死了|程序) | 没用的?东西?
      | 什么(?:烂|鬼|破|垃圾|狗屁|废物)(?:东西|机器人|bot|玩意儿?|答案|回答|程序)? | 有病 | 闭嘴
      | 王八蛋 | 混蛋 | 机掰 | 放屁
      | 答非所问 | (?:你)?(?:答|回答|说)错了
      | (?:what\ the\ )?(?:fuck|hell)(?:\ (?:you|off|this|u|is\ this))? | fuck(?:ing)?\ \w+
      | (?:bull)?shit | wtf | stfu | damn(?:\ it|\ you)? | crap
      | (?:you(?:'re|\ are)?\ |this\ (?:is|bot\ is)\ |such\ an?\ |an?\ )?(?:so\ |a\
      |an\ )?(?:stupid|idiot|dumb|useless|moron|worthless|terrible)(?:\ (?:bot|machine|thing))?
      | (?:you|this(?:\ bot)?)\ sucks? | shut\ up | go\ to\ hell""",
}
_SPOKEN = [(kind, re.compile(phrase, re.VERBOSE)) for kind, phrase in _PHRASES.items()]
_BESIDE = re.compile(rf"{_PARTICLES}|{_BOT}|{_VERY}")
"""Says nothing by itself."""
_INSIDE_WORD = re.compile(r"(?<=[a-z0-9'])(?=[a-z0-9'])")

_THING = (
    r"(?:诗|词|作文|文章|故事|代码|程[序式]|情书|信|邮件|报告|歌词?|自传|履历|简历|文案|论文|小说"
    r"|笑话|段子|剧本|脚本|摘要|心得|讲稿|演讲稿|图|画|函数|网站|作业)"
)
_MADE = (
    r"(?:poem|essay|story|song|letter|email|code|script|function|program|report|haiku|joke|picture"
    r"|image|drawing|resume|speech|limerick|rap|tweet|caption|paragraph|sentence|homework)"
)
_PLEASE = r"(?:请|麻烦|拜托)?(?:你|您)?(?:能不能|可不可以|可以|能|会)?"
_THIS = r"(?:上面|以上|上述|下面|以下|刚刚|刚才|前面|这[个段句篇些]?|那[个段句篇些]?)"
_ORDER = re.compile(
    rf"""{_PLEASE} (?:
        [帮给替为]我?(?:忙|们)?
            (?:写|作|画|算|编|生成|制作|翻译|润[饰色]|改写?|修改|校对|订|买|唱|播放|取个?名|想个
            |设定?|debug|打电话|发送)
      | (?:写|作|编|画|生成)一?[首篇段个封则幅张份](?:.{{0,20}}){_THING}
      | [讲说来给唱](?:一|我)?[个首](?:.{{0,6}})(?:笑话|故事|段子|歌)
      | 翻译(?:一下)?(?:{_THIS}|成|[:：]) | (?:把|将){_THIS}.*(?:翻|译|改|写|缩|总结|列|变|转)
      | (?:翻译?|译)成[中英日韩法德台].{{0,2}}文? | 提醒我 | 设一?个?(?:闹钟|提醒|定时器)
    )
  | (?:please\s|pls\s)?(?:(?:can|could|would|will)\s(?:you|u)\s(?:please\s)?)?(?:
        (?:write|compose|draw|paint|generate|create|make|sing|tell|code|design)\s
            (?:(?:me|us)\s(?:an?|some|the)\s(?!list)|(?:an?|some|my)\s(?:\w+\s){{0,3}}?{_MADE}\b)
      | tell\sme\sa\s(?:joke|story)
      | translate\s(?:this|that|these|the\s(?:above|following)|it|into|to\s|my|[:"'「])
      | (?:rewrite|paraphrase|proofread|debug|fix|solve|finish|do)\s(?:this|my|the\s(?:above
      |following)|it)\b
      | (?:remind\sme|set\s(?:an?\s)?(?:timer|alarm|reminder))\b
      | (?:calculate|compute)\s[\d(]
    )""",
    re.VERBOSE,
)
_ARITHMETIC = re.compile(r"(?=.*[+*×÷^=]|.*\s[-/]\s)[\d\s.,()]+(?:[-+*/x×÷^][\d\s.,()]+)+[=?？]*")
_INJECTION = re.compile(
    r"""(?:^|[.。!！,，;；:：\n]\s*)(?:please\s|now\s|请|现在)?(?:
        (?:ignore|disregard|forget|override|bypass)\s(?:\w+\s){0,4}?
            (?:instructions?|prompts?|rules|directions|guidelines|training)\b
      | (?:忽略|无视|忘记|忘掉|不要理会|跳过|覆盖)掉?(?:你|所有|全部|一切|之前|以上|前面|上面
      |先前|上述|收到|的)+
            (?:指令|指示|提示词?|规则|命令|设定|要求|对话)
      | (?:print|show|reveal|repeat|output|display|give|tell)\s(?:me\s)?(?:your
      |the)\s(?:\w+\s){0,2}?
            (?:prompt|instructions|api\skey|token)\b
      | (?:显示|输出|告诉我|说出|泄露|打印|给我)(?:你的?|系统的?|内部)+(?:提示词?|指令|prompt
      |设定|密码|token|金钥|密钥)
      | (?:from\snow\son\s)?you\s(?:are\snow|will\sact\sas|must\sact\sas)\s(?:an?\b|dan\b|my\b
      |in\s\w+\smode|free|no\slonger|not\s)
      | (?:pretend|act)\s(?:to\sbe|as\sif|as\sthough|like\syou|as\san?|you\sare)\s
      | (?:从现在(?:开始|起))?(?:你|请你?)?(?:扮演|假装(?:你|自己)?是|假设你是|现在是一?[个只名位])
      | (?:developer|dan|jailbreak|god)\smode | <\/?(?:system|assistant|user)> | system\s?:
    )""",
    re.VERBOSE,
)
_ASKS_ABOUT = re.compile(r"什么|怎么|如何|谁|吗|呢|攻击|\b(?:what|how|why|who|mean|attacks?)\b")


def without_markup(text: str) -> str:
    """Return ``text`` without Discord's mentions, custom emoji and commands."""
    return _DISCORD_MARKUP.sub(" ", text).strip()


def talk(text: str) -> Talk | None:
    """Return what kind of talk ``text``, folded, is; None of a question, and in doubt."""
    said = without_markup(text)
    if not any(map(str.isalnum, said)):
        return Talk.EMPTY
    if (match := _INJECTION.search(said)) and not _ASKS_ABOUT.search(said[match.end() :]):
        return Talk.INJECTION
    if _ORDER.match(said) or _ARITHMETIC.fullmatch(said):
        return Talk.ORDER
    if len(said) > _MAX_TALK:
        return None
    kinds = _spoken(" ".join(_NO_WORD.sub(" ", said.replace("’", "'")).split()))
    return min(kinds, key=list(Talk).index) if kinds else None


def _spoken(words: str) -> set[Talk]:
    """Return the kinds of the phrases that make up ``words``; none where anything is left over."""
    kinds_until: list[set[Talk] | None] = [set(), *[None] * len(words)]
    for start in range(len(words)):
        so_far = kinds_until[start]
        if so_far is None or _INSIDE_WORD.match(words, start):
            continue
        for end in range(start + 1, len(words) + 1):
            piece = words[start:end].strip()
            kinds = {kind for kind, phrase in _SPOKEN if phrase.fullmatch(piece)}
            if kinds or not piece or _BESIDE.fullmatch(piece):
                kinds_until[end] = (kinds_until[end] or set()) | so_far | kinds
    return kinds_until[-1] or set()
