"""The first load against the sandbox: what it costs, what it finds, and that nothing keeps it from the same end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from ghl_triage.errors import NotAuthenticated, StoreForeign, StoreLocked, Unreachable
from ghl_triage.model import Finding, PartState, Stage, SyncProgress
from ghl_triage.model import Path as SoldThrough
from ghl_triage.sandbox.server import SandboxOptions
from ghl_triage.secrets.handing import inheritance
from ghl_triage.store.lock import WriteLock
from ghl_triage.sync.load import LOAD, LoadState
from ghl_triage.sync.plan import DAY
from ghl_triage.sync.progress import progress_from_json
from ghl_triage.sync.run import Workspace, run_once
from tests.sandbox_server import NOW, SandboxServer
from tests.sync.conftest import Desk, QuickClock, contents, desk_at, differences

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def undisturbed(world: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a sync without any fault leaves behind."""
    desk = desk_at(world, tmp_path_factory.mktemp("undisturbed"))
    progress = await desk.sync()
    assert progress.failed_parts == ()
    return contents(desk.path)


# what it costs and finds


@pytest.fixture(scope="module")
def thousand() -> Iterator[SandboxServer]:
    """The world of the budget: 1,000 subscriptions, 250 failing, 300 trialing, 60 days of charges."""
    with SandboxServer(SandboxOptions(customers=1_000, now=NOW, rate_limit=False, world="bench")) as server:
        yield server


@pytest.mark.slow
async def test_a_first_load_keeps_to_its_budget(thousand: SandboxServer, tmp_path: Path) -> None:
    desk = desk_at(thousand, tmp_path)
    progress = await desk.sync()
    assert progress.failed_parts == ()
    counters = thousand.counters()
    cards = counters["stripe"].get("GET /v1/customers/{id}/payment_methods", 0)
    requests = thousand.requests()
    singles = [each for each in requests if "payment_method=" in each["query"] or "subscription=" in each["query"]]
    lookups = cards + len([each for each in singles if "/v1/" in each["path"] and "subscriptions" not in each["path"]])
    lookups += counters["stripe"].get("GET /v1/customers/search", 0)
    assert counters["total_stripe"] - lookups <= 110
    assert lookups <= 1.2 * cards
    assert counters["total_highlevel"] <= 100
    by_customer = Counter(each["path"] for each in requests if each["path"].endswith("/payment_methods"))
    assert max(by_customer.values(), default=0) <= 1

    thousand.reset_counters()
    again = await desk.sync()
    assert again.kind == "tick"
    assert thousand.counters()["total_stripe"] <= 4
    assert thousand.counters()["total_highlevel"] == 0


async def test_every_subscription_becomes_a_case_with_a_verdict(world: SandboxServer, desk: Desk) -> None:
    progress = await desk.sync()
    cases = desk.cases()
    assert cases.keys() == world.labels().keys()
    assert progress.cases == len(cases)
    assert progress.finished
    assert not [case for case in cases.values() if case.pending]
    assert all(case.cause for case in cases.values() if case.stage in (Stage.FAILING, Stage.AT_RISK, Stage.LOST))


async def test_rows_appear_as_they_come(desk: Desk) -> None:
    """Failing cases stand in the store while other lists are still being read."""
    seen: list[tuple[int, int]] = []

    class Looking(list[SyncProgress]):
        def append(self, progress: SyncProgress) -> None:
            running = sum(part.state is PartState.RUNNING for part in progress.parts)
            if progress.objects and desk.path.exists():
                with desk.reader() as reader:
                    seen.append((reader.counts()["queue"], running))

    await desk.follow(Looking())
    early = [queue for queue, running in seen if running > 3]
    assert early
    assert max(early) > 0


# faults


KINDS = ["429", "429-no-reason", "lock", "500", "502-html", "reset", "reset-mid-body", "truncated", "half-json"]


@pytest.mark.parametrize("kind", KINDS)
async def test_after_any_fault_the_store_is_as_without_it(
    world: SandboxServer, desk: Desk, undisturbed: dict[str, Any], kind: str
) -> None:
    world.faults({"match": "GET /v1/", "kind": kind, "times": None, "probability": 0.2})
    progress = await desk.sync()
    for _ in range(5):
        if not progress.failed_parts:
            break
        progress = await desk.sync()
    assert progress.failed_parts == ()
    assert differences(contents(desk.path), undisturbed) == []


@pytest.mark.parametrize("kind", ["timeout-before", "timeout-after"])
async def test_after_time_outs_too(
    world: SandboxServer, desk: Desk, undisturbed: dict[str, Any], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ghl_triage.sources.transport.READ_TIMEOUT", 0.4)
    world.faults({"match": "GET /v1/(charges|subscriptions)", "kind": kind, "times": 3, "after": 1})
    progress = await desk.sync()
    assert progress.failed_parts == ()
    assert differences(contents(desk.path), undisturbed) == []


async def test_a_part_that_stays_broken_is_shown_so_and_comes_back(
    world: SandboxServer, desk: Desk, undisturbed: dict[str, Any]
) -> None:
    world.faults({"match": "GET /v1/charges", "kind": "500", "times": None})
    told: list[SyncProgress] = []
    progress = await desk.follow(told)
    assert [(part.name, part.state) for part in progress.failed_parts] == [("charges", PartState.FAILED)]
    assert progress.failed_parts[0].retry_at is not None
    assert "500" in (progress.failed_parts[0].error or "")
    assert progress.synced_at is None
    assert not any(part.name == "charges" and part.state is PartState.DONE for each in told for part in each.parts)
    with desk.reader() as reader:
        saved = reader.sync_status()
        assert saved is not None
        assert saved.failed_parts == progress.failed_parts
        assert reader.coverage().charges_since is None
    assert desk.cases().keys() == world.labels().keys()

    world.clear_faults()
    world.reset_counters()
    progress = await desk.sync()
    assert progress.failed_parts == ()
    assert progress.synced_at is not None
    assert "GET /v1/customers" not in world.counters()["stripe"]
    assert differences(contents(desk.path), undisturbed) == []


async def test_a_single_run_goes_back_to_what_failed(world: SandboxServer, desk: Desk) -> None:
    clock = QuickClock()
    # Seven tries fail in the first run; the second run, after a pause, comes through.
    world.faults({"match": "GET /v1/charges", "kind": "500", "times": 9})
    progress = await run_once(desk.settings, full=False, on_progress=lambda _: None, clock=clock)
    assert progress.failed_parts == ()
    world.faults({"match": "GET /v1/events", "kind": "500", "times": None})
    progress = await run_once(desk.settings, full=False, on_progress=lambda _: None, clock=clock)
    assert [part.name for part in progress.failed_parts] == ["changes"]


@pytest.mark.parametrize("fault", [None, "reset"])
async def test_long_lists_are_cut_into_windows_and_come_out_whole(
    world: SandboxServer, desk: Desk, undisturbed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, fault: str | None
) -> None:
    monkeypatch.setattr("ghl_triage.sources.stripe.PAGE", 5)
    monkeypatch.setattr("ghl_triage.sync.windows.PAGES_IN_ONE_PIECE", 2)
    if fault:
        world.faults({"match": "GET /v1/", "kind": fault, "times": None, "probability": 0.05})
    progress = await desk.sync()
    assert progress.failed_parts == ()
    assert differences(contents(desk.path), undisturbed) == []


async def test_what_lies_before_the_windows_is_looked_up(
    desk: Desk, undisturbed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LONGER_BY", "SUBSCRIPTION_WINDOW"):
        monkeypatch.setattr(f"ghl_triage.sync.plan.{name}", 0)
    progress = await desk.but(history_days=10).sync()
    assert progress.failed_parts == ()
    waiting = [case for case in desk.cases().values() if case.stage in (Stage.FAILING, Stage.AT_RISK)]
    assert not [case.subscription for case in waiting if case.pending]
    known = undisturbed["cases"]
    # What HighLevel's marks on a charge tell is not looked up one by one.
    by_session = {case.subscription: str(case.path) for case in waiting if case.path is not SoldThrough.HIGHLEVEL}
    assert by_session == {each: known[each]["path"] for each in by_session}
    assert {"proof", "sessions"} <= {kind for kind, _ in contents(desk.path)["lookups"]}


# kills


@pytest.mark.parametrize("changes", [8, 25, 45, 55])
async def test_a_load_that_was_cut_off_goes_on(
    world: SandboxServer, desk: Desk, undisturbed: dict[str, Any], changes: int
) -> None:
    class CuttingOff(list[SyncProgress]):
        def append(self, progress: SyncProgress) -> None:
            super().append(progress)
            if len([each for each in self if each.objects]) == changes:
                task.cancel()

    told = CuttingOff()
    task = asyncio.ensure_future(desk.follow(told))
    with pytest.raises(asyncio.CancelledError):
        await task
    progress = await desk.sync()
    assert progress.failed_parts == ()
    assert differences(contents(desk.path), undisturbed) == []


async def test_a_process_killed_half_way_is_gone_on_with(
    world: SandboxServer, desk: Desk, undisturbed: dict[str, Any]
) -> None:
    await asyncio.to_thread(_run_and_kill, desk, objects=400)
    with desk.reader() as reader:
        load = LoadState.from_json(reader.cursor(LOAD))
    assert load is not None
    assert not load.complete
    world.reset_counters()
    progress = await desk.sync()
    assert progress.failed_parts == ()
    assert world.counters()["total_stripe"] < 60
    assert differences(contents(desk.path), undisturbed) == []


def _run_and_kill(desk: Desk, *, objects: int) -> None:
    """Sync in a process of its own, at a pace at which it cannot be done, and kill it when that much was stored."""
    command = [sys.executable, "-m", "ghl_triage", "--rate", "20", "sync", "--watch", "--json"]
    with inheritance(desk.settings, os.environ) as inherited:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=inherited.environment,
            pass_fds=inherited.descriptors,
            text=True,
        )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if progress_from_json(line).objects >= objects:
                break
        process.send_signal(signal.SIGKILL)


# keys, rights, accounts, locks


async def test_a_wrong_key_ends_the_sync_and_says_so(desk: Desk) -> None:
    with pytest.raises(NotAuthenticated, match="does not accept the key") as caught:
        await desk.but(stripe_key="rk_test_wrong1234567890").sync()
    assert "wrong1234567890" not in str(caught.value)


@pytest.mark.parametrize(
    ("right", "unseen"),
    [
        ("charge_read", {"charges"}),
        ("dispute_read", {"disputes"}),
        ("account_read", set()),
        ("setup_intent_read", {"set-ups"}),
    ],
)
async def test_a_missing_right_costs_its_own_part_and_is_named_once(desk: Desk, right: str, unseen: set[str]) -> None:
    crippled = desk.but(stripe_key=f"rk_test_sandbox_without_{right}")
    for kind in ("full", "tick"):
        progress = await crippled.sync()
        assert (progress.kind, progress.failed_parts) == (kind, ())
        assert {part.name for part in progress.parts if part.state is PartState.SKIPPED} == unseen
        assert progress.synced_at is not None
        if unseen:
            (told,) = (what for what in progress.missing if f"rak_{right}" in what)
            assert told.startswith(tuple(unseen))
    # What HighLevel knows of the queue does not hang on it.
    with crippled.reader() as reader:
        assert Finding.CONTACT_MISSING in {finding for case in crippled.cases().values() for finding in case.findings}
        assert reader.sync_status() == progress


async def test_without_the_right_to_subscriptions_there_is_nothing_and_the_sync_fails(desk: Desk) -> None:
    progress = await desk.but(stripe_key="rk_test_sandbox_without_subscription_read").sync()
    assert {"past due", "trials"} <= {part.name for part in progress.failed_parts}
    assert all(part.retry_at is None for part in progress.failed_parts)
    assert "rak_subscription_read" in (progress.failed_parts[0].error or "")


async def test_another_history_is_read_once_and_a_full_sync_loses_no_contact(world: SandboxServer, desk: Desk) -> None:
    def unfound() -> set[str]:
        return {name for name, case in desk.cases().items() if Finding.CONTACT_MISSING in case.findings}

    await desk.sync()
    known = unfound()
    assert known
    longer = desk.but(history_days=180)
    assert [(await longer.sync()).kind for _ in range(2)] == ["full", "tick"]
    with longer.reader() as reader:
        coverage = reader.coverage()
    since = [coverage.charges_since, coverage.setup_intents_since, coverage.subscriptions_since]
    assert [round((NOW - (each or 0)) / DAY) for each in since] == [180, 180, 240]
    assert unfound() == known
    world.reset_counters()
    await longer.sync(full=True)
    assert world.counters()["highlevel"]["GET /payments/subscriptions"] == 1
    assert unfound() == known


async def test_without_a_network_the_sync_says_so(desk: Desk) -> None:
    with pytest.raises(Unreachable, match="cannot be reached") as caught:
        await desk.but(stripe_base="http://127.0.0.1:9/stripe").sync()
    assert "network" in caught.value.hint
    assert desk.settings.stripe_key not in str(caught.value)


async def test_another_accounts_store_is_refused(desk: Desk, world: SandboxServer) -> None:
    await desk.sync()
    import sqlite3

    with sqlite3.connect(desk.path) as connection:
        account = orjson.dumps({"id": "acct_other", "name": "Other", "livemode": False}).decode()
        connection.execute("UPDATE state SET value = ? WHERE key = 'account'", (account,))
    connection.close()
    with pytest.raises(StoreForeign, match="Other"):
        await desk.sync()


async def test_whoever_else_writes_is_named(desk: Desk) -> None:
    await desk.sync()
    workspace_lock = WriteLock(desk.path, "a plan")
    workspace_lock.acquire()
    workspace = Workspace(desk.settings, clock=QuickClock())
    try:
        with pytest.raises(StoreLocked, match="a plan"):
            await workspace.sync(full=False, on_progress=lambda _: None, lock_wait=0.1)
    finally:
        workspace_lock.release()
        await workspace.close()


# HighLevel


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"highlevel_token": ""}, "no token"),
        ({"highlevel_location": ""}, "no location"),
        ({"highlevel_token": "pit-wrong"}, "does not accept the token"),
        ({"highlevel_base": "http://127.0.0.1:9"}, "cannot be reached"),
    ],
)
async def test_without_highlevel_stripes_part_goes_on(
    world: SandboxServer, desk: Desk, undisturbed: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    crippled = desk.but(**changes)
    progress = await crippled.sync()
    assert [line for line in progress.missing if line.startswith("HighLevel") and said in line]
    assert "pit-" not in str(progress)
    assert all(part.name.startswith("HighLevel") for part in progress.failed_parts)
    assert progress.synced_at is not None
    stripes = {identity for identity, row in undisturbed["objects"].items() if not row[0].startswith("highlevel")}
    assert stripes <= contents(crippled.path)["objects"].keys()

    whole = await desk.sync()
    assert whole.missing == ()
    assert differences(contents(desk.path), undisturbed) == []


async def test_a_first_load_learns_whether_the_listed_subscriptions_carry_an_application(
    world: SandboxServer, desk: Desk
) -> None:
    # HighLevel's few rows are in long before Stripe's: what is asked of both waits for the later one.
    world.faults({"match": "GET /v1/subscriptions", "kind": "500", "times": 4})
    await desk.sync()
    with desk.reader() as reader:
        assert reader.coverage().highlevel_listed_have_application


async def test_no_secret_and_no_link_lies_in_the_file(desk: Desk) -> None:
    await desk.sync()
    raw = desk.path.read_bytes()
    for name in (f"{desk.path}-wal",):
        if Path(name).exists():
            raw += Path(name).read_bytes()
    for secret in (desk.settings.stripe_key, desk.settings.highlevel_token, "_secret_", "invoice.stripe.com/i/"):
        assert secret.encode() not in raw
