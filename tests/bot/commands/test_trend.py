"""/trend on a simulated Discord: counted, drawn by the real child, and its peaks lead to answers."""

import asyncio
import json
import os
import struct
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable
from dataclasses import asdict, replace
from io import BytesIO
from itertools import combinations
from math import isnan
from pathlib import Path
from typing import Any, cast

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot import chart
from bot.chart import Chart, ChartError, draw
from bot.chart import __main__ as child
from bot.client import Footnote
from bot.commands.trend import draw as draw_in_turn
from bot.localization import Texts
from bot.messages import trend as trend_message
from bot.messages.trend import MAX_OPTION_CHARS, MAX_PEAKS, Peak, option_label, peaks
from bot.state.guilds import GuildSettings
from bot.views.trend import PeakSelect, peak_rows
from corpus.model import Filters, Series, Trend, Unit
from tests.bot.simulated import texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

TEXTS = Texts()
PNG = b"\x89PNG\r\n\x1a\n"
TREND = Trend(
    Unit.MONTH,
    ("2020-12", "2021-01", "2021-02", "2021-03"),
    (9, 40, 0, 20),
    (Series("花唄", (9, 10, 0, 20)), Series("茶", (0, 0, 0, 0)), Series("車", (0, 30, 0, 0))),
)


def described(values: tuple[float | None, ...], **fields: Any) -> Chart:  # noqa: ANN401
    """Return a chart of one line, in which nothing is faded."""
    count = len(values)
    plain = Chart(tuple(map(str, range(count))), (("花唄", values),), "%", (False,) * count)
    return replace(plain, **fields)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("questions")


def test_a_time_without_articles_is_a_gap_and_an_absent_term_no_line() -> None:
    drawn = trend_message.chart(TREND, peaks(TREND), TEXTS.get("zh-TW"))
    assert drawn.lines == (("花唄", (100.0, 25.0, None, 100.0)), ("車", (0.0, 75.0, None, 0.0)))


@pytest.mark.parametrize(
    ("locale", "unit", "buckets", "label", "name"),
    [
        ("zh-TW", Unit.QUARTER, ("2014-Q1",), "2014年\n第1季", "2014年第1季"),
        ("zh-CN", Unit.QUARTER, ("2014-Q1",), "2014年\n第1季度", "2014年第1季度"),
        ("en-US", Unit.QUARTER, ("2014-Q1",), "Q1\n2014", "2014 Q1"),
        ("zh-TW", Unit.MONTH, ("2014-03",), "2014年\n3月", "2014年3月"),
        ("en-US", Unit.MONTH, ("2014-12",), "Dec\n2014", "December 2014"),
        ("zh-CN", Unit.YEAR, ("2014",), "2014年", "2014年"),
        ("en-US", Unit.YEAR, ("2014",), "2014", "2014"),
    ],
)
def test_times_are_written_in_the_readers_language(
    locale: str, unit: Unit, buckets: tuple[str, ...], label: str, name: str
) -> None:
    t = TEXTS.get(locale)
    trend = Trend(unit, buckets, (20,), (Series("花唄", (5,)),))
    found = peaks(trend)
    assert trend_message.chart(trend, found, t).buckets == (label,)
    assert f" {name} " in option_label(found[0], 1, t)
    assert name in " ".join(trend_message.message(trend, Filters(), PNG, t).texts())


def test_peaks_are_the_highest_shares_of_times_with_enough_articles() -> None:
    found = [(peak.bucket, peak.term, peak.articles, peak.share) for peak in peaks(TREND)]
    assert found == [
        ("2021-03", "花唄", 20, 100.0),
        ("2021-01", "車", 30, 75.0),
        ("2021-01", "花唄", 10, 25.0),
    ]


def test_a_term_of_times_with_few_articles_has_its_peak_there() -> None:
    trend = Trend(Unit.YEAR, ("2020", "2021"), (9, 40), (Series("花唄", (3, 0)),))
    assert [peak.bucket for peak in peaks(trend)] == ["2020"]


def test_the_rise_to_a_peak_is_no_peak_and_numbers_do_not_crowd() -> None:
    articles = (0, 30, 60, 90, 60, 0, *(n for _ in range(20) for n in (50, 0)))
    buckets = tuple(str(2000 + i) for i in range(len(articles)))
    trend = Trend(Unit.YEAR, buckets, (100,) * len(articles), (Series("花唄", articles),))
    found = peaks(trend)
    assert found[0].bucket == "2003"
    assert len(found) == MAX_PEAKS
    for peak, other in combinations(found, 2):
        is_far = abs(peak.point[1] - other.point[1]) > 3
        assert is_far or abs(peak.share - other.share) > 10


def test_the_picture_and_the_select_number_the_same_peaks() -> None:
    t = TEXTS.get("en-US")
    found = peaks(TREND)
    drawn = trend_message.chart(TREND, found, t)
    [select] = [item for row in peak_rows(found, t) for item in row.children]
    assert isinstance(select, PeakSelect)
    assert isinstance(select.item, ui.Select)
    labels = [option.label for option in select.item.options]
    assert labels == [
        "1 · March 2021 · 花唄 · 20 articles, 100%",
        "2 · January 2021 · 車 · 30 articles, 75%",
        "3 · January 2021 · 花唄 · 10 articles, 25%",
    ]
    assert drawn.peaks == ((0, 3), (1, 1), (0, 1))
    figure = child.draw(drawn)
    numbers = {text.get_text(): cast("Any", text).xy for text in figure.axes[0].texts}
    assert numbers == {"1": (3, 100.0), "2": (1, 75.0), "3": (1, 25.0)}


def test_times_with_few_articles_are_faded_and_it_is_said() -> None:
    t = TEXTS.get("zh-TW")
    drawn = trend_message.chart(TREND, peaks(TREND), t)
    assert drawn.faded == (True, False, True, False)
    whole, solid = child.draw(drawn).axes[0].get_lines()[:2]
    assert (whole.get_alpha(), solid.get_alpha()) == (child.FADED, 1.0)
    assert [isnan(value) for value in cast("list[float]", solid.get_ydata())] == [
        *(True, False, True, False)
    ]
    said = " ".join(trend_message.message(TREND, Filters(), PNG, t).texts())
    assert "淡色：那段時間不到 10 篇文章。" in said
    enough = replace(TREND, articles=(10, 40, 10, 20))
    assert "淡色" not in " ".join(trend_message.message(enough, Filters(), PNG, t).texts())


def test_a_time_with_few_articles_does_not_set_the_scale() -> None:
    chart = described((2.0, 100.0, 4.0), faded=(False, True, False))
    assert child.draw(chart).axes[0].get_ylim()[1] < 10


@pytest.mark.parametrize(
    ("label", "count", "per_year", "first_of_year", "labelled"),
    [
        ("2014年\n第1季", 45, 4, 0, [0, 8, 16, 24, 32, 40]),
        ("2014年\n第1季", 12, 4, 2, [0, 2, 4, 6, 8, 10]),
        ("2014年\n11月", 36, 12, 7, [1, 7, 13, 19, 25, 31]),
        ("2014", 12, 1, 0, [0, 2, 4, 6, 8, 10]),
        ("2014", 1, 1, 0, [0]),
    ],
)
def test_as_many_times_are_labelled_as_fit_and_years_begin_with_a_label(
    label: str, count: int, per_year: int, first_of_year: int, labelled: list[int]
) -> None:
    values = (1.0,) * count
    chart = described(
        values, buckets=(label,) * count, buckets_per_year=per_year, first_of_year=first_of_year
    )
    assert list(child.label_positions(chart)) == labelled


@pytest.mark.parametrize(
    ("bucket", "after", "before"),
    [
        ("2021", "2021", "2021"),
        ("2021-03", "2021-03", "2021-03"),
        ("2021-Q4", "2021-10", "2021-12"),
    ],
)
def test_a_peak_is_asked_about_in_its_time(bucket: str, after: str, before: str) -> None:
    peak = Peak.parse(Peak(bucket, "花唄 上市").value)
    assert peak is not None
    assert (peak.term, peak.filters()) == ("花唄 上市", Filters(after=after, before=before))


@given(st.text(), st.lists(st.integers(0, 10**6), min_size=3, max_size=3))
def test_the_message_keeps_discords_limits(term: str, counts: list[int]) -> None:
    trend = Trend(Unit.MONTH, TREND.buckets, (10**6,) * 3, (Series(term, tuple(counts)),) * 4)
    if trend_message.is_empty(trend):
        return
    for locale in ("zh-TW", "zh-CN", "en-US"):
        t = TEXTS.get(locale)
        reply = trend_message.message(trend, Filters(), PNG, t, peak_rows(peaks(trend), t))
        assert len(reply.uploads()) == 1
        assert reply.content_length() <= 4000
        for peak in peaks(trend):
            assert len(peak.value) <= MAX_OPTION_CHARS


async def test_the_child_draws_what_it_is_given(tmp_path: Path) -> None:
    lines = (("花唄", (1.0, None, 3.0)), ("软件 $x^2$ _a_", (0.5, 0.5, 0.5)))
    picture = await draw(
        described((), buckets=("1月", "2月", "3月"), lines=lines, faded=(False, True, False)),
        tmp_path,
    )
    assert picture.startswith(PNG)
    assert struct.unpack(">II", picture[16:24]) == (1000, 750)
    again = await draw(described((1.0,)), tmp_path)
    assert again.startswith(PNG)


def test_a_time_alone_between_gaps_is_a_point() -> None:
    values: list[float | None] = [None] * 72
    values[0] = values[40] = values[41] = values[70] = 5.0
    _, line = child.draw(described(tuple(values))).axes[0].get_lines()
    assert line.get_marker() == child.MARKERS[0]
    assert line.get_markevery() == [0, 70]


def test_the_legend_names_every_term_within_the_picture() -> None:
    names = [
        "_名",
        "$100 和 $200",
        *("唄" * trend_message.MAX_TERM_CHARS, "花" * trend_message.MAX_TERM_CHARS),
    ]
    lines = tuple((name, (1.0,)) for name in names)
    figure = child.draw(described((1.0,), lines=lines))
    figure.savefig(BytesIO())
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == names
    assert legend.get_window_extent().x1 <= figure.bbox.x1


@pytest.mark.parametrize("term", [r"$\frac$", "$100 和 $200", "سلام"])
async def test_a_term_is_written_as_it_is(tmp_path: Path, term: str) -> None:
    # matplotlib says in a warning or in its log which glyph it has not.
    environment = {
        **os.environ,
        "MPLCONFIGDIR": str(tmp_path),
        "PYTHONWARNINGS": "error::UserWarning",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.chart", stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
    )
    chart = json.dumps(asdict(described((1.0,), lines=((term, (1.0,)),), y_label="占比")))
    picture, said = await process.communicate(chart.encode())
    assert picture.startswith(PNG), said.decode()
    assert b"glyph" not in said


async def test_one_picture_is_drawn_at_a_time(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = 0
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def noted(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:  # noqa: ANN401
        nonlocal begun
        assert begun == sum(process.returncode is not None for process in started)
        begun += 1
        started.append(await start(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    drawn = described((1.0,))
    pictures = await asyncio.gather(*(draw_in_turn(drawn, footnote, user) for user in range(2)))
    assert [(picture or b"")[: len(PNG)] for picture in pictures] == [PNG, PNG]


async def test_a_child_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def noted(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:  # noqa: ANN401
        started.append(await start(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    monkeypatch.setattr(chart, "MAX_SECONDS", 0.0)
    with pytest.raises(ChartError, match="more than"):
        await draw(described((1.0,)), tmp_path)
    assert not [process for process in started if process.returncode is None]


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en-US", ("### Over time: 颱風, 火星", "**颱風**: 1 article", "Not in this span: 火星")),
        ("zh-TW", ("### 趨勢：颱風、火星", "**颱風**：1 篇", "這段期間沒有出現：火星")),
        ("zh-CN", ("### 趋势：颱風、火星", "**颱風**：1 篇", "这段期间没有出现：火星")),
    ],
)
async def test_a_trend_is_drawn_and_its_peak_leads_to_the_answer(
    member: MemberActor,
    channel: ChannelHandle,
    speak: Callable[[str], None],
    locale: str,
    shown: tuple[str, ...],
) -> None:
    speak(locale)
    result = await member.slash(channel, "trend", terms="颱風，火星")
    assert result.ephemeral
    assert result.response is not None
    said = texts(result.response)
    for text in shown:
        assert text in said
    (picture,) = result.response.attachments
    assert picture.filename == "trend.png"
    answer = await member.select(result.response, ["2019 颱風"])
    assert answer.ephemeral
    assert "颱風怎麼形成" in texts(answer.response)


async def test_a_public_trend_is_for_the_channel(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "trend", terms="茶", private=False, unit="year")
    assert not result.ephemeral
    assert "2019年到2022年" in texts(result.response)


async def test_sources_that_a_server_leaves_out_are_not_counted_and_named(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    chosen = GuildSettings(without_sources=frozenset({"岛屿气象"}))
    await footnote.state.guilds.set(member.guild.id, chosen)
    result = await member.slash(channel, "trend", terms="颱風，茶")
    said = texts(result.response)
    assert "Without: 岛屿气象" in said
    assert "Not in this span: 颱風" in said
    assert "**茶**: 1 article" in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"terms": "，,"}, "one to four"),
        ({"terms": "a,b,c,d,e"}, "one to four"),
        ({"terms": "火星"}, "No article of this span"),
        ({"terms": "颱風", "from": "2021"}, "No article of this span"),
        ({"terms": "颱風", "from": "some day"}, "2021-01-06"),
    ],
)
async def test_what_cannot_be_shown_is_said_to_the_asker(
    simcord_env: Env,
    member: MemberActor,
    channel: ChannelHandle,
    options: dict[str, str],
    told: str,
) -> None:
    result = await member.slash(channel, "trend", **options)
    assert len(simcord_env.errors) == 1
    assert result.ephemeral
    assert told in texts(result.response)


async def test_without_a_picture_the_figures_are_said(
    member: MemberActor,
    channel: ChannelHandle,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(chart, "MAX_SECONDS", 0.0)
    result = await member.slash(channel, "trend", terms="颱風")
    said = texts(result.response)
    assert "**颱風**: 1 article" in said
    assert "could not be drawn" in said
    assert "more than 0 s" in caplog.text


@pytest.mark.parametrize("value", ["", "2021-13 x", "no", "2021-01 " + "x" * 200])
def test_a_forged_value_names_no_peak(value: str) -> None:
    peak = Peak.parse(value)
    assert peak is None or not peak.fits
