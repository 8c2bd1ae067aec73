"""Hostile articles: seeded mutations of honest ones, and bombs.

A mutation flips bytes, cuts them off, repeats them, splices in another article, or inserts what is
special to YAML, HTML, Markdown or Unicode.
"""

from pathlib import Path
from random import Random

SAMPLE = Path(__file__).parents[2] / "corpus" / "sample" / "_posts"

_SHAPES = (
    b"",
    b"---\n---\n",
    "沒有前言，只有一段文字，說的是花蓮的颱風。\n".encode(),
    "---\ntitle: 表\ntags: [a, b]\n---\n| 年 | 雨量 |\n|---|---|\n| 2019 | 50 |\n".encode(),
    "---\ntitle: 碼\n---\n```html\n<div>\n```\n\n- 一項\n  - 兩項\n\n> 引文\n\n# 標題\n\n1. 三項\n".encode(),
    "---\ntitle: 頁\ndate: 2021-01-06T01:56:34.000Z\nfrom: https://example.org/a?b=1&amp;c=2\n"
    "author: [甲, 乙]\n---\n<!--1609898194000-->\n<div class='post'><h2>題</h2><p>一<b>二</b>三<br>"
    "四</p><table><tr><td>五</td></tr></table><ul><li>六</li></ul><sup>1</sup></div>\n".encode(),
    "\ufeff---\r\ntitle: 視窗\r\n---\r\n一行，\r\n兩行。\r\n".encode(),
    "---\ntitle: 寬\n---\n這是另一種編碼寫的文章，說的是花蓮的颱風。\n".encode("utf-16"),
)

_SPECIALS = (
    # YAML
    *(b"---\n", b"\n---\n", b"...\n", b": ", b"- ", b"? ", b"&a ", b"*a ", b"<<: ", b"!!int ", b"!!binary "),
    *(b"[" * 40, b"{" * 40, b"'", b'"', b"|\n", b">\n", b"%YAML 9.9\n", b"\t", b"!<tag:x> ", b"0x", b"~"),
    # HTML
    *(b"<div>" * 60, b"</div>" * 60, b"<p>", b"<!--", b"-->", b"<![CDATA[", b"<script>", b"<style>", b"<svg>"),
    *(b"<table><tr><td>" * 20, b"<select><option>" * 9, b"<a href='javascript:x'>", b"<body>", b"<math>"),
    *(b"<template>", b"<plaintext>", b"<textarea>", b"<form><p>", b"&#x202e;", b"&#0;", b"&#xd800;"),
    *(b"&amp;amp;amp;lt;", b"&" * 50, b"<" * 50, b"<div " + b"a " * 99 + b">", b"<sup>1</sup>", b"<base>"),
    # Markdown and Liquid
    *(b"[" * 50, b"](", b"![" * 20, b"`" * 30, b"> " * 30, b"* " * 30, b"~~~\n", b"```\n", b"|--" * 20),
    *(b"{% raw %}", b"{{ site.x }}", b"{:.a}\n", b"***", b"\\", b"\n# ", b"\n===\n", b"[a]: b\n"),
    # Unicode, and invalid UTF-8
    *(b"\0", b"\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xe9\xa2", b"\x1b[2J", b"\x85"),
    *(text.encode() for text in "\u202e \u200b \u2028 \ufeff \U000e0041 \u0301 \uffff \U0010ffff".split(" ")),
    "人".encode() * 3000,
    "，".encode() * 3000,
    "👨‍👩‍👧‍👦".encode() * 50,
    # mentions and links, which Discord would show as such
    *(b"@everyone ", b"<@1>", b"<#1>", b"</ask:1>", b"<t:1>", b"[x](https://example.org)", b"||"),
)  # fmt: skip

BOMBS = {
    "bomb-flow.md": b"---\na: " + b"[" * 50_000 + b"\n---\n",
    "bomb-alias.md": b"---\na: &a [x, x]\n"
    + b"".join(b"b%d: &b%d [*a, *a, *a, *a]\n" % (i, i) for i in range(900))
    + b"---\n",
    "bomb-merge.md": b"---\na: &a {b: c}\n" + b"d: {<<: [*a, *a, *a]}\n" * 2000 + b"---\n",
    "bomb-long.md": b"---\na: " + b"x" * 70_000 + b"\n---\n",
    "bomb-nested.html": b"<div>" * 100_000,
    "bomb-unbalanced.md": b"<div></b>" * 100_000,
    "bomb-attributes.html": b"<div " + b"a " * 20_000 + b">",
    "bomb-brackets.md": b"[" * 50_000,
    "bomb-picture.md": b"![" * 30_000,
    "bomb-text.html": b"a" * 4_100_000,
    "bomb-binary.md": bytes(range(256)) * 4000,
}
"""By file name: articles to refuse. Each has crashed a parser or kept it busy for minutes."""

TOLERATED = {
    "bomb-han.md": "人".encode() * 95_000,
    "bomb-run.html": "颱".encode() * 1_000_000,
    "bomb-depth.html": b"<b>" * 300 + "三百層裡面的文字，一個字都不能少。".encode(),
    "bomb-surrogates.md": b"\xed\xa0\x80\xed\xb0\x80" * 1000 + "代理碼之後還有文字。".encode(),
    "bomb-unseen.md": "\u202e零\u200b寬\u2066\0字元\U000e0041之後還有文字。".encode() * 1000,
    "bomb-headings.md": "# 字\n".encode() * 30_000,
    "bomb-options.html": b"<select>"
    + b"<option>x" * 30_000
    + "</select>選項之後還有文字。".encode(),
}
"""By file name: articles that may be indexed or skipped, but not take long."""

ENDLESS = {"bomb-paragraphs.html": b"<p>" * 1_300_000, "bomb-paragraphs.md": b"<p>" * 1_300_000}
"""By file name: articles within every limit that still take the parser most of a minute."""


def honest() -> list[bytes]:
    """Return articles to mutate."""
    return [*_SHAPES, *(path.read_bytes() for path in sorted(SAMPLE.iterdir()))]


def mutated(rng: Random, articles: list[bytes]) -> bytes:
    """Return one of ``articles`` with one or more mutations."""
    raw = bytearray(rng.choice(articles))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        start = rng.randint(0, len(raw))
        # Many faults are in the front matter.
        start = min(start, 200) if rng.random() < 0.2 else start
        end = min(len(raw), start + int(rng.expovariate(1 / 60)))
        match rng.randrange(6):
            case 0 if raw:
                raw[min(start, len(raw) - 1)] ^= 1 << rng.randrange(8)
            case 1:
                del raw[start:]
            case 2:
                raw[start:start] = raw[start:end] * rng.choice((1, 2, 50))
            case 3:
                other = rng.choice(articles)
                raw[start:] = other[rng.randint(0, len(other)) :]
            case 4:
                del raw[start:end]
            case _:
                raw[start:start] = rng.choice(_SPECIALS) * rng.choice((1, 1, 1, 3, 100))
    if rng.random() < 0.6:
        # Valid UTF-8 gets past the decoder to the parsers.
        return raw.decode("utf-8", "ignore").encode()
    return bytes(raw)


def named(rng: Random, number: int) -> bytes:
    """Return a file name, unique to ``number`` and sometimes a strange one."""
    stem = rng.choice((
        b"post-%d", b"2021-01-%02d-a", "颱風 %d".encode(), b"-%d", b"%d\n", b"%d\x1b[2J", b"<@%d>",
        "\u202e%d".encode(), b"\xff%d", b"%d" + b"x" * 200, b"'%d'", b"%d;$(id)", "👻%d".encode(),
    ) if rng.random() < 0.2 else (b"post-%d",))  # fmt: skip
    return stem % number + rng.choice((b".md", b".md", b".markdown", b".html", b".HTM"))
