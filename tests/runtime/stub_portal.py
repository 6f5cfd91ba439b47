"""A portal without Reflex, for uvicorn: quick to start, and as stubborn as a test needs it.

STUB_IMPORT_SECONDS: how long the import takes.
"""

import asyncio
import os
import time

time.sleep(float(os.environ.get("STUB_IMPORT_SECONDS", "0")))


def app():
    return portal


async def portal(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    if scope["path"] == "/_event/":
        await asyncio.sleep(25)  # A long poll with no news.
    elif scope["path"] == "/reports/slow":
        await asyncio.sleep(2)
    elif scope["path"] == "/reports/stuck":
        time.sleep(60)  # Holds the event loop, so that SIGTERM is not seen.
    elif scope["path"] == "/reports/scope":
        body = repr({"client": scope["client"], "scheme": scope["scheme"]}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b'"pong"'})
