"""Whichever database holds the state: it keeps what it was given, for as long as it should."""

import asyncio
import random
from collections import Counter
from dataclasses import replace

import pytest

from bot.state import DatabaseError, Forgotten, questions
from bot.state.answers import AskRequest, PassageKey, ShownPassage
from bot.state.database import DELETED_AT_ONCE
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE, Question, QuestionCount, QuestionFigures
from bot.state.watches import NewPost, WatchTarget
from corpus.model import Filters
from tests.bot.state.conftest import Engine
from tests.bot.state.test_database import EVERYTHING_CHOSEN, Clock, question


async def test_what_a_server_chose_outlives_a_restart(engine: Engine) -> None:
    async with engine.open() as opened:
        assert await opened.guilds.get(1) == GuildSettings()
        await opened.guilds.set(1, EVERYTHING_CHOSEN)
    async with engine.open() as opened:
        assert await opened.guilds.get(1) == EVERYTHING_CHOSEN
        assert await opened.guilds.get(2) == GuildSettings()
        await opened.guilds.set(1, GuildSettings(private=False))
        assert await opened.guilds.get(1) == GuildSettings(private=False)


async def test_a_users_latest_questions_come_back_once_each(engine: Engine) -> None:
    clock = Clock()
    async with engine.open(clock=clock) as opened:
        for text in ("a", "b", "a", "c", "b"):
            clock.now += 1
            await opened.questions.log(question(text))
        await opened.questions.log(question("of another", user=8))
        assert await opened.questions.recent(7, limit=2) == ["b", "c"]


async def test_what_two_members_of_a_server_asked_lately_is_popular_there(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MAX_RECENT_OF_GUILD", 9)
    clock = Clock()
    async with engine.open(clock=clock) as opened:

        async def ask(text: str, user: int, guild: int = 3, hits: int = 1) -> None:
            clock.now += 1
            asked = replace(question(text, user=user, hits=hits), guild_id=guild)
            await opened.questions.log(asked)

        for user in (1, 2):
            await ask("long ago", user)
        for user in (1, 2, 3):
            await ask("of three", user)
            await ask("of one", 1)
        for user in (1, 2):
            await ask("elsewhere", user, guild=4)
            await ask("of two", user)
        assert await opened.questions.popular(3, limit=4) == ["of three", "of two"]
        assert await opened.questions.popular(3, limit=1) == ["of three"]
        for user in (1, 2):
            await ask("without a hit", user, hits=0)
        assert await opened.questions.popular(3, limit=4) == ["of two", "of three"]
        assert await opened.questions.popular(5, limit=4) == []
        clock.now += LIFE
        assert await opened.questions.popular(3, limit=4) == []


async def test_questions_are_counted_within_their_time(engine: Engine) -> None:
    clock = Clock()
    async with engine.open(clock=clock) as opened:
        assert await opened.questions.figures(seconds=60) == QuestionFigures(0, 0, None, None)
        await opened.questions.log(question(elapsed_ms=1000))
        clock.now += 61
        for elapsed in range(1, 21):
            await opened.questions.log(question(hits=elapsed % 2, elapsed_ms=elapsed))
        assert await opened.questions.figures(seconds=60) == QuestionFigures(20, 10, 10, 19)


async def test_a_question_is_forgotten_after_30_days(engine: Engine) -> None:
    clock = Clock()
    async with engine.open(clock=clock) as opened:
        await opened.questions.log(question("old"))
        clock.now += LIFE + 1
        await opened.questions.log(question("new"))
        # It is not shown any more, whether or not it was deleted already.
        assert await opened.questions.recent(7, limit=9) == ["new"]
        await opened.forget_old(clock.now)
        assert engine.rows("SELECT text FROM question") == [("new",)]
        clock.now += LIFE + 1
        await opened.forget_old(clock.now)
    assert engine.rows("SELECT text FROM question") == []


async def test_many_old_questions_are_deleted_in_steps(engine: Engine) -> None:
    clock = Clock()
    async with engine.open(clock=clock) as opened:
        old = 2 * DELETED_AT_ONCE + 1
        await asyncio.gather(*(opened.questions.log(question(str(n))) for n in range(old)))
        clock.now += LIFE + 1
        await opened.questions.log(question("new"))
        await opened.forget_old(clock.now)
    assert engine.rows("SELECT text FROM question") == [("new",)]


async def test_what_discord_was_given_is_kept_for_each_server(engine: Engine) -> None:
    async with engine.open() as opened:
        await opened.synced_commands.set(1, None, "a")
        await opened.synced_commands.set(1, 5, "b")
        await opened.synced_commands.set(1, 5, "c")
        await opened.synced_commands.set(2, None, "d")
        assert await opened.synced_commands.get(1) == {None: "a", 5: "c"}
        await opened.synced_commands.set(1, 5, None)
        assert await opened.synced_commands.get(1) == {None: "a"}


async def test_a_cancelled_write_is_brought_to_its_end(engine: Engine) -> None:
    async with engine.open() as opened:
        writes = [asyncio.create_task(opened.guilds.set(n, EVERYTHING_CHOSEN)) for n in range(20)]
        await asyncio.sleep(0)
        for write in writes:
            write.cancel()
        await asyncio.gather(*writes, return_exceptions=True)
        await opened.guilds.set(99, GuildSettings("en-US"))
        assert (await opened.guilds.get(99)).locale == "en-US"
    assert engine.rows("SELECT count(*) FROM guild") == [(21,)]


async def test_a_failed_write_leaves_nothing_behind_and_the_next_succeeds(engine: Engine) -> None:
    async with engine.open() as opened:
        await opened.questions.log(question())
        with pytest.raises((OverflowError, DatabaseError)):
            await opened.questions.log(Question("x", 7, 2**63, "zh-TW", 1, 5))
        await opened.questions.log(question())
        assert (await opened.questions.figures(seconds=60)).total == 2


async def test_of_writes_at_once_one_that_fails_takes_no_other_with_it(engine: Engine) -> None:
    async with engine.open() as opened:
        asked = [Question("x", 7, guild_id, "zh-TW", 1, 5) for guild_id in (1, 2**63, 2)]
        outcomes = await asyncio.gather(*map(opened.questions.log, asked), return_exceptions=True)
        assert [outcome is None for outcome in outcomes] == [True, False, True]
        assert (await opened.questions.figures(seconds=60)).total == 2


async def test_what_was_asked_most_comes_first_and_so_does_what_found_nothing(
    engine: Engine,
) -> None:
    clock = Clock()
    async with engine.open(clock=clock) as opened:
        await opened.questions.log(question("before"))
        clock.now += 61
        for text, hits in (("a", 1), ("b", 1), ("b", 0), ("c", 0), ("c", 0)):
            clock.now += 1
            await opened.questions.log(question(text, hits=hits))
        asked, missed = await opened.questions.most_frequent(
            seconds=60, limit=2, unanswered_limit=9
        )
        assert asked == [
            QuestionCount("c", 2, 2, clock.now),
            QuestionCount("b", 2, 1, clock.now - 2),
        ]
        assert [count.text for count in missed] == ["c", "b"]


async def test_a_long_log_is_counted_in_parts_with_the_same_result(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    rng = random.Random(4)
    expected: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    async with engine.open(clock=clock) as opened:
        for _ in range(300):
            clock.now += 1
            text, hits = (
                rng.choice("甲乙丙丁戊ab0\U0001f300") * rng.randint(1, 3),
                rng.randint(0, 1),
            )
            await opened.questions.log(question(text, hits=hits))
            expected[text] += 1
            missed[text] += not hits
        for size in (1, 7, 1_000):
            monkeypatch.setattr("bot.state.questions.COUNTED_AT_ONCE", size)
            asked, unanswered = await opened.questions.most_frequent(
                seconds=1_000, limit=5, unanswered_limit=99
            )
            assert [count.times for count in asked] == [n for _, n in expected.most_common(5)]
            assert all(count.times == expected[count.text] for count in asked)
            assert {count.text: count.unanswered for count in unanswered} == +missed


async def test_of_too_many_questions_and_answers_the_oldest_go(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    async with engine.open(clock=clock) as opened:
        monkeypatch.setattr(opened._database, "max_rows", 700)
        for number in range(701 + DELETED_AT_ONCE):
            clock.now += 1
            await opened.questions.log(question(str(number)))
        asked = AskRequest("x", Filters(), private=True)
        last = (await opened.answers.add(asked, 7)).key
        await opened.forget_old(clock.now)
        assert await opened.answers.get(last, 7) is not None
    assert engine.rows("SELECT min(CAST(text AS INTEGER)), count(*) FROM question") == [
        (1 + DELETED_AT_ONCE, 700)
    ]


async def test_of_two_changes_at_once_none_undoes_the_other(engine: Engine) -> None:
    async with engine.open() as opened:
        changes = (
            lambda old: replace(old, locale="en-US"),
            lambda old: replace(old, page_size=2),
            lambda old: replace(old, private=False),
        )
        await asyncio.gather(*(opened.guilds.change(1, change) for change in changes))
        assert await opened.guilds.get(1) == GuildSettings("en-US", private=False, page_size=2)


async def test_a_user_who_asks_to_be_forgotten_is_in_every_table_and_others_are_not(
    engine: Engine,
) -> None:
    asked = AskRequest("x", Filters(), private=True)
    async with engine.open() as opened:
        for user in (7, 8):
            await opened.questions.log(question(user=user))
            await opened.watches.add_own(user, "zh-TW", WatchTarget(None, user), "茶", Filters())
            [watch] = await opened.watches.of_user(user)
            await opened.watches.keep([], [NewPost(watch.id, ["x"])])
        mine, other = [(await opened.answers.add(asked, user)).key for user in (7, 8)]
        await opened.answers.number(mine, [ShownPassage(PassageKey("a.md", 0))])
        await opened.answers.continue_in([5], mine)
        for key, user in ((mine, 8), (other, 7), (other, 8)):
            await opened.answers.vote(key, user, helpful=True)
        assert await opened.forget(7) == Forgotten(questions=1, answers=1, votes=1, watches=1)
        assert await opened.forget(7) == Forgotten(0, 0, 0, 0)
        left = opened._database.user_hash(8)
    for table in ("answer", "question", "recipient", "vote"):
        assert engine.rows(f'SELECT "user" FROM {table}') == [(left,)]  # noqa: S608
    for table in ("answer_passage", "conversation"):
        assert engine.rows(f"SELECT * FROM {table}") == []  # noqa: S608
    assert engine.rows("SELECT count(*) FROM watch_post") == [(1,)]


async def test_answers_voted_down_are_counted_by_their_question(engine: Engine) -> None:
    async with engine.open() as opened:
        for text, like, votes in (
            ("a", None, (False,)),
            ("b", None, (False, False, True)),
            ("c", None, (True,)),
            ("d", PassageKey("a.md", 0), (False,)),
        ):
            request = AskRequest(text, Filters(), private=True, like=like)
            key = (await opened.answers.add(request, 7)).key
            for user, helpful in enumerate(votes):
                await opened.answers.vote(key, user, helpful=helpful)
        assert await opened.answers.unhelpful(limit=9) == [("b", 2), ("a", 1)]
        assert await opened.answers.unhelpful(limit=1) == [("b", 2)]


async def test_a_text_may_hold_any_character(engine: Engine) -> None:
    text = "\U0010ffff 😀 % $1 ?1 ' \" \\ {} é"
    async with engine.open() as opened:
        await opened.questions.log(question(text))
        await opened.questions.log(question("\0"))
        assert text in await opened.questions.recent(7, limit=9)
        asked, _ = await opened.questions.most_frequent(seconds=60, limit=9, unanswered_limit=9)
        assert len(asked) == 2


async def test_posts_that_hold_a_text_are_dropped_and_no_others(engine: Engine) -> None:
    async with engine.open() as opened:
        await opened.watches.add(WatchTarget(1, 10), "茶", Filters())
        [watch] = await opened.watches.all()
        posts = ['[a "b"](https://example.org/1)', "[a](https://example.org/1_)"]
        await opened.watches.keep([], [NewPost(watch.id, [post]) for post in posts])
        await opened.watches.drop_posts_with(posts[0])
        assert [post.blocks for post in await opened.watches.pending()] == [(posts[1],)]


async def test_of_two_open_states_each_knows_the_others_users(engine: Engine) -> None:
    async with engine.open() as one, engine.open() as two:
        await one.questions.log(question())
        assert await two.questions.recent(7, limit=9) == ["問題"]
