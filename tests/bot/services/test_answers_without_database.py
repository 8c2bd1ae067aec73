"""A question is answered while PostgreSQL is away: without buttons, and not logged."""

from pathlib import Path

import pytest

from bot.database_url import DatabaseUrl
from bot.monitoring.metrics import Metrics
from bot.services.answers import AnswerService
from bot.state import State
from corpus import Library
from tests.bot.services.test_answers import ASKER, first_page
from tests.folders import with_dictionary
from tests.postgres.fixtures import on_postgres
from tests.postgres.server import Server

pytestmark = on_postgres


async def test_an_answer_is_given_without_buttons_while_the_database_is_away(
    postgres_server: Server,
    dictionary_cache: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "a.md").write_text("---\ntitle: 燈塔\n---\n燈塔照著海。\n", "utf-8")
    url = DatabaseUrl.parse(postgres_server.url("postgres"))
    async with (
        Library(archive, with_dictionary(tmp_path / "var", dictionary_cache)) as library,
        State.open(tmp_path / "s", database_url=url) as state,
    ):
        await library.reindex()
        answers = AnswerService(library, state, Metrics())
        assert (await first_page(answers)).record is not None
        postgres_server.kill()
        try:
            answer = await first_page(answers)
            await answers.record_question(answer.result, ASKER)
        finally:
            postgres_server.start()
    assert answer.groups
    assert answer.record is None
    assert "so it has no buttons: postgresql://127.0.0.1" in caplog.text
    assert "A question could not be logged: postgresql://127.0.0.1" in caplog.text
