"""Reading one list: a cursor is never ahead of its rows, and one whose object is gone does not stop it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from ghl_triage.clock import FixedClock
from ghl_triage.errors import RequestRefused, Unreachable
from ghl_triage.sources.stripe import Page, stripe_reader
from ghl_triage.sync.expansions import Expansions
from ghl_triage.sync.plan import ListSpec
from ghl_triage.sync.walk import PAGES_PARSED, ListWalk, Sink
from ghl_triage.sync.windows import ListState, list_state

pytestmark = pytest.mark.anyio


class Charges:
    """Charges newest first, a few on each page; those in `gone` cannot be named by a cursor."""

    def __init__(self, count: int, *, gone: set[str] | None = None) -> None:
        self.rows = [{"id": f"ch_{n}", "object": "charge", "created": 10_000 - n} for n in range(count)]
        self.gone = gone or set()
        self.fail_at: str | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        after = query.get("starting_after")
        if after is not None and after == self.fail_at:
            return httpx.Response(500, json={"error": {"message": "no"}})
        rows = [row for row in self.rows if row["id"] not in self.gone]
        if after in self.gone:
            return httpx.Response(
                400, json={"error": {"code": "resource_missing", "message": f"No such charge: '{after}'"}}
            )
        if after:
            rows = rows[[row["id"] for row in rows].index(after) + 1 :]
        if "created[lt]" in query:
            rows = [row for row in rows if int(str(row["created"])) < int(query["created[lt]"])]
        page, more = rows[:10], len(rows) > 10
        return httpx.Response(200, json={"object": "list", "data": page, "has_more": more})


def walk(server: Any, state: ListState, sink: Sink) -> ListWalk:
    stripe = stripe_reader(
        "rk_test_1", "http://stripe.test", clock=FixedClock(0), tries=2, handler=httpx.MockTransport(server)
    )
    return ListWalk(
        ListSpec("charges", "/v1/charges"),
        state,
        stripe=stripe,
        expansions=Expansions(lambda _: None),
        gate=asyncio.Semaphore(PAGES_PARSED),
        sink=sink,
    )


async def test_a_cursor_whose_object_is_gone_does_not_stop_the_list() -> None:
    server, got = Charges(50), dict[str, Any]()

    async def sink(page: Page, _: str) -> None:
        got.update((row["id"], row) for row in page.data)
        # The last charge of the second page goes away while the third is asked for.
        server.gone = {"ch_19"}

    await walk(server, ListState(), sink).run()
    assert got.keys() >= {f"ch_{n}" for n in range(50)} - {"ch_19"}


async def test_a_refusal_that_is_not_the_cursors_is_told() -> None:
    async def sink(_: Page, __: str) -> None:
        raise AssertionError("there is nothing to store")

    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            400, json={"error": {"code": "parameter_unknown", "message": "Received unknown parameter"}}
        )

    with pytest.raises(RequestRefused, match="unknown parameter"):
        await walk(refuse, ListState(), sink).run()


async def test_a_cursor_is_never_ahead_of_its_rows() -> None:
    """Whatever page fails, what is claimed was stored, and reading on brings the rest."""
    for failing in range(0, 50, 10):
        server = Charges(60)
        server.fail_at = f"ch_{failing + 9}"
        stored: list[str] = []
        positions: list[str] = []

        async def sink(page: Page, position: str, stored: list[str] = stored, kept: list[str] = positions) -> None:
            stored.extend(row["id"] for row in page.data)
            kept.append(position)

        with pytest.raises(Unreachable):
            await walk(server, ListState(), sink).run()
        assert stored == [f"ch_{n}" for n in range(failing + 10)]
        server.fail_at = None
        await walk(server, list_state(positions[-1], since=None), sink).run()
        assert stored == [f"ch_{n}" for n in range(60)]


async def test_a_store_that_fails_ends_the_walk_with_its_own_error() -> None:
    async def sink(_: Page, __: str) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await walk(Charges(300), ListState(), sink).run()
