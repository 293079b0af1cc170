"""The key's rights are learned beside a sync, by requests that change nothing, and none is sent in a read-only run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ghl_triage.config import Settings, fingerprint, known_database
from ghl_triage.model import ActionKind
from ghl_triage.rights import CHECKOUT, CUSTOMERS, INVOICES, RIGHTS, SUBSCRIPTIONS, WRITES, Held, Rights
from ghl_triage.store.reader import Reader
from ghl_triage.sync.doctor import examine
from ghl_triage.sync.run import Workspace
from tests.actions.town import Town
from tests.sandbox_server import SandboxServer
from tests.sync.conftest import QuickClock

pytestmark = pytest.mark.anyio
PROBES = 5


@pytest.fixture(scope="module")
def place() -> Iterator[SandboxServer]:
    """A town of one customer: what is asked of it is asked of any account."""
    town = Town()
    town.failing("dan")
    with town.now().served() as server:
        yield server


def settings(server: SandboxServer, home: Path, key: str) -> Settings:
    server.reset_counters()
    return Settings(key, server.stripe_base, False, home, home, rate=0)


async def sync(settings: Settings, *, runs: int = 1, ask_again: bool = False) -> Rights:
    """Runs of one process; what is known of the key afterwards."""
    workspace = Workspace(settings, clock=QuickClock())
    try:
        for _ in range(runs):
            await workspace.sync(full=False, on_progress=lambda _: None, lock_wait=5.0)
        if ask_again:
            workspace.ask_rights_again()
            await workspace.sync(full=False, on_progress=lambda _: None, lock_wait=5.0)
    finally:
        await workspace.close()
    return kept(settings)


def kept(settings: Settings) -> Rights:
    path = known_database(settings)
    assert path is not None
    with Reader(path) as reader:
        return reader.rights(fingerprint(settings))


def sent(server: SandboxServer) -> list[str]:
    """The requests that are no GET, by their endpoints."""
    return [f"{one['method']} {one['path']}" for one in server.requests() if one["method"] != "GET"]


async def test_a_key_with_every_right_is_asked_once_a_day(place: SandboxServer, tmp_path: Path) -> None:
    own = settings(place, tmp_path, "rk_test_sandbox")
    before = place.ledger()
    known = await sync(own, runs=2, ask_again=True)
    assert [known.has(right) for right in RIGHTS] == [Held.YES] * len(RIGHTS)
    assert known.settled
    assert len(sent(place)) == PROBES
    assert all(
        "ghl_triage_probe" in f"{one['path']}{one['form']}" for one in place.requests() if one["method"] == "POST"
    )
    assert {one["status"] for one in place.requests() if one["method"] == "POST"} == {400, 404}
    assert place.ledger() == before
    assert await sync(own) == known
    assert len(sent(place)) == PROBES, "the next start knows it"


async def test_little_is_read_that_the_load_does_not_read_anyway(place: SandboxServer, tmp_path: Path) -> None:
    await sync(settings(place, tmp_path, "rk_test_sandbox"))
    asked = [one["path"] for one in place.requests() if one["query"] == "limit=1" or "ghl_triage_probe" in one["path"]]
    assert [path for path in asked if "ghl_triage_probe" not in path] == ["/v1/payment_intents"]


async def test_a_missing_right_is_known_by_name_and_asked_for_again(place: SandboxServer, tmp_path: Path) -> None:
    own = settings(place, tmp_path, "rk_test_sandbox_without_invoice_write_without_charge_read")
    known = await sync(own, runs=2)
    assert {right.slug for right in RIGHTS if known.has(right) is not Held.YES} == {"invoice_write", "charge_read"}
    assert known.never(ActionKind.RETRY) == "the key lacks Invoices: Write (rak_invoice_write)"
    assert len(sent(place)) == PROBES, "a tick does not ask again by itself"
    await sync(own, ask_again=True)
    assert len(sent(place)) == 3 * PROBES, "a start does, and the user's wish for news"


async def test_a_key_that_may_only_read_is_known_as_one(place: SandboxServer, tmp_path: Path) -> None:
    known = await sync(settings(place, tmp_path, "rk_test_sandbox_readonly"))
    assert known.read_only


@pytest.mark.parametrize(("key", "read_only"), [("rk_test_sandbox", True), ("sk_test_sandbox", False)])
async def test_nothing_but_get_leaves_a_read_only_run_or_for_a_secret_key(
    place: SandboxServer, tmp_path: Path, key: str, read_only: bool
) -> None:
    own = replace(settings(place, tmp_path, key), read_only=read_only)
    known = await sync(own, runs=2, ask_again=True)
    found = await examine(own, QuickClock())
    assert sent(place) == []
    assert known.whole is not read_only
    assert {known.has(right) for right in WRITES} == {Held.UNKNOWN if read_only else Held.YES}
    assert not any(check.fails for check in found.checks)


async def test_an_answer_that_is_not_definite_says_not_known(place: SandboxServer, tmp_path: Path) -> None:
    own = settings(place, tmp_path, "rk_test_sandbox")
    for name, kind in (("customers/", "500"), ("invoices/", "502-html"), ("subscriptions/", "429")):
        place.faults({"match": f"POST /v1/{name}", "kind": kind, "times": 1})
    place.faults({"match": "POST /v1/checkout/", "kind": "truncated", "times": 1})
    known = await sync(own)
    place.clear_faults()
    unclear = {right for right in WRITES if known.has(right) is Held.UNKNOWN}
    assert unclear == {CUSTOMERS, INVOICES, SUBSCRIPTIONS, CHECKOUT}
    assert known.never(ActionKind.RETRY) is None


async def test_where_stripe_looked_for_the_object_first_every_right_would_seem_there(tmp_path: Path) -> None:
    town = Town()
    town.engine.beliefs = replace(town.engine.beliefs, rights_before_existence=False)
    with town.now().served() as server:
        known = await sync(settings(server, tmp_path, "rk_test_sandbox_readonly"))
    assert {known.has(right) for right in WRITES} == {Held.YES}


async def test_two_keys_of_one_account_are_known_apart(place: SandboxServer, tmp_path: Path) -> None:
    narrow, wide = (settings(place, tmp_path, key) for key in ("rk_test_sandbox_readonly", "rk_test_sandbox"))
    await sync(narrow)
    await sync(wide)
    assert known_database(narrow) == known_database(wide)
    assert kept(narrow).read_only
    assert kept(wide).settled


async def test_where_stripe_is_silent_it_is_asked_once_and_that_is_said(
    place: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ghl_triage.sources.stripe_probe.TIMEOUT", 0.3)
    own = settings(place, tmp_path, "rk_test_sandbox")
    place.faults({"match": "POST /v1/customers/", "kind": "timeout-before", "times": PROBES})
    workspace = Workspace(own, clock=QuickClock())
    progress = await workspace.sync(full=False, on_progress=lambda _: None, lock_wait=5.0)
    await workspace.close()
    left = place.standing_faults()[0]["times"]
    place.clear_faults()
    assert (left, len(sent(place))) == (PROBES - 1, 1), "invoices, then customers, and no more"
    assert progress.missing[-1].startswith("Not all rights of the key are known: Stripe did not answer.")
    assert {right for right in WRITES if kept(own).has(right) is Held.YES} == {INVOICES}
    assert (await sync(own)).settled, "the next start asks again"
