"""What a token says of itself, and the link made from it."""

import discord
import pytest

from bot.cli import invite
from tests.e2e.loopback.rules import APPLICATION_ID, TOKEN


def test_a_bot_token_names_its_application() -> None:
    assert invite.application_id(TOKEN) == APPLICATION_ID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kD8c-3fJm_Qa0Lx9PwTz7RbYvN2sUeGh",  # a client secret's shape
        str(APPLICATION_ID),
        TOKEN.rsplit(".", 1)[0],
        f"{TOKEN}.more",
        TOKEN.replace(".", "..", 1),
        "a-token.of-some.forty-characters-or-so_0123",
        "bm90IGFuIGlk.abcdef.abcdefghijklmnopqrstuvwxyz0",
        "詞.詞.詞",
    ],
)
def test_another_secret_is_no_bot_token(text: str) -> None:
    assert invite.application_id(text) is None


def test_the_link_asks_for_what_watches_need_and_no_more() -> None:
    expected = discord.utils.oauth_url(
        APPLICATION_ID,
        permissions=discord.Permissions(
            view_channel=True, send_messages=True, embed_links=True, send_messages_in_threads=True
        ),
        scopes=("bot", "applications.commands"),
    )
    assert invite.url(APPLICATION_ID) == expected
