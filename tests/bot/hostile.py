"""Questions as somebody would type them who means harm, seeded; and what none of them may become."""

import re
from collections.abc import Callable, Sequence
from random import Random

_HONEST = (
    "颱風是怎麼形成的", "台风", "高山茶種在哪裡", "高铁 清晨", "乌龙茶和六大茶类", "冥王星",
    "what is a typhoon", "2019年8月", "「溫暖的海面」 -茶", "+颱風 登陸",
)  # fmt: skip
_EVIL = "https://evil.example/x"
_PINGS = (
    "@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</ask:1>", "<t:1:R>", "<t:0>", "<:a:1>",
    "<a:b:1>", "<id:guide>", "<@\u200b1>", "@\u200beveryone", "\\<@1>", "\\\\@everyone", "＠everyone",
)  # fmt: skip
_LINKS = (
    f"[x]({_EVIL})", f"[x](<{_EVIL}>)", f"[{_EVIL}]({_EVIL})", f"<{_EVIL}>", _EVIL, f"[x]: {_EVIL}",
    f"]({_EVIL})", "[x](javascript:alert(1))", "[x](discord://-/settings)", f"![x]({_EVIL})",
)  # fmt: skip
_MARKS = (
    "**",
    "__",
    "~~",
    "||",
    "`",
    "```\n",
    "> ",
    ">>> ",
    "# ",
    "-# ",
    "- ",
    "1. ",
    "*",
    "_",
    "\\",
)
_SQL = (
    "'; DROP TABLE articles;--", '" OR 1=1 --', "%' UNION SELECT * FROM questions --", "\\'", "''", "%_%",
    "颱風* NEAR(茶 高山, 5)", "title:颱風 AND NOT 茶", '"颱風" OR "茶"', "^颱風", "{a b}:c", "-{a}: +{b}",
    "x'00'", "?1", ":name", "/*", "--",
)  # fmt: skip
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\xad\u034f\u115f\u3164\U000e0041\ufe0f\u180e"
_BIDI = "\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2069\u200e\u200f\u061c"
_BROKEN = "\ud800\udfff\udc80\ud83d\x00\x01\x1b\x7f\x85\u2028\ufffe\uffff\U0010ffff"
_EMOJI = ("😀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇹🇼", "1️⃣", "👍🏿", ":smile:", "㊗️")
_OPERATORS = (
    "「",
    "」",
    "『",
    "』",
    '"',
    "“",
    "”",
    "+",
    "-",
    "＋",
    "－",
    "「」",
    "+-",
    '""',
    "- -",
    "+「",
    "-「茶」",
)
_DATES = (
    "2021", "2021-02-30", "0000", "9999-12-31", "-1", "30d", "99999999999d", "去年", "上個月", "2021年13月",
    "last month", "٢٠٢١", "２０２１", "1e9", "soon", "NaN",
)  # fmt: skip


def _some(pieces: Sequence[str], most: int) -> Callable[[Random], str]:
    return lambda rng: "".join(rng.choices(pieces, k=rng.randint(1, most)))


KINDS: dict[str, Callable[[Random], str]] = {
    "empty": lambda rng: rng.choice(("", " ", "\n\t", "　", "？！……", "\u200b", "。" * 40)),
    "long": lambda rng: (_some(_HONEST, 3)(rng) * 6_000)[:6_000],
    "one character": lambda rng: (
        rng.choice(("人", "a", "，", "「", "-", "😀", "\u0301", "\0")) * 6_000
    ),
    "emoji": _some(_EMOJI, 60),
    "broken": _some(_BROKEN, 12),
    "sql": _some(_SQL, 3),
    "pings": _some(_PINGS, 6),
    "links": _some(_LINKS, 4),
    "marks": _some(_MARKS, 30),
    "bidi": _some(_BIDI, 12),
    "unseen": _some(_UNSEEN, 20),
    "operators": _some(_OPERATORS, 12),
    "dates": _some(_DATES, 2),
    "any": lambda rng: "".join(chr(rng.randrange(0x110000)) for _ in range(rng.randint(1, 60))),
}
"""How to make a question of each kind."""


def question(rng: Random) -> str:
    """Return a question of one kind, or of several mixed with honest words."""
    if rng.random() < 0.5:
        return KINDS[rng.choice(list(KINDS))](rng)
    pieces = [KINDS[rng.choice(list(KINDS))](rng)[:200] for _ in range(rng.randint(1, 4))]
    pieces += rng.choices(_HONEST, k=rng.randint(1, 2))
    rng.shuffle(pieces)
    return rng.choice(("", " ", "\n")).join(pieces)


POSTS = {
    "ping.md": (
        "title: '@everyone <@1> 颱風'\nauthor: '<@&1>'\ncategories: ['<#1> @here']",
        _PINGS,
    ),
    "link.md": (
        f"title: '[颱風]({_EVIL})'\nauthor: '{_EVIL}'\nfrom: 'https://example.org/)[x]({_EVIL})'",
        _LINKS,
    ),
    "mark.md": ("title: '**颱風|| ```'\nauthor: '# __'\ntags: ['||', '> a']", _MARKS),
    "sql.md": ('title: "\'; DROP TABLE 颱風 --"\nauthor: "\' OR 1=1"', _SQL),
    "unseen.md": ('title: "颱\\u202e風\\u200b茶"\nauthor: "\\u2066甲"', (*_BIDI, *_UNSEEN)),
    "emoji.md": ("title: 😀颱風👨‍👩‍👧‍👦\nauthor: 🇹🇼", _EMOJI),
}
"""Front matter, and what stands between the words of the body, by file name."""


def post(name: str) -> str:
    """Return a hostile article on what honest questions ask for."""
    front, pieces = POSTS[name]
    paragraphs = (
        "".join(f"颱風{piece}茶" for piece in pieces[i : i + 6]) + "，海面很溫暖，清晨的高铁也是。"
        for i in range(0, len(pieces), 6)
    )
    body = "".join(
        f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>\n" for text in paragraphs
    )
    return f"---\n{front}\n---\n<h2>{_PINGS[0]} &lt;#1&gt;</h2>\n{body}"


_OWN_LINK = re.compile(
    r"(?<!\\)\]\(https://(?:web\.archive\.org/web/(?:\d+/)?https://)?example\.(?:org|com)/[^\s()]*\)"
)
_ALIVE = re.compile(
    r"@(?:everyone|here)"
    r"|<@[!&]?\d"  # the server resolves these two even behind a backslash
    r"|(?<!\\)(?:\\\\)*<(?!t:-?\d+:D>|#\d{17,}>)"  # our own dates and channels
    r"|(?<!\\)(?:\\\\)*(?:https?|javascript|discord)://?evil"
    r"|(?<!\\)(?:\\\\)*\]\(\s*<?(?:https?://evil|javascript|discord)"
)


def alive(markdown: str) -> list[str]:
    """Return what in ``markdown`` would ping, mention or link, though only others wrote it."""
    rest = _OWN_LINK.sub("]", markdown)
    return [rest[max(0, match.start() - 20) : match.end() + 20] for match in _ALIVE.finditer(rest)]
