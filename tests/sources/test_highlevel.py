"""Reading HighLevel: pages, headers, its two ways to refuse, and its daily limit."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from ghl_triage.clock import FixedClock
from ghl_triage.errors import NotAuthenticated, NotPermitted, RateLimited, SourceError, Unreachable
from ghl_triage.sources.highlevel import HighLevelReader, highlevel_reader

pytestmark = pytest.mark.anyio

TOKEN = "pit-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
LOCATION = "Kd3sandboxGhl7Seller"


class Server:
    """A list of rows behind limit and offset; `shift` rows appear in front while it is paged."""

    def __init__(self, count: int, *, shift: int = 0, total: Any = None) -> None:
        self.rows = [{"_id": f"r{number}", "contactEmail": f"{number}@x.test"} for number in range(count)]
        self.shift = shift
        self.total = total
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.requests and self.shift:
            self.rows = [{"_id": f"new{len(self.requests)}-{n}"} for n in range(self.shift)] + self.rows
        self.requests.append(request)
        offset, limit = (int(request.url.params[name]) for name in ("offset", "limit"))
        total = len(self.rows) if self.total is None else self.total
        return httpx.Response(200, json={"data": self.rows[offset : offset + limit], "totalCount": total})


def reader(handler: Any, **options: Any) -> HighLevelReader:
    transport = httpx.MockTransport(handler)
    return highlevel_reader(
        TOKEN, "http://ghl.test", LOCATION, clock=FixedClock(0), rate=None, handler=transport, **options
    )


async def rows_of(server: Any) -> list[str]:
    return [row["_id"] async for page in reader(server).subscriptions() for row in page]


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
async def test_a_list_is_read_whole_a_hundred_rows_at_a_time(count: int, requests: int) -> None:
    server = Server(count)
    assert len(await rows_of(server)) == count
    assert len(server.requests) == requests


async def test_a_search_whose_pages_are_all_alike_comes_to_an_end() -> None:
    page = {"contacts": [{"id": f"c{number}"} for number in range(100)]}
    found = await reader(lambda _: httpx.Response(200, json=page)).contacts(["jane@x.test"])
    assert len(found) == 100


async def test_rows_that_shift_while_paging_come_once() -> None:
    found = await rows_of(Server(250, shift=7))
    assert len(found) == len(set(found))
    assert {f"r{number}" for number in range(250)} <= set(found)


@pytest.mark.parametrize("total", ["250", [{"total": 250}], None, "unknown"])
async def test_the_total_may_come_in_any_form(total: Any) -> None:
    assert len(await rows_of(Server(250, total=total))) == 250


async def test_every_page_names_the_location_and_the_version() -> None:
    server = Server(150)
    await rows_of(server)
    for request in server.requests:
        assert request.url.params["altId"] == LOCATION
        assert request.url.params["altType"] == "location"
        assert request.headers["version"] == "2021-07-28"
        assert request.headers["authorization"] == f"Bearer {TOKEN}"


async def test_one_search_asks_for_many_contacts() -> None:
    bodies: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(orjson.loads(request.content))
        return httpx.Response(200, json={"contacts": [{"id": "c1", "email": "a@x.test"}], "total": 1})

    assert [row["id"] for row in await reader(answer).contacts(["a@x.test", "b@x.test"])] == ["c1"]
    assert bodies[0]["locationId"] == LOCATION
    leaves = bodies[0]["filters"][0]["filters"]
    assert [leaf["value"] for leaf in leaves] == ["a@x.test", "b@x.test"]


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NotAuthenticated), (403, NotPermitted), (422, SourceError), (500, Unreachable)]
)
async def test_errors_are_ours_and_hold_no_token(status: int, kind: type[SourceError]) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        body = {"statusCode": status, "message": [f"Invalid token {TOKEN}"], "traceId": "t-1"}
        return httpx.Response(status, json=body)

    with pytest.raises(kind) as caught:
        await reader(answer, tries=1).contacts(["a@x.test"])
    assert TOKEN not in str(caught.value)
    assert "HighLevel" in str(caught.value) or status == 422


@pytest.mark.parametrize(("left", "tries"), [("0", 1), ("5", 3)])
async def test_with_nothing_left_of_the_day_waiting_is_of_no_use(left: str, tries: int) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(429, json={"message": "Too Many"}, headers={"X-RateLimit-Daily-Remaining": left})

    with pytest.raises(RateLimited):
        await reader(answer, tries=3).contacts(["a@x.test"])
    assert len(requests) == tries
