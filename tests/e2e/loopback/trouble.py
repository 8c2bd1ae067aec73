"""trouble: how does a test order faults, crowds and wrong clocks?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from tests.e2e.loopback.faults import Fault

if TYPE_CHECKING:
    from tests.e2e.loopback.crowd import Crowd
    from tests.e2e.loopback.faults import Faults


class Trouble:
    """The test's routes for what goes wrong with interactions."""

    def __init__(self, faults: Faults, crowd: Crowd) -> None:
        self._faults = faults
        self._crowd = crowd

    def application(self) -> web.Application:
        """Return the routes."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/faults", self._fail),
                web.post("/crowd", self._use),
                web.post("/again", self._again),
                web.post("/clock", self._set_clock),
            ]
        )
        return app

    async def _fail(self, request: web.Request) -> web.Response:
        interactions = await request.json()
        faults = [Fault(**fault) for fault in interactions["faults"]]
        self._faults.order(faults, callbacks=interactions["callbacks"])
        return web.Response(status=204)

    async def _use(self, request: web.Request) -> web.Response:
        sent = await self._crowd.use(**await request.json())
        facts = [{"id": each.id, "token": each.payload["token"]} for each in sent]
        return web.json_response({"interactions": facts})

    async def _again(self, request: web.Request) -> web.Response:
        await self._crowd.again((await request.json())["token"])
        return web.Response(status=204)

    async def _set_clock(self, request: web.Request) -> web.Response:
        self._crowd.set_clock((await request.json())["ahead"])
        return web.Response(status=204)
