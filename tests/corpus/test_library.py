import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from corpus.engines.local.generation import CURRENT, MANIFEST
from corpus.errors import CorpusError, IndexUnusableError, QueryError, ReindexCancelledError
from corpus.library import Library
from corpus.model import Filters, NoticeKind, Outcome, Progress, Sort
from corpus.search import snippets
from corpus.search.expansion import parse_synonyms
from tests.corpus.conftest import WritePost, post_writer
from tests.folders import with_dictionary

LOANS = (
    "據報導，螞蟻集團承作貸款對象已達5億人，放款資金大多源自約100家商業銀行。違約風險由銀行承擔。"
)
STORM = "莫拉克颱風在二〇〇九年八月帶來破紀錄的雨量，山區三天降下超過兩千毫米。"
TEA = "烏龍茶是半發酵的茶，發酵程度介於綠茶與紅茶之間，香氣因製程而有很大不同。"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reading(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Library]:
    """Give an indexed library for tests that only ask it."""
    root = tmp_path_factory.mktemp("archive")
    data = with_dictionary(tmp_path_factory.mktemp("var"), dictionary_cache)
    three_posts(post_writer(root))
    async with Library(root, data) as library:
        await library.reindex()
        yield library


@pytest.fixture
async def library(archive: Path, data_dir: Path) -> AsyncIterator[Library]:
    async with Library(archive, data_dir) as library:
        yield library


@pytest.fixture
async def indexed(library: Library, write_post: WritePost) -> Library:
    three_posts(write_post)
    await library.reindex()
    return library


def three_posts(write: WritePost) -> None:
    write("loans", LOANS, date="2021-01-06T01:56:34.000Z", categories="[ 中央社 ]")
    write("storm", STORM, date="2019-08-08", author="阿山", tags="[ 颱風 ]")
    write("tea", TEA, date="2015-05-01", **{"from": "https://example.org/tea"})


async def titles(library: Library, question: str, **options: object) -> list[str]:
    result = await library.search(question, **options)  # type: ignore[arg-type]
    return [hit.article.title for hit in result.hits]


@pytest.mark.parametrize("question", ["螞蟻集團的貸款對象有多少人", "蚂蚁集团的贷款对象有多少人"])
@pytest.mark.asyncio(loop_scope="module")
async def test_a_question_in_either_script_finds_the_passage(
    reading: Library, question: str
) -> None:
    result = await reading.search(question)

    best = result.hits[0]
    assert best.passage.text == LOANS
    assert best.answer is not None
    assert "5億人" in best.answer.text
    assert [LOANS[start:end] for start, end in best.highlights][:2] == ["螞蟻集團", "貸款對象"]
    assert sum(best.parts.values()) == pytest.approx(best.score)
    assert (result.notice, result.total) == (None, len(result.hits))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(source="中央社"), ["loans"]),
        (Filters(source="小站"), ["storm", "tea"]),
        (Filters(source="中央"), ["loans"]),
        (Filters(author="阿山"), ["storm"]),
        (Filters(author="FOOTNOTE"), ["loans", "tea"]),
        (Filters(tag="台风"), ["storm"]),
        (Filters(after="2019"), ["loans", "storm"]),
        (Filters(before="2019-08-08"), ["storm", "tea"]),
        (Filters(after="2019-08-09", before="2021-01-05"), []),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_filters_keep_what_satisfies_them(
    reading: Library, filters: Filters, found: list[str]
) -> None:
    assert sorted(await titles(reading, "貸款、雨量、發酵", filters=filters)) == found


@pytest.mark.asyncio(loop_scope="module")
async def test_a_date_that_is_none_is_refused(reading: Library) -> None:
    with pytest.raises(QueryError, match="soon"):
        await reading.search("貸款", Filters(after="soon"))


async def test_hits_can_come_by_date(library: Library, write_post: WritePost) -> None:
    write_post("middle", "莫拉克颱風的雨量破了紀錄，山區道路柔腸寸斷。", date="2019-08-08")
    write_post("new", "莫拉克颱風的雨量由測站逐時回傳。", date="2021-01-06T01:56:34+08:00")
    write_post("undated", "莫拉克颱風的雨量後來寫進教科書裡面。")
    write_post("old", "莫拉克颱風的雨量讓水庫一夜滿水位。", date="2015-05-01")
    await library.reindex()
    newest = await titles(library, "莫拉克颱風的雨量", sort=Sort.NEWEST)
    oldest = await titles(library, "莫拉克颱風的雨量", sort=Sort.OLDEST)
    assert newest == ["new", "middle", "old", "undated"]
    assert oldest == ["old", "middle", "new", "undated"]


@pytest.mark.parametrize(
    ("question", "filters", "kind"),
    [
        ("", None, NoticeKind.EMPTY_QUESTION),
        ("？！…", None, NoticeKind.EMPTY_QUESTION),
        ("量子力學", None, NoticeKind.NO_MATCH),
        ("貸款", Filters(source="小站"), NoticeKind.FILTERED_OUT),
        ("量子力學", Filters(source="小站"), NoticeKind.NO_MATCH),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_to_show_is_said_with_the_coverage(
    reading: Library, question: str, filters: Filters | None, kind: NoticeKind
) -> None:
    result = await reading.search(question, filters)
    assert result.hits == ()
    assert result.notice is not None
    assert result.notice.kind is kind
    assert (result.notice.first_date, result.notice.last_date) == ("2015-05-01", "2021-01-06")
    assert "小站" in result.notice.sources


@pytest.mark.asyncio(loop_scope="module")
async def test_a_source_that_is_none_is_answered_with_the_nearest(reading: Library) -> None:
    result = await reading.search("貸款", Filters(source="中央日報社"))
    assert result.notice is not None
    assert result.notice.kind is NoticeKind.UNKNOWN_SOURCE
    assert result.notice.sources == ("中央社",)


async def test_the_same_passage_in_two_articles_is_one_hit(
    indexed: Library, write_post: WritePost
) -> None:
    write_post(
        "repost",
        "蚂蚁集团承作贷款对象已达5亿人，这是另外一段不同的文字。",
        "另一段文字很短但也算數。",
    )
    write_post("copy", LOANS)
    await indexed.reindex()
    result = await indexed.search("螞蟻集團違約風險由誰承擔")
    best = result.hits[0]
    assert {best.article.title, *(other.title for other in best.duplicates)} == {"loans", "copy"}
    assert [hit.passage.text for hit in result.hits].count(LOANS) == 1


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("「違約風險」 貸款", ["loans"]),
        ("“违约风险”", ["loans"]),
        ("+雨量 貸款、雨量、發酵", ["storm"]),
        ("貸款、雨量、發酵 -銀行", ["storm", "tea"]),
        ("貸款、雨量、發酵 -銀行 -茶", ["storm"]),
        ("「貸款風險」", []),
        ("「貸款」 「雨量」", []),
    ],
)
async def test_operators_say_what_a_hit_must_and_must_not_hold(
    reading: Library, question: str, found: list[str]
) -> None:
    assert sorted(await titles(reading, question)) == found


async def test_a_title_and_a_heading_belong_to_what_a_phrase_may_stand_in(
    library: Library, write_post: WritePost
) -> None:
    write_post("oolong", TEA, title="凍頂烏龍茶手記")
    write_post(
        "black", "## 紅茶工坊\n\n" + TEA.replace("烏龍茶", "另一種茶"), title="東方美人茶手記"
    )
    await library.reindex()
    assert await titles(library, "「凍頂烏龍茶」 發酵程度") == ["凍頂烏龍茶手記"]
    assert await titles(library, "+紅茶工坊 發酵程度") == ["東方美人茶手記"]
    assert await titles(library, "茶的發酵程度 -凍頂") == ["東方美人茶手記"]
    assert await titles(library, "茶的發酵程度 -紅茶工坊") == ["凍頂烏龍茶手記"]


async def test_a_passage_under_a_title_that_matches_marks_its_first_sentence(
    indexed: Library, write_post: WritePost
) -> None:
    write_post("soy", "主角是米麴黴。它把澱粉分解成糖，再由酵母接手。", title="醬油")
    await indexed.reindex()
    (hit,) = (await indexed.search("醬油是怎麼做的")).hits
    assert hit.answer is not None
    assert "主角是米麴黴。" in hit.answer.text


async def test_what_is_marked_is_found_when_asked_for_and_then_once(
    reading: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    best_answer = snippets.best_answer
    monkeypatch.setattr(
        snippets, "best_answer", lambda text, *rest: read.append(text) or best_answer(text, *rest)
    )
    (hit,) = (await reading.search("螞蟻集團的貸款對象有多少人")).hits
    assert not read
    assert hit.highlights
    assert hit.answer
    assert read == [LOANS]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("登月五十周年", "登月50週年的時候，電視臺重播了當年的黑白畫面。"),
        ("登月50週年", "登月五十週年的紀念郵票由藝術家親手繪製而成。"),
    ],
)
async def test_a_number_is_found_however_it_is_written(
    indexed: Library, write_post: WritePost, question: str, text: str
) -> None:
    write_post("moon", text)
    await indexed.reindex()
    best = (await indexed.search(question)).hits[0]
    assert text[best.highlights[0][0] : best.highlights[0][1]] == text[: text.index("的")]


async def test_what_is_excluded_is_so_however_many_passages_hold_it(
    library: Library, write_post: WritePost
) -> None:
    # More than are read in search of what satisfies the operators.
    write_post("all", *(f"颱風過境後第{number}天，茶園裡還是很濕。" for number in range(1_000)))
    write_post("other", "說起颱風過境，我們那時候住在離海邊很遠的山上小屋。")
    await library.reindex()
    assert await titles(library, "颱風過境 -茶園") == ["other"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("phrase", "written"),
    [
        ("「安東尼聖修伯里」", "飛行員安東尼·聖修伯里在沙漠裡迫降，等了三天才有人來。"),
        ("「安東尼・聖修伯里」", "飛行員安東尼聖修伯里在沙漠裡迫降，等了三天才有人來。"),
        ("「機器不懂人心」", "講者在最後說，機器不懂 人心，台下的人都笑了起來。"),
        ("「沙漠裡迫降」 -飛機", "飛行員在沙漠 裡迫降，等了三天才有人來。"),
    ],
)
async def test_a_phrase_is_found_where_a_dot_or_a_space_parts_it(
    indexed: Library, write_post: WritePost, phrase: str, written: str
) -> None:
    write_post("parted", written)
    await indexed.reindex()
    assert await titles(indexed, phrase) == ["parted"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_phrase_that_does_not_occur_offers_its_words_loose(reading: Library) -> None:
    result = await reading.search("「貸款對象已達7億人」")
    assert result.notice is not None
    assert result.notice.kind is NoticeKind.PHRASE_NOT_FOUND
    assert result.suggestions == ("貸款對象已達7億人",)
    assert await titles(reading, result.suggestions[0]) == ["loans"]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_shares_little_with_the_question_is_only_the_closest(reading: Library) -> None:
    result = await reading.search("量子糾纏與黑洞熱力學的銀行理論")
    assert result.hits
    assert result.outcome is Outcome.CLOSEST


async def test_an_answer_of_another_time_than_asked_for_is_only_the_closest(
    library: Library, write_post: WritePost
) -> None:
    write_post("甲", "鹽田的工人每年夏天曬鹽，收成很好。", date="2019-05-06")
    await library.reindex()
    outcomes = {
        year: (await library.search(f"{year}年鹽田的工人曬鹽")).outcome for year in (2019, 2023)
    }
    assert outcomes == {2019: Outcome.ANSWER, 2023: Outcome.CLOSEST}


async def test_a_misspelt_word_is_searched_corrected_and_named_as_it_is_typed(
    library: Library, write_post: WritePost
) -> None:
    for name in "甲乙丙丁":
        write_post(name, f"加密貨幣的價格在{name}地漲了很多，投資人十分高興。")
    await library.reindex()
    result = await library.search("加密貨弊的價格")
    assert result.searched == ("加密貨幣",)
    assert result.question == "加密貨弊的價格"
    assert result.hits
    assert "加密貨幣" in result.hits[0].passage.text
    insisted = await library.search("+加密貨弊 價格")
    assert (insisted.hits, insisted.searched) == ((), ())


async def test_an_english_question_finds_a_chinese_passage_in_translation(
    library: Library, write_post: WritePost
) -> None:
    write_post("甲", "這家餐廳不招待說普通話的客人，引起了爭議。")
    write_post("乙", "颱風警報解除之後，餐廳才重新開門。")
    await library.reindex()
    result = await library.search("Which restaurant serves no Mandarin speaking guests?")
    assert result.hits
    assert "普通話" in result.hits[0].passage.text
    assert "普通话" in result.searched
    assert result.outcome is Outcome.CLOSEST
    assert (await library.search("普通話餐廳")).searched == ()


@pytest.mark.asyncio(loop_scope="module")
async def test_an_unknown_word_brings_no_suggestion(reading: Library) -> None:
    result = await reading.search("螞義")
    assert (result.suggestions, result.searched) == ((), ())


async def test_without_an_index_the_library_says_so(library: Library) -> None:
    assert not library.is_open
    with pytest.raises(IndexUnusableError, match="no index yet"):
        await library.open()
    with pytest.raises(IndexUnusableError):
        await library.search("貸款")


async def test_a_restart_answers_without_the_archive(
    indexed: Library, archive: Path, data_dir: Path
) -> None:
    await indexed.close()
    for post in archive.iterdir():
        post.unlink()
    async with Library(archive, data_dir) as restarted:
        await restarted.open()
        assert await titles(restarted, "貸款") == ["loans"]


async def test_another_process_s_generation_is_noticed(
    indexed: Library, write_post: WritePost, archive: Path, data_dir: Path
) -> None:
    write_post("quake", "九二一地震的規模是七點三，震央在南投集集，深度約八公里。")
    async with Library(archive, data_dir) as other:
        await other.reindex()
    assert await titles(indexed, "地震的規模") == ["quake"]


async def test_an_index_of_another_archive_is_not_used(
    indexed: Library, data_dir: Path, tmp_path: Path
) -> None:
    await indexed.close()
    async with Library(tmp_path, data_dir) as other:
        with pytest.raises(IndexUnusableError, match="another archive"):
            await other.open()


async def test_an_index_that_is_moved_with_its_archive_is_used(
    indexed: Library, archive: Path, data_dir: Path, tmp_path: Path
) -> None:
    await indexed.close()
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(archive, elsewhere / archive.relative_to(tmp_path))
    shutil.copytree(data_dir, elsewhere / data_dir.relative_to(tmp_path))
    async with Library(
        elsewhere / archive.relative_to(tmp_path), elsewhere / data_dir.relative_to(tmp_path)
    ) as moved:
        await moved.open()
        assert (await moved.search("貸款")).hits


async def test_other_user_words_ask_for_another_index(
    indexed: Library, archive: Path, data_dir: Path, tmp_path: Path
) -> None:
    await indexed.close()
    words = tmp_path / "words.txt"
    words.write_text("商業銀行", "utf-8")
    async with Library(archive, data_dir, user_dict=words) as other:
        with pytest.raises(IndexUnusableError, match="another analyzer"):
            await other.open()


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
async def test_a_file_that_is_no_index_is_replaced(
    library: Library, write_post: WritePost, data_dir: Path, content: bytes
) -> None:
    write_post("loans", LOANS)
    (data_dir / CURRENT).write_bytes(content)
    with pytest.raises(IndexUnusableError):
        await library.open()
    await library.reindex()
    assert await titles(library, "貸款") == ["loans"]


async def test_a_folder_of_another_program_is_no_index(library: Library, data_dir: Path) -> None:
    folder = data_dir / "index-0"
    folder.mkdir()
    (folder / MANIFEST).write_text('{"application": "a cook book"}\nno digest\n', "utf-8")
    (data_dir / CURRENT).write_text("index-0\n", "utf-8")
    with pytest.raises(IndexUnusableError, match="not an index of this program"):
        await library.open()


async def test_a_reindex_reports_what_changed(
    indexed: Library, write_post: WritePost, archive: Path
) -> None:
    write_post("loans", LOANS, "加上了一段關於監管的新文字，說明主管機關怎麼看。")
    write_post("quake", "九二一地震的規模是七點三，震央在南投集集。")
    (archive / "tea.md").unlink()
    (archive / "broken.md").write_bytes(b"---\ntitle: \xff\n---\n")
    report = await indexed.reindex()
    assert (report.added, report.changed, report.removed) == (1, 1, 1)
    assert report.articles == 3
    assert [(skipped.path, "UTF-8" in skipped.reason) for skipped in report.skipped] == [
        ("broken.md", True)
    ]
    assert (await indexed.stats()).skipped == report.skipped


async def test_nothing_changed_means_nothing_written(indexed: Library, data_dir: Path) -> None:
    def status() -> tuple[int, int]:
        found = (data_dir / CURRENT).stat()
        return found.st_ino, found.st_mtime_ns

    before = status()
    report = await indexed.reindex()
    assert (report.articles, report.added, report.changed, report.removed) == (3, 0, 0, 0)
    assert status() == before
    full = await indexed.reindex(full=True)
    assert (full.articles, full.added, full.changed, full.removed) == (3, 0, 0, 0)
    assert status() != before


async def test_progress_is_told_to_everyone_who_asked(indexed: Library) -> None:
    first: list[Progress] = []
    second: list[Progress] = []
    reports = await asyncio.gather(
        indexed.reindex(full=True, on_progress=first.append),
        indexed.reindex(on_progress=second.append),
    )
    assert reports[0] is reports[1]
    phases = dict.fromkeys(progress.phase for progress in first)
    assert list(phases) == ["scan", "read", "write", "verify"]
    assert second == first


async def test_an_archive_that_is_gone_fails_and_the_old_index_serves(
    indexed: Library, archive: Path
) -> None:
    archive.rename(archive.with_name("elsewhere"))
    with pytest.raises(CorpusError, match="cannot list the archive"):
        await indexed.reindex()
    assert await titles(indexed, "貸款") == ["loans"]


async def test_closing_ends_a_running_reindex_and_leaves_the_old_index(
    indexed: Library, archive: Path, data_dir: Path
) -> None:
    started = asyncio.Event()
    reindexing = asyncio.ensure_future(
        indexed.reindex(full=True, on_progress=lambda _: started.set())
    )
    await started.wait()
    await indexed.close()
    with pytest.raises(asyncio.CancelledError):
        await reindexing
    async with Library(archive, data_dir) as restarted:
        await restarted.open()
        assert await titles(restarted, "貸款") == ["loans"]


async def test_an_archive_without_a_post_is_an_empty_index(library: Library) -> None:
    report = await library.reindex()
    assert (report.articles, report.passages) == (0, 0)
    result = await library.search("貸款")
    assert result.notice is not None
    assert result.notice.kind is NoticeKind.NO_MATCH


@pytest.mark.asyncio(loop_scope="module")
async def test_hits_after_the_first_keep_their_ranks_and_their_order(reading: Library) -> None:
    whole = await reading.search("貸款、雨量、發酵", sort=Sort.NEWEST)
    rest = await reading.search("貸款、雨量、發酵", sort=Sort.NEWEST, limit=1, offset=1)
    assert [hit.rank for hit in whole.hits] == [1, 2, 3]
    assert rest.hits == whole.hits[1:2]
    assert rest.total == 3


@pytest.mark.asyncio(loop_scope="module")
async def test_past_the_last_hit_there_are_none_and_the_total_stays(
    reading: Library,
) -> None:
    result = await reading.search("貸款、雨量、發酵", offset=3)
    assert (result.hits, result.total) == ((), 3)
    assert result.notice is None or result.notice.kind is NoticeKind.CLOSEST


@pytest.mark.asyncio(loop_scope="module")
async def test_a_search_can_be_limited_to_some_articles(reading: Library) -> None:
    question = "貸款、雨量、發酵"
    assert await titles(reading, question, within={"storm.md", "tea.md", "\ud800"}) == [
        title for title in await titles(reading, question) if title != "loans"
    ]
    nowhere = await reading.search("貸款", within=())
    assert nowhere.notice is not None
    assert nowhere.notice.kind is NoticeKind.FILTERED_OUT


@pytest.mark.asyncio(loop_scope="module")
async def test_sources_that_are_left_out_are_not_there(reading: Library) -> None:
    # A whole name in either script; a part of one leaves nothing out.
    without = Filters(without_sources=("小站", "中央"))
    assert await titles(reading, "貸款、雨量、發酵", filters=without) == ["loans"]
    result = await reading.search("雨量", without)
    assert result.notice is not None
    assert result.notice.kind is NoticeKind.NO_MATCH
    assert result.notice.sources == ("中央社",)
    assert (result.notice.first_date, result.notice.last_date) == ("2021-01-06", "2021-01-06")
    dated = Filters(before="2020", without_sources=("小站",))
    narrowed = await reading.search("貸款", dated)
    assert narrowed.notice is not None
    assert narrowed.notice.kind is NoticeKind.FILTERED_OUT


async def test_a_cancelled_reindex_ends_its_child_and_leaves_the_old_index(
    indexed: Library, write_post: WritePost
) -> None:
    before = (await indexed.stats()).generation
    write_post("late", "這一篇還沒有讀進來，因為有人先喊了停。")
    started = asyncio.Event()
    followers = [
        asyncio.ensure_future(indexed.reindex(on_progress=lambda _: started.set())),
        asyncio.ensure_future(indexed.reindex()),
    ]
    await started.wait()
    assert await indexed.cancel_reindex()
    for follower in followers:
        with pytest.raises(ReindexCancelledError):
            await follower
    assert not await indexed.cancel_reindex()
    assert (await indexed.stats()).generation == before
    assert (await indexed.reindex()).added == 1
    assert (await indexed.stats()).generation != before


async def test_synonyms_are_in_force_at_once_and_gone_when_replaced(indexed: Library) -> None:
    assert await titles(indexed, "風神") == []
    await indexed.set_synonyms(parse_synonyms("風神 = 颱風"))
    assert await titles(indexed, "風神") == ["storm"]
    await indexed.set_synonyms(())
    assert await titles(indexed, "風神") == []


@pytest.mark.parametrize(
    ("question", "found"),
    [("http://www.example.org/tea/", ["tea"]), ("阿山", ["storm"]), ("阿山寫的文章", ["storm"])],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_an_address_or_an_authors_name_alone_gives_what_it_names(
    reading: Library, question: str, found: list[str]
) -> None:
    assert await titles(reading, question) == found


@pytest.mark.parametrize("question", ["你好", "謝謝！", "ignore previous instructions"])
@pytest.mark.asyncio(loop_scope="module")
async def test_talk_finds_nothing_and_is_told_so(reading: Library, question: str) -> None:
    result = await reading.search(question)
    assert (result.hits, result.outcome) == ((), Outcome.TALK)
    assert result.notice is not None
    assert result.notice.kind is NoticeKind.TALK


@pytest.mark.asyncio(loop_scope="module")
async def test_a_year_in_a_question_is_a_preference_that_is_told(reading: Library) -> None:
    result = await reading.search("2019年雨量、貸款")
    assert result.hits[0].article.title == "storm"
    assert [(c.kind, c.text, c.value) for c in result.conditions] == [("date", "2019年", "2019")]
    ignored = await reading.search("2019年雨量、貸款", Filters(ignored=("2019年",)))
    assert ignored.conditions == ()
    other = await reading.search("2021年雨量")
    assert [hit.article.title for hit in other.hits] == ["storm"], "it excludes nothing"


@pytest.mark.parametrize("question", ["雨", "茶"])
@pytest.mark.asyncio(loop_scope="module")
async def test_one_character_is_found_inside_words(reading: Library, question: str) -> None:
    result = await reading.search(question)
    assert question in result.hits[0].passage.text
