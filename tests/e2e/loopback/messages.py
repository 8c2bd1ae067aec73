"""messages: which messages stand in the channels, and what did each edit leave?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.e2e.loopback import payloads
from tests.e2e.loopback.api_error import ApiError
from tests.e2e.loopback.limits import COMPONENTS_V2, LOADING, check_message
from tests.e2e.loopback.rules import APPLICATION_ID

if TYPE_CHECKING:
    from tests.e2e.loopback.journal import Journal

Json = dict[str, Any]

_SUPPRESS_EMBEDS = 1 << 2


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart request."""

    filename: str
    content_type: str
    data: bytes


@dataclass(slots=True)
class Body:
    """A request's JSON and the files that came with it."""

    json: Json
    files: dict[str, Upload] = field(default_factory=dict)
    """By the number in their field name, as in `files[0]`."""


class Messages:
    """Every message by its id, and every uploaded file by its attachment's id."""

    def __init__(self, journal: Journal, snowflakes: payloads.Snowflakes, origin: str) -> None:
        self._journal = journal
        self._snowflakes = snowflakes
        self._origin = origin
        self._messages: dict[str, Json] = {}
        self._by_nonce: dict[str, str] = {}
        self.uploads: dict[str, Upload] = {}

    def create(
        self, channel_id: str, body: Body, *, flags: int = 0, interaction: Json | None = None
    ) -> Json:
        """Post a message, or only its "is thinking" placeholder when `flags` has LOADING.

        With `enforce_nonce`, the message that has the nonce already is returned instead.

        Raises:
            ApiError: Discord would not take it.
        """
        nonce: str | None = body.json.get("nonce") if body.json.get("enforce_nonce") else None
        if nonce in self._by_nonce:
            repeated = self.get(self._by_nonce[nonce])
            self._journal.note("message", how="repeated", interaction=None, message=repeated)
            return repeated
        message: Json = {
            "id": self._snowflakes.next(),
            "type": 20 if interaction else 0,
            "channel_id": channel_id,
            "author": payloads.bot_user(),
            "application_id": str(APPLICATION_ID),
            "timestamp": _now(),
            "edited_timestamp": None,
            "content": "",
            "embeds": [],
            "components": [],
            "attachments": [],
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "pinned": False,
            "tts": False,
            "flags": flags,
        }
        if reference := body.json.get("message_reference"):
            message |= {"type": 19, "message_reference": reference}
        if interaction is not None:
            message["webhook_id"] = str(APPLICATION_ID)
            message["interaction_metadata"] = interaction
        if not flags & LOADING:
            message = self._written(message, body)
        if nonce is not None:
            self._by_nonce[nonce] = message["id"]
        return self._keep("created", message, by=interaction["id"] if interaction else None)

    def edit(self, message_id: str, body: Body, *, by: str) -> Json:
        """Change a message's fields that `body` names, which ends its "is thinking".

        Args:
            message_id: The message.
            body: The request.
            by: The interaction whose token was used.

        Raises:
            ApiError: Discord would not take it, or there is no such message.
        """
        message = self._written(self.get(message_id), body)
        message["flags"] &= ~LOADING
        message["edited_timestamp"] = _now()
        return self._keep("edited", message, by=by)

    def get(self, message_id: str | None) -> Json:
        """Return a message.

        Raises:
            ApiError: There is none with this id.
        """
        if message_id not in self._messages:
            raise ApiError(404, 10008, "Unknown Message")
        return self._messages[message_id]

    def is_loading(self, message_id: str | None) -> bool:
        """Whether there is such a message and it is still "is thinking"."""
        return bool(self._messages.get(message_id or "", {}).get("flags", 0) & LOADING)

    def delete(self, message_id: str, *, by: str) -> None:
        """Take a message away.

        Raises:
            ApiError: There is none with this id.
        """
        message = self.get(message_id)
        del self._messages[message_id]
        self._journal.note("message", how="deleted", interaction=by, message=message)

    def _written(self, message: Json, body: Body) -> Json:
        written = dict(message)
        for name, empty in (("content", ""), ("embeds", []), ("components", [])):
            if name in body.json:
                written[name] = body.json[name] or empty
        interaction: int = body.json.get("flags") or 0
        written["flags"] |= interaction & (COMPONENTS_V2 | _SUPPRESS_EMBEDS)
        attachments, uploads = self._attachments(
            message["channel_id"], message["attachments"], body
        )
        written["attachments"] = attachments
        check_message(written)
        self.uploads.update(uploads)
        return written

    def _attachments(
        self, channel_id: str, present: list[Json], body: Body
    ) -> tuple[list[Json], dict[str, Upload]]:
        """Return the attachments after a request: those it keeps, then those it brings."""
        named: list[Json] = body.json.get("attachments") or []
        attachments = present
        if "attachments" in body.json:
            wanted = {str(item["id"]) for item in named}
            attachments = [item for item in present if item["id"] in wanted]
        described = {str(item["id"]): item.get("description") for item in named}
        uploads: dict[str, Upload] = {}
        for number, upload in body.files.items():
            attachment_id = self._snowflakes.next()
            url = f"{self._origin}/attachments/{channel_id}/{attachment_id}/{upload.filename}"
            uploads[attachment_id] = upload
            attachments = [
                *attachments,
                {
                    "id": attachment_id,
                    "filename": upload.filename,
                    "content_type": upload.content_type,
                    "description": described.get(number),
                    "size": len(upload.data),
                    "url": url,
                    "proxy_url": url,
                },
            ]
        return attachments, uploads

    def _keep(self, how: str, message: Json, by: str | None) -> Json:
        self._messages[message["id"]] = message
        self._journal.note("message", how=how, interaction=by, message=message)
        return message


def _now() -> str:
    return datetime.now(UTC).isoformat()
