"""Two instances: what becomes of clicks, and of the state after a reload, with and without affinity and Redis."""

import asyncio
import contextlib
from types import SimpleNamespace

import pytest
from front import Front, revision
from instance import ENVIRONMENTS, Service, starter
from report import keep
from store import WITH_REDIS, Redis
from visitor import COUNT, INCREMENT, TRANSPORTS, Dropped, Refused, Visitor

NAME = "portal.test"

LOST, KEPT = "state lost", "state kept"
WORK = "work"


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def variant(request):
    return request.param


@pytest.fixture(scope="module", params=["without Redis", "with Redis"])
def portal(variant, request, certificates, names, tmp_path_factory):
    """Two instances, and what puts a front before them."""
    redis = request.param == "with Redis"
    service = Service(ENVIRONMENTS[variant])
    with (
        Redis() if redis else contextlib.nullcontext(),
        starter(variant, certificates, tmp_path_factory.mktemp(variant)) as run,
        revision(run, service, 2, more=WITH_REDIS if redis else {}) as instances,
    ):

        def front(affinity):
            return Front(service, instances, certificates, hosts=[NAME], affinity=affinity)

        yield SimpleNamespace(front=front, instances=instances, redis=redis, transport=TRANSPORTS[variant])


def experience(front, transport, cookies):
    """A visitor's: whether clicks work, and what is left after a reload."""

    async def visit():
        settings = {"host": NAME, "tls": front.tls, "transport": transport, "cookies": cookies, "seconds": 10}
        visitor = Visitor(front.address, 443, **settings)
        try:
            async with visitor:
                await visitor.call(INCREMENT)
                await visitor.call(INCREMENT)
                assert visitor[COUNT] == 2
                await visitor.reload()
                return WORK, {2: KEPT, 0: LOST}[visitor[COUNT]]
        except Refused as error:
            return f"broken: {error.status}", LOST
        except (Dropped, TimeoutError) as error:
            return f"broken: {error!r}", LOST

    return asyncio.run(visit())


def cookie_of_a_page(front):
    """The page comes before its socket, and brings the cookie."""
    name, value = front.get("/").headers["Set-Cookie"].partition(";")[0].split("=", 1)
    return {name: value}


def expected(transport, affinity, redis):
    if transport == "polling" and not affinity:
        return "broken: 400", LOST
    return WORK, KEPT if affinity or redis else LOST


@pytest.mark.parametrize("affinity", [False, True], ids=["round robin", "affinity"])
def test_clicks_and_reload(portal, variant, affinity):
    seen = set()
    with portal.front(affinity) as front:
        for _ in range(4):
            seen.add(experience(front, portal.transport, cookie_of_a_page(front) if affinity else {}))
    row = [variant, "affinity" if affinity else "no affinity", "Redis" if portal.redis else "no Redis"]
    (clicks, reload), *others = seen
    assert not others, seen
    assert (clicks, reload) == expected(portal.transport, affinity, portal.redis)
    keep("affinity", ", ".join(row), {"clicks": clicks, "after a reload": reload})


def test_the_instance_goes(portal, variant):
    """Affinity ends with its instance, when the platform takes one away: what the visitor's next page shows."""

    async def visit():
        with portal.front(affinity=True) as front:
            settings = {"host": NAME, "tls": front.tls, "transport": portal.transport, "seconds": 10}
            visitor = Visitor(front.address, 443, **settings, cookies=cookie_of_a_page(front))
            async with visitor:
                await visitor.call(INCREMENT)
                instance = portal.instances[int(visitor.cookies["GAESA"], 16)]
                await asyncio.to_thread(instance.terminate)
                with pytest.raises((Dropped, Refused)):
                    await visitor.call(INCREMENT)
                await visitor.reload()
                return visitor[COUNT]

    assert asyncio.run(visit()) == (1 if portal.redis else 0)
    row = f"{variant}, affinity, {'Redis' if portal.redis else 'no Redis'}, and the instance goes"
    keep("affinity", row, {"after a reload": KEPT if portal.redis else LOST})
