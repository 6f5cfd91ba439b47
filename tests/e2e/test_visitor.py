"""The visitor is a client like the portal's own: counts, streams, reloads, and hears of the end."""

import asyncio

import pytest
from visitor import COUNT, INCREMENT, TRANSPORTS, Dropped, Refused, Visitor


@pytest.fixture
def portal(run, service):
    instance = run(service)
    instance.ready()
    return instance


def test_clicks_count_and_a_reload_keeps_the_count(portal, variant):
    async def visit():
        async with Visitor(portal.address, transport=TRANSPORTS[variant]) as visitor:
            assert visitor[COUNT] == 0
            for count in (1, 2, 3):
                await visitor.call(INCREMENT)
                assert visitor[COUNT] == count
            await visitor.reload()
            assert visitor[COUNT] == 3
        async with Visitor(portal.address, transport=TRANSPORTS[variant]) as other:
            assert other[COUNT] == 0

    asyncio.run(visit())


def test_the_other_transport_is_refused(portal, variant):
    other = {"websocket": "polling", "polling": "websocket"}[TRANSPORTS[variant]]
    with pytest.raises(Refused):
        asyncio.run(Visitor(portal.address, transport=other).connect())


def test_it_hears_of_the_end(portal, variant):
    async def visit():
        async with Visitor(portal.address, transport=TRANSPORTS[variant]) as visitor:
            await asyncio.to_thread(portal.terminate)
            with pytest.raises((Dropped, Refused)):
                await visitor.call(INCREMENT)
            assert visitor.dropped

    asyncio.run(visit())
