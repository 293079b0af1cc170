"""What lists alone do not tell: old namesakes, one card with two people, fraud warnings, deliveries that failed."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from ghl_triage.model import Cause, Finding, Likeness, PartState, SyncProgress
from ghl_triage.sandbox.engine.beliefs import Beliefs
from ghl_triage.sandbox.server import SandboxOptions, app_of
from ghl_triage.sandbox.stories import STORIES, missing, oddities, strangers
from ghl_triage.sandbox.world.build import World, build_plan
from ghl_triage.sandbox.world.plan import Plan, Variant
from ghl_triage.sync.load import RECONCILED
from tests.sandbox_server import NOW, SandboxServer
from tests.sync.conftest import Desk, contents, desk_at, differences

pytestmark = pytest.mark.anyio
OPTIONS = SandboxOptions(now=NOW, rate_limit=False, chaos=True)
SEARCH = "GET /v1/customers/search"
CARDS = "GET /v1/customers/{id}/payment_methods"
NAMES = {"fraud_warned", "no_card_ever", "card_with_the_namesake"}


def world_of(beliefs: Beliefs | None = None) -> World:
    """The stories about strangers, each twice, and some that must not be taken for them."""
    told = [story for story in STORIES if story.tell.__module__ == strangers.__name__]
    told += [story for story in STORIES if story.name in NAMES and story.path in ("api", "checkout")]
    assert {story.tell.__module__ for story in told} == {each.__name__ for each in (strangers, missing, oddities)}
    variants = tuple(
        Variant(story, story.days[0] + (story.days[1] - story.days[0]) * (turn + 0.5) / 2, number * 2 + turn)
        for number, story in enumerate(told)
        for turn in range(2)
    )
    made = sum(variant.story.subscriptions for variant in variants)
    return build_plan(6, Plan(variants, array("H", range(len(variants))), made), NOW, beliefs)


@pytest.fixture(scope="module")
def serving() -> Iterator[SandboxServer]:
    """Nothing in it changes."""
    with SandboxServer(OPTIONS, app_of(world_of(), OPTIONS)) as server:
        yield server


@pytest.fixture
def desk(serving: SandboxServer, tmp_path: Path) -> Iterator[Desk]:
    serving.reset_counters()
    yield desk_at(serving, tmp_path, highlevel_token="")
    serving.clear_faults()


def wrong(server: SandboxServer, desk: Desk) -> Counter[tuple[object, ...]]:
    """Where verdicts or findings are not those of the stories' authors."""
    mine = {Finding.EARLY_FRAUD_WARNING, Finding.WEBHOOK_UNDELIVERED}
    found: Counter[tuple[object, ...]] = Counter()
    cases = desk.cases()
    for name, label in server.labels().items():
        case = cases[name]
        if case.cause != label["cause"] or set(case.findings) & mine != set(label["findings"]) & mine:
            found[label["story"], case.cause, case.pending, *case.findings] += 1
    return found


def queries(server: SandboxServer, path: str) -> list[dict[str, list[str]]]:
    return [parse_qs(each["query"]) for each in server.requests() if each["path"].endswith(path)]


async def test_an_old_namesake_and_a_failed_delivery_are_found(serving: SandboxServer, desk: Desk) -> None:
    progress = await desk.sync()
    assert (progress.failed_parts, wrong(serving, desk)) == ((), Counter())
    counted = serving.counters()["stripe"]
    sought = [parse_qs(each["query"])["query"][0] for each in serving.requests() if each["path"].endswith("/search")]
    assert 0 < counted[SEARCH] <= 3
    (undelivered,) = (query for query in queries(serving, "/v1/events") if "delivery_success" in query)
    assert not [name for name in undelivered if name.startswith("type")], "his code alone knows what it listens to"
    assert any(query.count(" OR ") > 3 for query in sought)
    serving.reset_counters()
    await desk.sync()
    assert serving.counters()["total_stripe"] <= 4


@pytest.mark.parametrize("kept", ["exact", "closed"])
async def test_without_a_search_that_ignores_case_they_are_found_as_they_are_written(kept: str, tmp_path: Path) -> None:
    beliefs = Beliefs(customer_search=kept)  # type: ignore[arg-type]
    with SandboxServer(OPTIONS, app_of(world_of(beliefs), OPTIONS)) as server:
        desk = desk_at(server, tmp_path, highlevel_token="")
        progress = await desk.sync()
        assert (progress.failed_parts, wrong(server, desk)) == ((), Counter())
        assert any("search" in each for each in progress.missing) == (kept == "closed")
        if kept == "closed":
            assert server.counters()["stripe"][SEARCH] <= 4, "asked once, and not again for every address"


async def test_until_namesakes_are_sought_the_verdict_waits(serving: SandboxServer, desk: Desk, tmp_path: Path) -> None:
    expected = desk_at(serving, tmp_path / "expected", highlevel_token="")
    await expected.sync()
    serving.faults({"match": "GET /v1/customers/search", "kind": "500", "times": None})
    progress = await desk.sync()
    assert [part.name for part in progress.failed_parts] == ["cards"]
    undecided = {case.subscription for case in desk.cases().values() if case.pending}
    without = {case.subscription for case in expected.cases().values() if case.cause is Cause.NO_PAYMENT_METHOD}
    assert without <= undecided
    serving.clear_faults()
    serving.reset_counters()
    await desk.sync()
    assert CARDS not in serving.counters()["stripe"] or serving.counters()["stripe"][CARDS] <= 6, "read before"
    assert differences(contents(desk.path), contents(expected.path)) == []


async def test_what_a_namesake_or_a_card_tells_is_shown(serving: SandboxServer, desk: Desk) -> None:
    await desk.sync()
    labels, cases = serving.labels(), desk.cases()
    told: dict[str, list[tuple[Likeness, ...]]] = {}
    for name, case in cases.items():
        told.setdefault(labels[name]["story"], []).extend(other.alike for other in case.duplicates)
    assert told["card_with_an_old_namesake"] == [(Likeness.EMAIL,)] * 2
    assert told["same_card_other_address"] == [(Likeness.CARD,)] * 4
    assert told["no_card_ever"] == []
    shared = next(name for name in cases if labels[name]["story"] == "same_card_other_address")
    own, other = cases[shared].own_customer, cases[shared].duplicates[0]
    assert own is not None
    assert (own.id, own.email) == (cases[shared].customer, cases[shared].email)
    assert own.cards[0].fingerprint == other.cards[0].fingerprint
    assert own.cards[0].id != other.cards[0].id
    assert [sub.status for sub in other.subscriptions] != []


async def test_without_the_right_to_radar_that_part_alone_is_not_seen(desk: Desk) -> None:
    blind = desk.but(stripe_key="rk_test_sandbox_without_radar_read")
    progress = await blind.sync()
    assert (progress.failed_parts, unseen(progress)) == ((), ["fraud warnings"])
    assert [what for what in progress.missing if "rak_radar_read" in what] != []
    assert not [case for case in blind.cases().values() if case.pending]
    blind.forget(RECONCILED, "0")
    again = await blind.sync()
    assert (again.kind, again.failed_parts, unseen(again)) == ("reconcile", (), ["fraud warnings"])


def unseen(progress: SyncProgress) -> list[str]:
    return [part.name for part in progress.parts if part.state is PartState.SKIPPED]


async def test_a_delivery_that_came_through_later_is_no_finding_any_more(tmp_path: Path) -> None:
    with SandboxServer(OPTIONS, app_of(world_of(), OPTIONS)) as server:
        desk = desk_at(server, tmp_path, highlevel_token="")
        await desk.sync()
        case = next(each for each in desk.cases().values() if each.cause is Cause.NO_PAYMENT_METHOD)
        server.play("endpoint", down=True)
        server.play("update_customer", customer=case.customer, params={"name": "Jane Roe"})
        server.play("attach_card", customer=case.customer)
        server.advance(600)
        desk.forget(RECONCILED, "0")
        await desk.sync()
        assert Finding.WEBHOOK_UNDELIVERED not in desk.cases()[case.subscription].findings, "not an hour ago yet"
        server.advance(3_600)
        desk.forget(RECONCILED, "0")
        progress = await desk.sync()
        assert progress.kind == "reconcile"
        failed = desk.cases()[case.subscription]
        assert Finding.WEBHOOK_UNDELIVERED in failed.findings
        (proof,) = failed.finding_evidence[Finding.WEBHOOK_UNDELIVERED]
        assert (proof.object_id[:4], proof.field) == ("evt_", "delivery of payment_method.attached")
        server.play("endpoint", down=False)
        desk.forget(RECONCILED, "0")
        await desk.sync()
        assert Finding.WEBHOOK_UNDELIVERED not in desk.cases()[case.subscription].findings
