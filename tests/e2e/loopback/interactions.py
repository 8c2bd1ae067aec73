"""interactions: is this answer in time, the first one, and with a token that still lives?"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.e2e.loopback import payloads
from tests.e2e.loopback.api_error import ApiError
from tests.e2e.loopback.interaction_limits import check_choices, check_modal
from tests.e2e.loopback.limits import EPHEMERAL, LOADING
from tests.e2e.loopback.messages import Body

if TYPE_CHECKING:
    from tests.e2e.loopback.journal import Journal
    from tests.e2e.loopback.messages import Messages

Json = dict[str, Any]

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
"""Callback types."""

_ALLOWED = {
    payloads.COMMAND: {MESSAGE, DEFERRED, MODAL},
    payloads.COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
    payloads.AUTOCOMPLETE: {CHOICES},
    payloads.FORM: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},
}


@dataclass(slots=True)
class Interaction:
    """One interaction and how it was answered so far."""

    payload: Json
    sent: float
    ack_seconds: float
    token_seconds: float
    callback: int | None = None
    original_id: str | None = None
    """The message that `@original` means."""
    ephemeral: bool = False

    @property
    def id(self) -> str:
        """The interaction's snowflake."""
        return self.payload["id"]

    @property
    def metadata(self) -> Json:
        """What a message says about the interaction that it answers."""
        caller = self.payload.get("user") or self.payload["member"]["user"]
        owners = self.payload["authorizing_integration_owners"]
        return {
            "id": self.id,
            "type": self.payload["type"],
            "user": caller,
            "authorizing_integration_owners": owners,
        }


class Interactions:
    """Every interaction by its token, with Discord's rules for answering it."""

    def __init__(
        self, journal: Journal, snowflakes: payloads.Snowflakes, messages: Messages
    ) -> None:
        self._journal = journal
        self._snowflakes = snowflakes
        self._messages = messages
        self._by_token: dict[str, Interaction] = {}

    def open(
        self, payload: Json, ack_seconds: float, token_seconds: float, *, ago: float = 0.0
    ) -> Interaction:
        """Give an interaction its id and token, and start its clock; it was made `ago` seconds."""
        number = self._snowflakes.old(ago) if ago else self._snowflakes.next()
        secret = f"interaction:{number}:{self._snowflakes.next() * 4}"
        token = base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")
        clock = asyncio.get_running_loop()
        opened = Interaction(
            {**payload, "id": number, "token": token},
            clock.time() - ago,
            ack_seconds,
            token_seconds,
        )
        self._by_token[token] = opened
        self._journal.note("interaction", interaction=number, data=payload["data"])
        clock.call_later(max(0.0, ack_seconds - ago), self._give_up, opened)
        return opened

    def refuse(self, interaction: Interaction) -> None:
        """Forget an interaction that no client was there for; its user was told at once."""
        del self._by_token[interaction.payload["token"]]
        self._journal.note("undelivered", interaction=interaction.id)

    def opened(self, token: str) -> Interaction:
        """Return the interaction that has this token.

        Raises:
            KeyError: There is none.
        """
        return self._by_token[token]

    def respond(self, number: str, token: str, body: Body) -> Json:
        """Take the callback, and return what `?with_response=1` answers.

        Raises:
            ApiError: 10062 too late or unknown, 40060 not the first, or a body over the limits.
        """
        interaction = self._by_token.get(token)
        if (
            interaction is None
            or interaction.id != number
            or self._age(interaction) > interaction.ack_seconds
        ):
            raise ApiError(404, 10062, "Unknown interaction")
        if interaction.callback is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        kind: int = body.json["type"]
        if kind not in _ALLOWED[interaction.payload["type"]]:
            raise ApiError(400, 50035, "Invalid Form Body")
        message = self._apply(interaction, kind, Body(body.json.get("data") or {}, body.files))
        interaction.callback = kind
        self._journal.note(
            "callback",
            interaction=interaction.id,
            type=kind,
            after=round(self._age(interaction), 6),
            data=body.json.get("data"),
        )
        answer: Json = {
            "interaction": {
                "id": interaction.id,
                "type": interaction.payload["type"],
                "response_message_id": interaction.original_id,
                "response_message_loading": kind == DEFERRED,
                "response_message_ephemeral": interaction.ephemeral,
            }
        }
        if message is not None:
            answer["resource"] = {"type": kind, "message": message}
        return answer

    def follow_up(self, token: str, body: Body) -> Json:
        """Post a further message; the first one after "is thinking" takes its place, as it does.

        Raises:
            ApiError: The token is unknown or expired, or the body over the limits.
        """
        interaction = self._answered(token)
        if self._messages.is_loading(interaction.original_id):
            return self._messages.edit(str(interaction.original_id), body, by=interaction.id)
        flags = (body.json.get("flags") or 0) & EPHEMERAL
        channel = interaction.payload["channel_id"]
        return self._messages.create(channel, body, flags=flags, interaction=interaction.metadata)

    def message(self, token: str, message_id: str) -> Json:
        """Return a message that a token may touch; its id may be `@original`.

        Raises:
            ApiError: The token is unknown or expired, or there is no such message.
        """
        interaction = self._answered(token)
        return self._messages.get(
            interaction.original_id if message_id == "@original" else message_id
        )

    def edit(self, token: str, message_id: str, body: Body) -> Json:
        """Edit a message that a token may touch.

        Raises:
            ApiError: As `message`, or the body is over the limits.
        """
        message = self.message(token, message_id)
        return self._messages.edit(message["id"], body, by=self._answered(token).id)

    def delete(self, token: str, message_id: str) -> None:
        """Take away a message that a token may touch.

        Raises:
            ApiError: As `message`.
        """
        message = self.message(token, message_id)
        self._messages.delete(message["id"], by=self._answered(token).id)

    def _answered(self, token: str) -> Interaction:
        """Return the acknowledged interaction that a webhook token belongs to.

        Raises:
            ApiError: The token is unknown, not acknowledged yet, or expired.
        """
        interaction = self._by_token.get(token)
        if interaction is None or interaction.callback is None:
            raise ApiError(404, 10015, "Unknown Webhook")
        if self._age(interaction) > interaction.token_seconds:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return interaction

    def _apply(self, interaction: Interaction, kind: int, body: Body) -> Json | None:
        """Do what a callback asks for, and return the message that it made or changed."""
        if kind == CHOICES:
            check_choices(body.json.get("choices") or [])
            return None
        if kind == MODAL:
            check_modal(body.json)
            return None
        if kind in {DEFERRED_UPDATE, UPDATE}:
            interaction.original_id = interaction.payload["message"]["id"]
            if kind == DEFERRED_UPDATE:
                return None
            return self._messages.edit(str(interaction.original_id), body, by=interaction.id)
        flags = (body.json.get("flags") or 0) & EPHEMERAL
        interaction.ephemeral = bool(flags)
        flags |= LOADING if kind == DEFERRED else 0
        channel = interaction.payload["channel_id"]
        message = self._messages.create(
            channel, body, flags=flags, interaction=interaction.metadata
        )
        interaction.original_id = message["id"]
        return message

    def _give_up(self, interaction: Interaction) -> None:
        if interaction.callback is None and interaction.payload["token"] in self._by_token:
            self._journal.note("unanswered", interaction=interaction.id)

    def _age(self, interaction: Interaction) -> float:
        return asyncio.get_running_loop().time() - interaction.sent
