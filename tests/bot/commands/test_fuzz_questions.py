"""Hostile questions: through the library and its messages, the commands and the terminal."""

import json
import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult

from bot.client import Footnote
from bot.interactions.responses import UserError
from bot.localization import Texts
from bot.messages import answer
from bot.messages.layout import Reply
from bot.messages.passages import group_by_article
from bot.services.answers import Answer, Page, key_of
from bot.state.answers import AskRequest, StoredAnswer
from bot.views.controls import condition_row, nothing_rows, page_rows, post_row
from corpus.analysis.analyzer import Analyzer
from corpus.errors import QueryError
from corpus.library import Library
from corpus.model import Filters, SearchResult, Sort
from tests.bot import hostile
from tests.bot.conftest import POSTS
from tests.bot.openapi import check_requests
from tests.bot.simulated import make_admin, texts
from tests.e2e.loopback.limits import COMPONENTS_V2, check_message
from tests.folders import build_index
from tests.soak import Soak

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

TEXTS = Texts()


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of honest and of hostile posts."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, (front, body) in POSTS.items():
        (folder / name).write_text(f"---\n{front}\n---\n{body}\n", "utf-8")
    for name in hostile.POSTS:
        (folder / name).write_text(hostile.post(name), "utf-8")
    return folder


@pytest.fixture(scope="session")
def index(archive: Path, tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path) -> Path:
    return build_index(archive, tmp_path_factory.mktemp("hostile-index"), dictionary_cache)


@pytest.fixture
async def library(archive: Path, index: Path, analyzer: Analyzer) -> AsyncIterator[Library]:
    async with Library(archive, index) as opened:
        opened._analyzer = analyzer
        await opened.open()
        yield opened


def filters(rng: random.Random) -> Filters:
    """Return filters most of which are not given."""
    given = [hostile.question(rng)[:300] if rng.random() < 0.1 else None for _ in range(5)]
    return Filters(*given)


def messages(result: SearchResult, narrowed: Filters, sort: Sort, locale: str) -> list[Reply]:
    """Return what a reader and a channel are shown, with everything that can be pressed."""
    t = TEXTS.get(locale)
    asked = AskRequest(result.question, narrowed, private=True, suggestions=result.suggestions)
    record = StoredAnswer("k" * 12, asked, is_own=True, shared=False, vote=None)
    groups = group_by_article(result.hits)[:3]
    numbers = {key_of(hit): number for number, hit in enumerate(result.hits)}
    found = Answer(asked, record, result, Page(sort), 0, groups, True, numbers)  # noqa: FBT003
    if not groups:
        return [answer.nothing(result, narrowed, sort, t, nothing_rows(found, t))]
    row, rows = condition_row(found, t), page_rows(found, t, can_share=True, can_open_thread=True)
    post = answer.post(result, groups[0], narrowed, t, asker="*@here*", rows=post_row(found, t))
    return [
        answer.page(result, groups, narrowed, t, sort=sort, condition_row=row, rows=rows),
        post,
    ]


async def test_a_hostile_question_gets_a_message_that_discord_takes_and_that_pings_nobody(
    library: Library, soak: Soak
) -> None:
    rng, count = random.Random(1), soak.times(300, 10_000)
    seconds: list[float] = []
    found = refused = 0
    for _ in range(count):
        question, narrowed = hostile.question(rng), filters(rng)
        sort, locale = rng.choice(list(Sort)), rng.choice(("zh-TW", "zh-CN", "en-US"))
        started = time.perf_counter()
        try:
            result = await library.search(question, narrowed, sort=sort)
        except QueryError:
            refused += 1
            continue
        shown = messages(result, narrowed, sort, locale)
        seconds.append(time.perf_counter() - started)
        found += bool(result.hits)
        for reply in shown:
            payload = {"flags": COMPONENTS_V2, "components": reply.to_components()}
            json.dumps(payload, ensure_ascii=False).encode()
            check_message(payload)
        said = "\n".join(text for reply in shown for text in reply.texts())
        assert not hostile.alive(said), (question, hostile.alive(said))
    assert found
    soak.note(
        "hostile questions: 0 unhandled, within limits, no mention resolves",
        f"{count} asked: {found} with hits, {refused} refused",
    )
    soak.timed("hostile questions, to the message", seconds, within=0.2, percentile=99)


def told(result: InteractionResult) -> str:
    return "\n".join(
        texts(response) for response in (result.response, *result.followups) if response
    )


async def test_a_hostile_command_is_answered_or_refused_with_a_sentence(
    member: MemberActor,
    simcord_env: Env,
    footnote: Footnote,
    caplog: pytest.LogCaptureFixture,
    soak: Soak,
) -> None:
    make_admin(footnote, member.id)
    channel = member.guild.create_text_channel("questions")
    caplog.set_level(logging.WARNING)
    rng, count = random.Random(2), soak.times(60, 1_500)
    synonyms = (await member.slash(channel, "archive synonyms")).response
    assert synonyms is not None
    for _ in range(count):
        said = await do_something(rng, member, channel, synonyms)
        assert not hostile.alive(said), (said, hostile.alive(said))
    unhandled = [error for error in simcord_env.errors if not expected(error)]
    assert not unhandled
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not [
        record.getMessage()
        for record in caplog.records
        if "Nothing is offered" in record.getMessage()
    ]
    check_requests(simcord_env.http_requests)
    requests = len(simcord_env.http_requests)
    soak.note(
        "hostile commands on a simulated Discord: 0 unhandled, all taken",
        f"{count} commands, {len(simcord_env.errors)} refused, {requests} requests",
    )


def expected(error: BaseException) -> bool:
    return isinstance(getattr(error, "original", error), UserError | QueryError)


async def do_something(
    rng: random.Random, member: MemberActor, channel: ChannelHandle, synonyms: object
) -> str:
    """Do what somebody could do, with hostile text in every place; return what is said."""
    text = hostile.question(rng)
    options = {
        name: hostile.question(rng)[: rng.choice((100, 400))]
        for name in ("source", "author", "tag")
        if rng.random() < 0.15
    }
    match rng.choices(
        ("ask", "autocomplete", "watch", "list", "trend", "timeline", "synonyms"),
        (54, 17, 12, 4, 3, 6, 4),
    )[0]:
        case "ask":
            dates = {
                name: hostile.question(rng)[:400]
                for name in ("after", "before")
                if rng.random() < 0.1
            }
            private = {"private": rng.random() < 0.5}
            return told(
                await member.slash(
                    channel,
                    "ask",
                    question=text[:300] or " ",
                    **options,
                    **dates,
                    **private,
                )
            )
        case "autocomplete":
            option = rng.choice(("question", "source", "author", "tag"))
            offered = await member.autocomplete(channel, "ask", option, text)
            assert len(offered) <= 25
            return ""
        case "watch":
            return told(
                await member.slash(channel, "watch add", question=text[:300] or " ", **options)
            )
        case "list":
            return told(await member.slash(channel, "watch list"))
        case "trend" | "timeline" as command:
            asked = {
                "trend": {"terms": text[:200] or " "},
                "timeline": {"question": text[:300] or " "},
            }
            return told(await member.slash(channel, command, **asked[command]))
        case _:
            edited = text[:3900] + "\n颱風 = " + text[:50]
            result = await member.click(synonyms, label="Edit")
            if result.modal is not None:  # so many presses in a minute are refused
                result = await member.submit_modal(result, {"synonyms": edited})
            return told(result)


def lines(rng: random.Random, count: int) -> list[bytes]:
    """Return lines of bytes, some of which are no UTF-8."""
    made = [hostile.question(rng).encode("utf-8", "surrogatepass") for _ in range(count)]
    made += [rng.randbytes(60), b"\xff\xfe", b"\xed\xa0\x80", b"\0" * 40, "颱風".encode()[:-1]]
    made += ["颱風".encode() * 170_000, b"[" * 1_000_000, "「颱」".encode() * 110_000]
    return [line.replace(b"\n", b" ").replace(b"\r", b" ") for line in made]


def test_hostile_bytes_on_standard_input_get_a_json_line_each(
    archive: Path, index: Path, soak: Soak
) -> None:
    asked = lines(random.Random(4), soak.times(60, 2_000))
    environment = {**os.environ, "ARCHIVE": str(archive), "DATA_DIR": str(index)}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "--json", "-"],
        input=b"\n".join(asked),
        capture_output=True,
        check=False,
        env=environment,
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    answered = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(answered) == len(asked)
    soak.note("hostile lines on standard input: a JSON line each", f"{len(answered)} lines")
