"""Reading HighLevel's agency: ten locations a page, the right versions, errors that name the right token."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ghl_triage.clock import FixedClock
from ghl_triage.errors import NotAuthenticated, NotPermitted, SourceError, Unreachable
from ghl_triage.sources.highlevel_agency import HighLevelAgency, highlevel_agency

pytestmark = pytest.mark.anyio

TOKEN = "pit-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"


def agency(handler: Any, **options: Any) -> HighLevelAgency:
    transport = httpx.MockTransport(handler)
    return highlevel_agency(TOKEN, "http://ghl.test", clock=FixedClock(0), rate=None, handler=transport, **options)


class Server:
    """Locations, ten a page; `told` makes what is said of the pages."""

    def __init__(self, count: int, told: Any) -> None:
        self.rows = [{"locationId": f"loc{number}", "subscriptionId": ""} for number in range(count)]
        self.told = told
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        page = int(request.url.params["page"])
        rows = self.rows[(page - 1) * 10 : page * 10]
        return httpx.Response(200, json={"locations": rows, **self.told(page, len(self.rows))})


TELLING = {
    "next": lambda page, count: {"pagination": {"page": page, "hasNext": page * 10 < count}},
    "pages": lambda page, count: {"pagination": {"page": page, "totalPages": -(-count // 10)}},
    "nothing": lambda page, count: {},  # noqa: ARG005 - as the others
}


@pytest.mark.parametrize("telling", TELLING)
@pytest.mark.parametrize("count", [0, 1, 10, 25])
async def test_the_mapping_is_read_whole_whatever_is_said_of_its_pages(telling: str, count: int) -> None:
    server = Server(count, TELLING[telling])
    found = [row["locationId"] async for rows in agency(server).locations("co") for row in rows]
    assert found == [f"loc{number}" for number in range(count)]
    assert len(server.requests) <= count // 10 + 2
    assert {request.headers["version"] for request in server.requests} == {"2021-04-15"}


async def test_locations_that_shift_while_paging_come_once() -> None:
    server = Server(15, TELLING["nothing"])
    server.rows[10] = server.rows[9]
    found = [row["locationId"] async for rows in agency(server).locations("co") for row in rows]
    assert len(found) == len(set(found)) == 14


async def test_ids_from_outside_stay_inside_their_place_in_the_path() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(200, json={})

    assert await agency(answer).mapping("co", "../../payments?x=1") == {}
    assert asked == ["/saas/get-saas-subscription/..%2F..%2Fpayments%3Fx%3D1?companyId=co"]


@pytest.mark.parametrize(
    ("body", "account"),
    [
        ({"company": {"stripeConnectId": "acct_1"}}, "acct_1"),
        ({"company": {"stripeConnectId": ""}}, None),
        ({"company": {}}, None),
        ({}, None),
        ([], None),
    ],
)
async def test_the_agencys_account_is_told_or_not(body: Any, account: str | None) -> None:
    assert await agency(lambda _: httpx.Response(200, json=body)).stripe_account("co") == account


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, NotAuthenticated, "HIGHLEVEL_AGENCY_TOKEN"),
        (403, NotPermitted, "HIGHLEVEL_COMPANY_ID"),
        (500, Unreachable, "HighLevel"),
    ],
)
async def test_errors_name_the_agencys_token_and_never_show_it(status: int, kind: type[SourceError], said: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"statusCode": status, "message": f"Invalid {TOKEN}"})

    with pytest.raises(kind) as caught:
        await agency(answer, tries=1).company_of("loc")
    assert said in str(caught.value)
    assert TOKEN not in str(caught.value)
