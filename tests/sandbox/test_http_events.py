"""Events as Stripe's list shows them on a real day: late, twice, out of order, in an older version, and gone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest

from ghl_triage.sandbox.http.events import DISORDER, LATEST, TWIN
from ghl_triage.sandbox.server import SandboxOptions
from tests.sandbox.conftest import HEADERS
from tests.sandbox.test_http_reading import everything
from tests.sandbox_server import NOW, SandboxServer

MONTH = 30 * 86_400


@pytest.fixture(scope="module")
def chaos() -> Iterator[SandboxServer]:
    """The shared world with events perturbed."""
    with SandboxServer(SandboxOptions(customers=300, now=NOW, rate_limit=False, chaos=True)) as server:
        yield server


@pytest.fixture(scope="module")
def seen(chaos: SandboxServer) -> list[dict[str, Any]]:
    """All events, an hour later: all have appeared."""
    chaos.advance(LATEST)
    with httpx.Client(base_url=chaos.stripe_base, headers=HEADERS, trust_env=False) as client:
        return everything(client, "/v1/events")


def test_none_is_older_than_thirty_days(stripe: httpx.Client) -> None:
    events = everything(stripe, "/v1/events")
    assert events
    assert min(event["created"] for event in events) >= NOW - MONTH
    charges = everything(stripe, "/v1/charges")
    assert min(charge["created"] for charge in charges) < NOW - MONTH


def test_every_event_appears_in_the_end(stripe: httpx.Client, seen: list[dict[str, Any]]) -> None:
    plain = {event["id"] for event in everything(stripe, "/v1/events") if event["created"] >= NOW + LATEST - MONTH}
    assert plain <= {event["id"] for event in seen}


def test_some_come_twice_under_their_id_or_another(seen: list[dict[str, Any]]) -> None:
    ids = [event["id"] for event in seen]
    assert len(set(ids)) < len(ids)
    twins = [event for event in seen if event["id"].endswith(TWIN)]
    originals = {event["id"]: event for event in seen}
    assert twins
    for twin in twins:
        assert {**originals[twin["id"].removesuffix(TWIN)], "id": twin["id"]} == twin


def test_order_is_not_kept_but_nearly(stripe: httpx.Client, seen: list[dict[str, Any]]) -> None:
    plain = {event["id"]: place for place, event in enumerate(everything(stripe, "/v1/events"))}
    places = [plain[event["id"]] for event in seen if event["id"] in plain]
    assert places != sorted(places)
    created = [event["created"] for event in seen]
    assert max(later - earlier for earlier, later in pairwise(created)) <= DISORDER


def test_some_speak_an_older_version(seen: list[dict[str, Any]]) -> None:
    old = [event for event in seen if event["api_version"] == "2024-06-20"]
    assert 0.01 < len(old) / len(seen) < 0.2
    invoice = next(event["data"]["object"] for event in old if event["type"].startswith("invoice.p"))
    assert "parent" not in invoice
    assert invoice["subscription"].startswith("sub_")
    subscription = next(event["data"]["object"] for event in old if event["data"]["object"]["object"] == "subscription")
    assert subscription["current_period_end"] > subscription["current_period_start"]


def test_some_are_not_there_yet(chaos: SandboxServer, stripe: httpx.Client) -> None:
    with httpx.Client(base_url=chaos.stripe_base, headers=HEADERS, trust_env=False) as client:
        customer = client.get("/v1/customers").json()["data"][0]["id"]
        asked = {"type": "customer.updated", "created[gte]": chaos.now()}
        for number in range(40):
            client.post(f"/v1/customers/{customer}", data={"metadata[n]": str(number)})
        at_once = {event["id"].removesuffix(TWIN) for event in everything(client, "/v1/events", **asked)}
        chaos.advance(LATEST)
        later = {event["id"].removesuffix(TWIN) for event in everything(client, "/v1/events", **asked)}
        assert len(at_once) < len(later) == 40


@pytest.mark.parametrize("limit", [7, 100])
def test_a_cursor_neither_skips_nor_runs_in_circles(
    chaos: SandboxServer, seen: list[dict[str, Any]], limit: int
) -> None:
    with httpx.Client(base_url=chaos.stripe_base, headers=HEADERS, trust_env=False) as client:
        window = {"created[lt]": NOW - 86_400, "created[gte]": NOW - 10 * 86_400}
        paged = {event["id"] for event in everything(client, "/v1/events", limit=limit, **window)}
        assert paged == {event["id"] for event in seen if NOW - 10 * 86_400 <= event["created"] < NOW - 86_400}


def test_an_event_is_found_by_its_id_as_it_was_listed(chaos: SandboxServer, seen: list[dict[str, Any]]) -> None:
    with httpx.Client(base_url=chaos.stripe_base, headers=HEADERS, trust_env=False) as client:
        for event in [*seen[:5], next(event for event in seen if event["id"].endswith(TWIN))]:
            assert client.get(f"/v1/events/{event['id']}").json() == event
