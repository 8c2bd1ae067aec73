"""/trend on a simulated Discord: counted, drawn by the real child, and its peaks lead to answers."""

import asyncio
import json
import os
import struct
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
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
from bot.state.guilds import GuildSettings
from bot.views.trend import MAX_OPTION_CHARS, Peak, peak_rows, peaks
from corpus.model import Filters, Series, Trend, Unit
from tests.bot.simulated import texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

TEXTS = Texts()
PNG = b"\x89PNG\r\n\x1a\n"
TREND = Trend(
    Unit.MONTH,
    ("2021-01", "2021-02", "2021-03"),
    (4, 0, 2),
    (Series("花唄", (1, 0, 2)), Series("茶", (0, 0, 0)), Series("車", (3, 0, 0))),
)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("questions")


def test_a_time_without_articles_is_a_gap_and_an_absent_term_no_line() -> None:
    described = trend_message.chart(TREND, TEXTS.get("zh-TW"))
    assert described.lines == (("花唄", (25.0, None, 100.0)), ("車", (75.0, None, 0.0)))


def test_peaks_have_most_articles_first_and_of_equals_the_greater_share() -> None:
    found = [(peak.bucket, peak.term, peak.articles) for peak in peaks(TREND)]
    assert found == [("2021-01", "車", 3), ("2021-03", "花唄", 2), ("2021-01", "花唄", 1)]


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
        Chart(("2021-01", "2021-02", "2021-03"), lines, "占全部文章的比例"),
        tmp_path,
    )
    assert picture.startswith(PNG)
    assert struct.unpack(">II", picture[16:24]) == (1000, 562)
    again = await draw(Chart(("2021",), (("花唄", (1.0,)),), "%"), tmp_path)
    assert again.startswith(PNG)


def test_a_time_alone_between_gaps_is_a_point() -> None:
    values: list[float | None] = [None] * 72
    values[0] = values[40] = values[41] = values[70] = 5.0
    (line,) = child.draw([""] * 72, [("花唄", values)], "%").axes[0].get_lines()
    assert line.get_marker() == child.MARKERS[0]
    assert line.get_markevery() == [0, 70]


def test_the_legend_names_every_term_within_the_picture() -> None:
    names = [
        "_名",
        "$100 和 $200",
        *("唄" * trend_message.MAX_TERM_CHARS, "花" * trend_message.MAX_TERM_CHARS),
    ]
    figure = child.draw(["2021"], [(name, [1.0]) for name in names], "%")
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
    chart = json.dumps({"buckets": ["2021"], "lines": [[term, [1.0]]], "y_label": "占比"})
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
    described = Chart(("2021",), (("花唄", (1.0,)),), "%")
    pictures = await asyncio.gather(*(draw_in_turn(described, footnote, user) for user in range(2)))
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
        await draw(Chart(("2021",), (("花唄", (1.0,)),), "%"), tmp_path)
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
    answer = await member.select(result.response, ["2019-08 颱風"])
    assert answer.ephemeral
    assert "颱風怎麼形成" in texts(answer.response)


async def test_a_public_trend_is_for_the_channel(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "trend", terms="茶", private=False, unit="year")
    assert not result.ephemeral
    assert "2019 到 2022" in texts(result.response)


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
