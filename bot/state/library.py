"""The library with what the state holds for it: hidden articles and synonyms."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot.settings import Settings
from bot.state import State
from corpus import Library, parse_synonyms


@asynccontextmanager
async def opened_library(settings: Settings, state: State) -> AsyncGenerator[Library]:
    """Open the library of these settings.

    Raises:
        CorpusError: the user dictionary or the synonyms cannot be read.
        DatabaseError: the synonyms cannot be read.
    """
    async with settings.library(state.hidden) as library:
        if settings.synonyms is None and settings.database_url is not None:
            await library.set_synonyms(parse_synonyms(await state.synonyms.read()))
        yield library
