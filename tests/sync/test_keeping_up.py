"""Ticks, reconciles and refreshes: however a change comes to light, the store ends where a fresh load would."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ghl_triage.config import remember_database
from ghl_triage.model import Caps, Case, Stage, SyncProgress
from ghl_triage.sandbox.server import SandboxOptions
from ghl_triage.sources.stripe import stripe_reader
from ghl_triage.store.writer import Writer
from ghl_triage.sync.load import EVENTS, RECONCILED, UNREAD
from ghl_triage.sync.plan import DAY
from ghl_triage.sync.refresh import refresh_cases
from tests.sandbox_server import NOW, SandboxServer
from tests.sync.conftest import Desk, QuickClock, desk_at

pytestmark = pytest.mark.anyio

NEVER = str(NOW + 3_650 * DAY)


OPTIONS = SandboxOptions(customers=80, now=NOW, rate_limit=False, chaos=True)
"""A world that changes, with events that come late, twice, out of order and in an older version."""


@pytest.fixture
def moving() -> Iterator[SandboxServer]:
    """Such a world of the test's own."""
    with SandboxServer(OPTIONS) as server:
        yield server


@pytest.fixture(scope="module")
async def first_load(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first load leaves of that world as it stands at its start, for copying."""
    folder = tmp_path_factory.mktemp("first")
    with SandboxServer(OPTIONS) as server:
        progress = await desk_at(server, folder, highlevel_token="").sync()
    assert (progress.kind, progress.failed_parts) == ("full", ())
    return folder


@pytest.fixture
def home(moving: SandboxServer, first_load: Path, tmp_path: Path) -> Desk:
    """A workspace on the changing world, loaded. HighLevel is left out: it changes nothing here."""
    desk = desk_at(moving, shutil.copytree(first_load, tmp_path / "desk"), highlevel_token="")
    remember_database(desk.settings, moving.info()["account"])
    return desk


def standing(desk: Desk) -> dict[str, tuple[Any, ...]]:
    """How each case stands: all that does not depend on how much of its history was kept."""

    def of(case: Case) -> tuple[Any, ...]:
        return (
            case.status,
            case.stage,
            case.cause,
            case.pending,
            case.amount_at_risk,
            case.invoice,
            case.attempts,
            case.next_retry_at,
            case.effective_payment_method,
            case.decline_code,
        )

    return {subscription: of(case) for subscription, case in desk.cases().items()}


async def fresh(server: SandboxServer, home: Path) -> dict[str, tuple[Any, ...]]:
    """How the cases stand for one who comes now."""
    desk = desk_at(server, home, highlevel_token="")
    await desk.sync()
    return standing(desk)


def unlike(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    keys = one.keys() | other.keys()
    return {key: (one.get(key), other.get(key)) for key in sorted(keys) if one.get(key) != other.get(key)}


def one_failing(desk: Desk) -> Case:
    """A case that is past due, with an open invoice."""
    return next(
        case
        for case in desk.cases().values()
        if case.stage is Stage.FAILING
        and case.status == "past_due"
        and case.invoice == case.reviving_invoice
        and case.amount_at_risk
    )


# ticks


@pytest.mark.parametrize("one_by_one", [30, 2])
async def test_ticks_alone_end_where_a_fresh_load_would(
    moving: SandboxServer, home: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_by_one: int
) -> None:
    """Whether few changes are read one by one, or many by lists."""
    monkeypatch.setattr("ghl_triage.sync.again.ONE_BY_ONE", one_by_one)
    monkeypatch.setattr("ghl_triage.sync.again.OBJECTS_PER_PAGE", 2)
    home.forget(RECONCILED, NEVER)
    for hours in (1, 5, 12, 30, 1):
        moving.advance(hours * 3_600)
        progress = await home.sync()
        assert progress.kind == "tick"
        assert progress.failed_parts == ()
    moving.advance(300)
    await home.sync()
    assert unlike(standing(home), await fresh(moving, tmp_path / "fresh")) == {}


async def test_a_tick_with_nothing_new_costs_three_requests(moving: SandboxServer, home: Desk) -> None:
    moving.advance(300)
    await home.sync()
    moving.reset_counters()
    progress = await home.sync()
    assert progress.kind == "tick"
    # One of them asks whose key this is, once for each start of the program.
    assert moving.counters()["stripe"] == {"GET /v1/account": 1, "GET /v1/events": 3}


async def test_a_payment_is_seen_by_the_next_tick(moving: SandboxServer, home: Desk) -> None:
    case = one_failing(home)
    moving.play("pay_hosted_invoice", invoice=case.invoice)
    moving.advance(120)
    moving.reset_counters()
    await home.sync()
    assert home.cases()[case.subscription].status == "active"
    assert moving.counters()["total_stripe"] <= 25


@pytest.mark.parametrize("changes", [1, 6])
async def test_a_tick_that_was_cut_off_loses_nothing(
    moving: SandboxServer, home: Desk, tmp_path: Path, changes: int
) -> None:
    home.forget(RECONCILED, NEVER)
    moving.advance(20 * 3_600)

    class CuttingOff(list[SyncProgress]):
        def append(self, progress: SyncProgress) -> None:
            super().append(progress)
            if len([each for each in self if each.objects]) == changes:
                task.cancel()

    task = asyncio.ensure_future(home.follow(CuttingOff()))
    with pytest.raises(asyncio.CancelledError):
        await task
    moving.advance(300)
    await home.sync()
    assert unlike(standing(home), await fresh(moving, tmp_path / "fresh")) == {}
    with home.reader() as reader:
        assert not reader.cursor(UNREAD)


async def test_a_cursor_that_stripe_no_longer_knows_means_a_full_load(moving: SandboxServer, home: Desk) -> None:
    home.forget(EVENTS, str(NOW - 29 * DAY - 3_600))
    moving.reset_counters()
    assert (await home.sync()).kind == "full"
    # What changed meanwhile made no event that can still be read: cards are looked up again as well.
    assert "GET /v1/customers/{id}/payment_methods" in moving.counters()["stripe"]
    home.forget(EVENTS, str(NOW - 28 * DAY))
    assert (await home.sync()).kind == "tick"


async def test_without_the_right_to_events_the_status_lists_are_read_instead(
    moving: SandboxServer, tmp_path: Path
) -> None:
    blind = desk_at(moving, tmp_path, highlevel_token="", stripe_key="rk_test_sandbox_without_event_read")
    first = await blind.sync()
    assert first.failed_parts == ()
    (told,) = (what for what in first.missing if "rak_event_read" in what)
    assert {"events", "undelivered events"} == set(told.partition(":")[0].split(", "))
    case = one_failing(blind)
    moving.play("pay_hosted_invoice", invoice=case.invoice)
    progress = await blind.sync()
    assert progress.failed_parts == ()
    assert "rak_event_read" in str(progress.missing)
    assert blind.cases()[case.subscription].status == "active"


async def test_what_the_key_may_not_read_keeps_a_tick_from_nothing_else(moving: SandboxServer, tmp_path: Path) -> None:
    blind = desk_at(moving, tmp_path, highlevel_token="", stripe_key="rk_test_sandbox_without_payment_method_read")
    await blind.sync()
    case = one_failing(blind)
    moving.play("attach_card", customer=case.customer)
    moving.play("pay_hosted_invoice", invoice=case.invoice)
    moving.advance(300)
    moving.reset_counters()
    progress = await blind.sync()
    assert (progress.kind, progress.failed_parts) == ("tick", ())
    (told,) = (what for what in progress.missing if "rak_payment_method_read" in what)
    assert told.startswith("cards, payment methods: ")
    assert blind.cases()[case.subscription].status == "active"
    asked = moving.counters()["stripe"]
    assert asked["GET /v1/customers/{id}/payment_methods"] <= 12, "not for every customer anew"


async def test_while_events_fail_a_due_reconcile_still_comes(moving: SandboxServer, home: Desk) -> None:
    case = one_failing(home)
    moving.play("pay_hosted_invoice", invoice=case.invoice)
    moving.faults({"match": "GET /v1/events", "kind": "500", "times": None})
    home.forget(RECONCILED, "0")
    progress = await home.sync()
    assert {part.name for part in progress.failed_parts} == {"changes", "undelivered events"}
    assert home.cases()[case.subscription].status == "active"


# reconciles


async def test_what_no_event_told_a_reconcile_finds(moving: SandboxServer, home: Desk, tmp_path: Path) -> None:
    case = one_failing(home)
    moving.play("pay_hosted_invoice", invoice=case.invoice)
    moving.advance(40 * 3_600)
    home.forget(EVENTS, str(moving.now() + 700))
    progress = await home.sync()
    assert progress.kind == "reconcile"
    assert home.cases()[case.subscription].status == "active"
    expected = await fresh(moving, tmp_path / "fresh")
    statuses = {key: values[0] for key, values in standing(home).items()}
    assert statuses == {key: values[0] for key, values in expected.items()}


async def test_what_stripe_does_not_know_leaves_the_store(home: Desk) -> None:
    case = one_failing(home)
    with Writer(home.path) as writer, home.reader() as reader:
        raw = dict(reader.raw(case.subscription) or {})
        touched = writer.write_objects([{**raw, "id": "sub_ghost"}], fetched_at=NOW).customers
        writer.rediagnose(touched, NOW, Caps())
    assert "sub_ghost" in home.cases()
    home.forget(RECONCILED, "0")
    await home.sync()
    assert "sub_ghost" not in home.cases()


# refreshes


async def refreshed(desk: Desk, subscriptions: list[str]) -> None:
    clock = QuickClock()
    stripe = stripe_reader(desk.settings.stripe_key, desk.settings.stripe_base, clock=clock)
    await stripe.get("/v1/account")
    try:
        with Writer(desk.path) as writer:
            await refresh_cases(stripe, writer, subscriptions, clock, Caps())
    finally:
        await stripe.close()


async def test_a_case_is_read_again_in_few_requests(moving: SandboxServer, home: Desk) -> None:
    case = one_failing(home)
    moving.play("pay_hosted_invoice", invoice=case.invoice)
    moving.play("attach_card", customer=case.customer)
    moving.reset_counters()
    await refreshed(home, [case.subscription])
    again = home.cases()[case.subscription]
    assert again.status == "active"
    assert again.stage is Stage.RECOVERED
    assert len(again.payment_methods) > len(case.payment_methods)
    assert moving.counters()["total_stripe"] <= 1 + 6


async def test_many_cases_are_read_again_by_lists(moving: SandboxServer, home: Desk) -> None:
    case = one_failing(home)
    moving.play("pay_hosted_invoice", invoice=case.invoice)
    everybody = [each.subscription for each in home.cases().values() if each.stage in (Stage.FAILING, Stage.AT_RISK)]
    chosen = [case.subscription, *[each for each in everybody if each != case.subscription]][:60]
    if len(chosen) <= 30:
        chosen = [*list(home.cases())[:60], case.subscription]
    moving.reset_counters()
    await refreshed(home, chosen)
    assert home.cases()[case.subscription].status == "active"
    assert moving.counters()["total_stripe"] <= 1 + 45
