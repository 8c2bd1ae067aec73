"""Archives of other programs, as their authors keep them, from the folder to the answer."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from corpus.archive import files
from corpus.archive.front_matter import split_front_matter
from corpus.library import Library
from corpus.model import IndexReport
from tests.folders import with_dictionary

BLOGS = Path(__file__).parents[1] / "data"
HAN_WORDS = re.compile(r"[\u4e00-\u9fff]{4,}")

Indexed = tuple[Library, IndexReport]


async def _indexed(
    name: str, tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Indexed]:
    data = with_dictionary(tmp_path_factory.mktemp(name) / "var", dictionary_cache)
    async with Library(BLOGS / name, data) as library:
        yield library, await library.reindex()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hugo(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Indexed]:
    async for indexed in _indexed("hugo-blog", tmp_path_factory, dictionary_cache):
        yield indexed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hexo(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Indexed]:
    async for indexed in _indexed("hexo-blog", tmp_path_factory, dictionary_cache):
        yield indexed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def others(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Indexed]:
    async for indexed in _indexed("other-files", tmp_path_factory, dictionary_cache):
        yield indexed


async def lost_words(blog: str, indexed: Indexed) -> set[str]:
    """Return the words of all bodies that no article of the index holds."""
    library, report = indexed
    skipped = {file.path for file in report.skipped}
    lost: set[str] = set()
    for path in set(files.scan(BLOGS / blog)) - skipped:
        article = await library.article(path)
        assert article is not None, path
        read = " ".join([article.title, *(f"{p.heading} {p.text}" for p in article.paragraphs)])
        body = split_front_matter((BLOGS / blog / path).read_text("utf-8")).body
        lost |= {word for word in HAN_WORDS.findall(body) if word not in read}
    return lost


async def answer(indexed: Indexed, question: str) -> tuple[str, str | None, str, str]:
    result = await indexed[0].search(question)
    article = result.hits[0].article
    return article.title, article.date, article.author, article.source


@pytest.mark.asyncio(loop_scope="module")
async def test_a_blog_of_hugo_is_indexed_without_a_loss(hugo: Indexed) -> None:
    report = hugo[1]
    assert report.articles == 21
    assert {file.path: file.reason for file in report.skipped} == {
        "content/posts/draft.md": "is marked as a draft",
        "content/posts/expires.md": "is not published before 2998-01-01",
        "content/posts/old.md": "expired on 2018-02-01",
    }
    assert [note.path for note in report.noted] == ["content/posts/broken.md"]
    # A caption, and what is styled away.
    assert await lost_words("hugo-blog", hugo) == {"補給船靠岸的那天", "這段沒有人看得見"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_blog_of_hugo_answers(hugo: Indexed) -> None:
    assert await answer(hugo, "今年冬天的烏魚晚了多久") == (
        "冬天的魚市場",
        "2021-03-04T05:30:00+08:00",
        "林海、陳舟",
        "市場",
    )
    assert await answer(hugo, "渡輪的最後一班是幾點") == (
        "渡輪的最後一班",
        "2021-05-06",
        "",
        "交通",
    )
    assert (await answer(hugo, "曬鹽看風還是看太陽"))[2:] == ("陳舟", "產業")
    assert (await answer(hugo, "船為什麼要倒車"))[0] == "問答: 船為什麼要倒車"
    assert (await answer(hugo, "北港的風速是多少"))[0] == "各港口的風速"
    assert (await answer(hugo, "沒有名字的礁石"))[0] == "這個月的書單"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_blog_of_hexo_is_indexed_without_a_loss(hexo: Indexed) -> None:
    report = hexo[1]
    assert report.articles == 20
    assert {file.path: file.reason for file in report.skipped} == {
        "source/_drafts/idea.md": "is a draft: it lies in _drafts",
        "source/_posts/secret.md": "is marked as not published",
    }
    assert [note.path for note in report.noted] == ["source/_posts/broken.md"]
    # A comment for the editor, and what is styled away.
    assert await lost_words("hexo-blog", hexo) == {"這一段是給編輯看的", "轉載請付費"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_blog_of_hexo_answers(hexo: Indexed) -> None:
    assert await answer(hexo, "山路坍方多久搶通") == (
        "山路坍方",
        "2021-03-04T08:00:00",
        "",
        "山路",
    )
    assert await answer(hexo, "登山口的木屋住著誰") == (
        "登山口的木屋",
        "2020-08-09T09:00:00",
        "高山",
        "trail.example",
    )
    assert (await answer(hexo, "吊橋的螺絲怎麼檢查"))[0] == "吊橋的螺絲"
    assert (await answer(hexo, "雲海幾點開始往上爬"))[0] == "雲海的早晨"
    assert (await answer(hexo, "舊碑的一里是多長"))[0] == "步道的里程"
    assert (await answer(hexo, "站長等的是什麼車"))[1] == "2018-01-05T06:00:00+08:00"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_feed_an_export_and_a_plain_text_answer(others: Indexed) -> None:
    report = others[1]
    assert report.articles == 6
    assert sorted(file.path.partition("#")[0] for file in report.skipped) == [
        "rss.xml",
        "sitemap-index.xml",
        "wordpress.xml",
        "wordpress.xml",
    ]
    assert await answer(others, "水門的鑰匙有幾把") == (
        "水門 換了新的&鎖",
        "2021-03-05T08:00:00+08:00",
        "阿河",
        "河邊週報",
    )
    assert (await answer(others, "觀測站數到幾顆流星"))[0] == "英仙座流星雨"
    assert await answer(others, "山羊幾點過馬路") == (
        "山羊過馬路",
        "2021-03-05T07:30:00+08:00",
        "山坡上的人",
        "牧場",
    )
    assert (await answer(others, "過河的船要等幾個人"))[0] == "第三天：過河"
