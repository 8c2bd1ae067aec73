"""`python -m tests.e2e.loopback [RULES]`: serve one loopback Discord until standard input ends.

RULES is a JSON object of `Rules` fields. The first line on standard output is the port. A closed
standard input ends it, so that no loopback outlives the test that started it, however that ends.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from email.utils import formatdate

from aiohttp import web

from tests.e2e.loopback.chat import Chat
from tests.e2e.loopback.commands import Commands
from tests.e2e.loopback.control import Control, chat_application
from tests.e2e.loopback.crowd import Crowd
from tests.e2e.loopback.faults import Faults
from tests.e2e.loopback.gateway import Gateway
from tests.e2e.loopback.interactions import Interactions
from tests.e2e.loopback.journal import Journal
from tests.e2e.loopback.messages import Messages
from tests.e2e.loopback.payloads import Snowflakes
from tests.e2e.loopback.rest import API, Rest
from tests.e2e.loopback.rules import Rules
from tests.e2e.loopback.trouble import Trouble


def application(rules: Rules, origin: str) -> web.Application:
    """Put one loopback Discord together, to be served at `origin`."""
    journal, snowflakes = Journal(), Snowflakes()
    gateway = Gateway(rules, journal)
    messages = Messages(journal, snowflakes, origin)
    interactions = Interactions(journal, snowflakes, messages)
    commands = Commands(journal, snowflakes)
    faults = Faults(journal)
    chat = Chat(journal, snowflakes, gateway, messages)
    crowd = Crowd(rules, snowflakes, gateway, interactions)
    app = web.Application()
    app.on_shutdown.append(journal.end)

    async def tell_time(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = formatdate(snowflakes.time(), usegmt=True)

    app.on_response_prepare.append(tell_time)
    rest = Rest(rules, journal, gateway, commands, messages, interactions, faults, chat)
    app.add_routes(
        [
            web.get("/gateway", gateway.serve),
            web.get("/gateway/resume", gateway.serve),
            web.get("/attachments/{channel}/{id}/{filename}", rest.attachment),
        ]
    )
    app.add_subapp(API, rest.application())
    app.add_subapp("/_control", Control(rules, journal, gateway, interactions).application())
    app.add_subapp("/_chat", chat_application(chat))
    app.add_subapp("/_trouble", Trouble(faults, crowd).application())
    return app


async def serve(rules: Rules) -> None:
    """Listen on a free loopback port until standard input ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        runner = web.AppRunner(application(rules, f"http://127.0.0.1:{port}"), access_log=None)
        await runner.setup()
        try:
            await web.SockSite(runner, listener, shutdown_timeout=0.1).start()
            sys.stdout.write(f"{port}\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)
        finally:
            await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(Rules(**json.loads(sys.argv[1] if sys.argv[1:] else "{}"))))
