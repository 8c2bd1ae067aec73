"""rest: which of Discord's HTTP routes are there? Thin handlers over the objects they serve."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from tests.e2e.loopback import payloads
from tests.e2e.loopback.api_error import ApiError
from tests.e2e.loopback.messages import Body, Upload
from tests.e2e.loopback.rules import APPLICATION_ID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.e2e.loopback.chat import Chat
    from tests.e2e.loopback.commands import Commands
    from tests.e2e.loopback.faults import Faults
    from tests.e2e.loopback.gateway import Gateway
    from tests.e2e.loopback.interactions import Interactions
    from tests.e2e.loopback.journal import Journal
    from tests.e2e.loopback.messages import Messages
    from tests.e2e.loopback.rules import Rules

Json = dict[str, Any]

API = "/api/v10"

_TOKEN_IS_ENOUGH = (f"{API}/interactions/", f"{API}/webhooks/")


@dataclass(frozen=True, slots=True)
class Rest:
    """The REST API of one loopback Discord."""

    rules: Rules
    journal: Journal
    gateway: Gateway
    commands: Commands
    messages: Messages
    interactions: Interactions
    faults: Faults
    chat: Chat
    _posted: Iterator[int] = field(default_factory=itertools.count)

    def application(self) -> web.Application:
        """Return the routes under `API`; errors in Discord's shape, requests in the journal."""
        app = web.Application(middlewares=[self._answer], client_max_size=26 * 1024**2)
        hook = f"/webhooks/{APPLICATION_ID}/{{token}}"
        mine = f"/applications/{APPLICATION_ID}"
        app.add_routes(
            [
                web.get("/gateway/bot", self._gateway_bot),
                web.get("/users/@me", self._me),
                web.post("/users/@me/channels", self._open_direct_messages),
                web.get("/applications/@me", self._my_application),
                web.get("/oauth2/applications/@me", self._my_application),
                web.get(f"{mine}/commands", self._list_commands),
                web.put(f"{mine}/commands", self._sync_commands),
                web.get(f"{mine}/guilds/{{guild}}/commands", self._list_commands),
                web.put(f"{mine}/guilds/{{guild}}/commands", self._sync_commands),
                web.post("/interactions/{id}/{token}/callback", self._respond),
                web.post(hook, self._follow_up),
                web.get(f"{hook}/messages/{{message}}", self._get_message),
                web.patch(f"{hook}/messages/{{message}}", self._edit_message),
                web.delete(f"{hook}/messages/{{message}}", self._delete_message),
                web.get("/channels/{channel}", self._get_channel),
                web.post("/channels/{channel}/typing", self._type),
                web.post("/channels/{channel}/messages", self._send_message),
                web.post("/channels/{channel}/messages/{message}/threads", self._open_thread),
            ]
        )
        return app

    @web.middleware
    async def _answer(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        code: int | None = None
        try:
            if not request.path.startswith(_TOKEN_IS_ENOUGH):
                self._authenticate(request)
            response = await self.faults.around(request, handler)
        except ApiError as error:
            code = error.code
            self.journal.note("refused", why=str(error))
            response = _json(error.body, status=error.status)
        except web.HTTPException as error:
            code = 0
            body = {"message": f"{error.status}: {error.reason}", "code": code}
            response = _json(body, status=error.status)
        self.journal.note(
            "request",
            method=request.method,
            path=request.path.removeprefix(API),
            status=response.status,
            code=code,
        )
        return response

    def _authenticate(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self.rules.token}":
            raise ApiError(401, 0, "401: Unauthorized")

    async def _gateway_bot(self, request: web.Request) -> web.Response:
        self.gateway.faults.refuse_request()
        return _json(
            {
                "url": f"ws://{request.host}/gateway",
                "shards": self.rules.shards,
                "session_start_limit": self.gateway.faults.session_start_limit(
                    self.gateway.identified, self.rules.max_concurrency
                ),
            }
        )

    async def _me(self, _: web.Request) -> web.Response:
        self.gateway.faults.refuse_request()
        return _json(payloads.bot_user())

    async def _open_direct_messages(self, request: web.Request) -> web.Response:
        recipient = payloads.User(int((await request.json())["recipient_id"]), "recipient")
        return _json(payloads.direct_messages(recipient))

    async def _my_application(self, _: web.Request) -> web.Response:
        return _json(payloads.application())

    async def _list_commands(self, request: web.Request) -> web.Response:
        return _json(self.commands.list(request.match_info.get("guild")))

    async def _sync_commands(self, request: web.Request) -> web.Response:
        guild = request.match_info.get("guild")
        return _json(self.commands.replace(guild, await request.json()))

    async def _respond(self, request: web.Request) -> web.Response:
        where = request.match_info
        answer = self.interactions.respond(where["id"], where["token"], await _body(request))
        if request.query.get("with_response") in {"1", "true"}:
            return _json(answer)
        return web.Response(status=204)

    async def _follow_up(self, request: web.Request) -> web.Response:
        body = await _body(request)
        return _json(self.interactions.follow_up(request.match_info["token"], body))

    async def _get_message(self, request: web.Request) -> web.Response:
        where = request.match_info
        return _json(self.interactions.message(where["token"], where["message"]))

    async def _edit_message(self, request: web.Request) -> web.Response:
        where, body = request.match_info, await _body(request)
        return _json(self.interactions.edit(where["token"], where["message"], body))

    async def _delete_message(self, request: web.Request) -> web.Response:
        self.interactions.delete(request.match_info["token"], request.match_info["message"])
        return web.Response(status=204)

    async def _send_message(self, request: web.Request) -> web.Response:
        message = self.messages.create(request.match_info["channel"], await _body(request))
        if next(self._posted) < self.rules.unanswered_posts:
            await asyncio.Event().wait()
        return _json(message)

    async def _get_channel(self, request: web.Request) -> web.Response:
        return _json(self.chat.channel(request.match_info["channel"]))

    async def _type(self, _: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _open_thread(self, request: web.Request) -> web.Response:
        where, body = request.match_info, await _body(request)
        thread = self.chat.open_thread(where["channel"], where["message"], body.json["name"])
        return _json(thread, status=201)

    async def attachment(self, request: web.Request) -> web.Response:
        """Return a file that was uploaded, as Discord's file server does."""
        upload = self.messages.uploads.get(request.match_info["id"])
        if upload is None:
            raise web.HTTPNotFound
        return web.Response(body=upload.data, content_type=upload.content_type)


def _json(data: object, *, status: int = 200) -> web.Response:
    """Answer as Discord does, without a charset: discord.py reads nothing else as JSON."""
    text = json.dumps(data, ensure_ascii=False)
    return web.Response(body=text.encode(), status=status, content_type="application/json")


async def _body(request: web.Request) -> Body:
    """Read a JSON body, or a multipart one with its files."""
    if not request.content_type.startswith("multipart/"):
        return Body(await request.json())
    body = Body({})
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise ApiError(400, 50035, "Invalid Form Body")
        data = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body.json = json.loads(data)
        else:
            number = (part.name or "").removeprefix("files[").removesuffix("]")
            kind = part.headers.get("Content-Type", "application/octet-stream")
            body.files[number] = Upload(part.filename or "unknown", kind, data)
    return body
