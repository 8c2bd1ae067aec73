"""control: how does a test tell the loopback what to do, and hear what happened?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from tests.e2e.loopback.chat import Chat
    from tests.e2e.loopback.gateway import Gateway
    from tests.e2e.loopback.interactions import Interactions
    from tests.e2e.loopback.journal import Journal
    from tests.e2e.loopback.rules import Rules


class Control:
    """The test's own routes, beside Discord's and under none of its paths."""

    def __init__(
        self, rules: Rules, journal: Journal, gateway: Gateway, interactions: Interactions
    ) -> None:
        self._rules = rules
        self._journal = journal
        self._gateway = gateway
        self._interactions = interactions

    def application(self) -> web.Application:
        """Return the routes."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/journal", self._follow),
                web.post("/interactions", self._interact),
                web.post("/interrupt", self._interrupt),
                web.post("/restore", self._restore),
                web.post("/reconnect", self._reconnect),
                web.post("/invalidate", self._invalidate),
                web.post("/drop", self._drop),
                web.post("/close", self._close),
                web.post("/gateway", self._set_gateway_faults),
            ]
        )
        return app

    async def _follow(self, request: web.Request) -> web.StreamResponse:
        """Send the journal from its beginning, an entry a message, until the test hangs up."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        try:
            async for entry in self._journal.follow():
                await socket.send_json(entry)
        except ConnectionError:
            pass
        return socket

    async def _interact(self, request: web.Request) -> web.Response:
        interactions = await request.json()
        opened = self._interactions.open(
            interactions["payload"],
            interactions.get("ack_seconds", self._rules.ack_seconds),
            interactions.get("token_seconds", self._rules.token_seconds),
        )
        try:
            await self._gateway.dispatch("INTERACTION_CREATE", opened.payload)
        except LookupError as error:
            self._interactions.refuse(opened)
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"id": opened.id, "token": opened.payload["token"]})

    async def _interrupt(self, _: web.Request) -> web.Response:
        self._gateway.interrupt()
        return web.Response(status=204)

    async def _restore(self, _: web.Request) -> web.Response:
        self._gateway.restore()
        return web.Response(status=204)

    async def _reconnect(self, _: web.Request) -> web.Response:
        await self._gateway.ask_to_reconnect()
        return web.Response(status=204)

    async def _invalidate(self, request: web.Request) -> web.Response:
        await self._gateway.invalidate(resumable=(await request.json())["resumable"])
        return web.Response(status=204)

    async def _drop(self, _: web.Request) -> web.Response:
        self._gateway.drop()
        return web.Response(status=204)

    async def _close(self, request: web.Request) -> web.Response:
        await self._gateway.close((await request.json())["code"])
        return web.Response(status=204)

    async def _set_gateway_faults(self, request: web.Request) -> web.Response:
        changes = await request.json()
        self._gateway.set_faults(changes)
        self._journal.note("gateway faults", **changes)
        return web.Response(status=204)


def chat_application(chat: Chat) -> web.Application:
    """Return the test's routes for what people write."""

    async def write(request: web.Request) -> web.Response:
        return web.json_response(await chat.write(**await request.json()))

    async def chatter(request: web.Request) -> web.Response:
        return web.json_response({"count": await chat.chatter(**await request.json())})

    app = web.Application()
    app.add_routes([web.post("/write", write), web.post("/chatter", chatter)])
    return app
