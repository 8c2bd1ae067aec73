"""What the tests of reading share: paragraphs to hide and to find, and a body read to texts."""

from corpus.archive.markup import Body, html_of, read_body

LONG = (
    "這是一段足夠長的正文，說的是颱風來襲之前學校停課、商店關門、街上沒有人的事情，一共四十多個字。"
)
OTHER = (
    "第二天早上風停了，居民出門清理倒下的樹和招牌，市場重新開張，菜價比前一天貴了三成，還是有人買。"
)


def read(body: str, title: str = "題目", *, markdown: bool = True) -> Body:
    return read_body(html_of(body, markdown=markdown), title=title)


def texts(body: str, title: str = "題目", *, markdown: bool = True) -> list[str]:
    return [paragraph.text for paragraph in read(body, title, markdown=markdown).paragraphs]


def with_headings(body: str, title: str = "題目") -> list[tuple[str, str]]:
    return [(p.heading, p.text) for p in read(body, title).paragraphs]
