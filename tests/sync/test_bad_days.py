"""After any fault and any kill, a finished sync leaves the rows of one that nothing disturbed."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from ghl_triage.errors import StoreError
from ghl_triage.model import Stage
from ghl_triage.sandbox.http.events import TWIN
from ghl_triage.sandbox.server import SandboxOptions, create_app
from ghl_triage.sync.load import RECONCILED
from ghl_triage.sync.plan import DAY
from tests.sandbox_server import NOW, SandboxServer
from tests.sync.bad_days import AT_ONCE, KINDS, Day, Weather, finish, kill_at_the_end_of, rows, unlike
from tests.sync.conftest import Desk, desk_at

pytestmark = pytest.mark.anyio

NEVER = str(NOW + 3_650 * DAY)
RUNS = ("load", "tick", "reconcile")
"""What a sync finds: an empty store; one that is a day old; one of whose changes not all made an event."""
SIZE = 40


@dataclass
class Scene:
    """A world that changed after one workspace was loaded, and what an undisturbed sync of each kind makes of it."""

    server: SandboxServer
    loaded: Desk
    days: list[Day]
    expected: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)

    def desk(self, run: str, home: Path) -> Desk:
        """A workspace before such a sync."""
        desk = desk_at(self.server, home)
        if run != "load":
            shutil.copytree(self.loaded.settings.data_dir, home)
            if run == "tick":
                desk.forget(RECONCILED, NEVER)
        return desk

    def on(self, day: Day) -> Day:
        """From now on it is this day."""
        self.days[:] = [day]
        return day


@pytest.fixture(scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """The world, and the references."""
    home = tmp_path_factory.mktemp("undisturbed")
    options, days = SandboxOptions(customers=SIZE, now=NOW, rate_limit=False), [Day()]
    app = create_app(options)
    app.add_middleware(Weather, days=days)
    with SandboxServer(options, app) as server:
        scene = Scene(server, desk_at(server, home / "loaded"), days)
        await finish(scene.loaded)
        much_happens(server, scene.loaded)
        for run in RUNS:
            desk, day = scene.desk(run, home / run), scene.on(Day())
            await finish(desk)
            scene.expected[run], scene.requests[run] = rows(desk.path), day.count
        yield scene
        scene.on(Day())


def much_happens(server: SandboxServer, desk: Desk) -> None:
    """Of each kind of news one, and a day in which the world goes on."""
    server.play("endpoint", down=True)
    owing = [case for case in desk.cases().values() if case.status == "past_due" and case.reviving_invoice]
    server.play("pay_hosted_invoice", invoice=owing[0].reviving_invoice)
    server.play("attach_card", customer=owing[1].customer)
    server.play("cancel_subscription", subscription=owing[2].subscription)
    server.play("update_customer", customer=owing[3].customer, email=owing[4].email)
    charge = paid_charge(desk)
    server.play("warn_of_fraud", charge=charge)
    server.play("open_dispute", charge=charge)
    server.advance(20 * 3_600)


def paid_charge(desk: Desk) -> str:
    """A charge of a customer who fails nowhere."""
    well = {case.customer for case in desk.cases().values() if case.stage is not Stage.FAILING}
    with desk.reader() as reader:
        charges = [charge for customer in sorted(well) for charge in reader.records(customer).charges]
    return next(str(charge["id"]) for charge in charges if charge["status"] == "succeeded")


@pytest.fixture
def dice() -> random.Random:
    """Dice of this run; a failure tells their seed."""
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")
    return random.Random(seed)  # noqa: S311


# faults


async def befallen(scene: Scene, run: str, day: Day, home: Path) -> None:
    """One sync on such a day."""
    desk = scene.desk(run, home)
    scene.on(day)
    await finish(desk)
    found = unlike(rows(desk.path), scene.expected[run])
    assert found == [], f"after a {run} on {day}"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits half a minute for a sandbox that is silent on order."""
    monkeypatch.setattr("ghl_triage.sources.transport.READ_TIMEOUT", 0.3)
    monkeypatch.setattr("ghl_triage.sources.stripe_probe.TIMEOUT", 0.3)


@pytest.mark.parametrize("run", ["load", "reconcile"])
async def test_faults_everywhere_change_nothing(scene: Scene, tmp_path: Path, run: str, dice: random.Random) -> None:
    seed = dice.getrandbits(32)
    await befallen(scene, run, Day(seed, seed % len(AT_ONCE), AT_ONCE), tmp_path / "desk")


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
async def test_no_kind_of_fault_changes_anything_wherever_it_strikes(
    scene: Scene, tmp_path: Path, dice: random.Random
) -> None:
    struck = set[tuple[str, str]]()
    for shift in range(len(KINDS)):
        for run in RUNS:
            day = Day(dice.getrandbits(32), shift)
            await befallen(scene, run, day, tmp_path / f"{run} {shift}")
            struck |= day.struck
    # After the first silence no right is asked for any more: not each of these questions meets each kind.
    of_rights = ("POST /stripe/", "GET /stripe/v1/payment_intents")
    requests = {request for request, _ in struck if not request.startswith(of_rights)}
    assert len(requests) > 25
    missing = {(request, kind) for request in requests for kind in KINDS} - struck
    assert missing == set()


@pytest.mark.parametrize(
    ("run", "down"),
    [
        ("load", "/events delivery_success"),
        pytest.param("load", "/workflows", marks=pytest.mark.slow),
        pytest.param("reconcile", "/events delivery_success", marks=pytest.mark.slow),
        ("reconcile", "/workflows"),
        ("reconcile", "/early_fraud_warnings"),
    ],
)
async def test_what_failed_beside_the_lists_is_read_by_the_next_sync(
    scene: Scene, tmp_path: Path, run: str, down: str
) -> None:
    desk = scene.desk(run, tmp_path / "desk")
    scene.on(Day(down=down))
    assert len((await desk.sync()).failed_parts) == 1
    scene.on(Day())
    assert (await desk.sync()).failed_parts == ()
    assert unlike(rows(desk.path), scene.expected[run]) == []


# kills


async def killed(scene: Scene, run: str, dice: random.Random, home: Path) -> None:
    """Syncs of which each is killed at some request, the first at any, each later one sooner after it began."""
    desk, moments = scene.desk(run, home), list[tuple[int, bool]]()
    most = scene.requests[run]
    for _ in range(dice.choice((1, 1, 2))):
        day = scene.on(Day(ends_at=dice.randint(1, most), holds=dice.random() < 0.5))
        moments.append((day.ends_at or 0, day.holds))
        if not await asyncio.to_thread(kill_at_the_end_of, day, desk):
            break
    scene.on(Day())
    await finish(desk)
    assert unlike(rows(desk.path), scene.expected[run]) == [], f"after a {run} killed at {moments}"


@pytest.mark.parametrize("run", ["load"])
async def test_a_kill_changes_nothing(scene: Scene, tmp_path: Path, run: str, dice: random.Random) -> None:
    await killed(scene, run, dice, tmp_path / "desk")


@pytest.mark.slow
async def test_no_kill_changes_anything_whenever_it_comes(scene: Scene, tmp_path: Path, dice: random.Random) -> None:
    for number in range(15):
        await killed(scene, RUNS[number % len(RUNS)], dice, tmp_path / str(number))


# full disks


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def cramped(scene: Scene, run: str, step: int, home: Path) -> None:
    """One sync, tried again and again with a little more room."""
    desk, size, full = scene.desk(run, home), 0, 0
    while True:
        try:
            with room(size):
                await finish(desk)
            break
        except StoreError:
            full, size = full + 1, size + step
    assert full > 2
    assert unlike(rows(desk.path), scene.expected[run]) == [], f"after a {run} with {step} bytes more each time"


@pytest.mark.parametrize("run", ["tick"])
async def test_a_full_disk_changes_nothing_once_there_is_room(
    scene: Scene, tmp_path: Path, run: str, dice: random.Random
) -> None:
    await cramped(scene, run, dice.randint(400_000, 600_000), tmp_path / "desk")


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS)
async def test_wherever_the_disk_is_full_nothing_is_lost(
    scene: Scene, tmp_path: Path, run: str, dice: random.Random
) -> None:
    await cramped(scene, run, dice.randint(50_000, 100_000), tmp_path / "desk")


# events out of order


async def lived_through(home: Path, seed: int, hours: list[int], *, chaos: bool) -> dict[str, Any]:
    """What ticks alone know of days in which much happens, once all events have been told."""
    with SandboxServer(SandboxOptions(seed=seed, customers=SIZE, now=NOW, rate_limit=False, chaos=chaos)) as server:
        desk = desk_at(server, home)
        await finish(desk)
        desk.forget(RECONCILED, NEVER)
        much_happens(server, desk)
        for each in hours:
            server.advance(each * 3_600)
            await finish(desk)
        server.advance(700)
        await finish(desk)
        return rows(desk.path)


def facts(found: dict[str, Any]) -> dict[str, Any]:
    """The rows, with an event as no more than a name: its shape is that of its version, and some come as twins.

    A twin is an event of its own, delivered or not: which ones a verdict names is left out for the same reason.
    """
    return {name: _fact(name, row) for name, row in found.items() if not name.endswith(TWIN)}


def _fact(name: str, row: Any) -> Any:
    if name.startswith("object evt_"):
        return True
    if name.startswith("case "):
        told = orjson.loads(row[-1])
        told["finding_evidence"].pop("webhook_undelivered", None)
        return (*row[:-1], told)
    return row


@pytest.mark.slow
@pytest.mark.parametrize("hours", [[1, 7], [1, 2, 5, 30, 3]])
async def test_late_double_and_disordered_events_end_where_orderly_ones_do(
    tmp_path: Path, hours: list[int], dice: random.Random
) -> None:
    seed = dice.getrandbits(16)
    quiet = await lived_through(tmp_path / "quiet", seed, hours, chaos=False)
    chaotic = await lived_through(tmp_path / "chaotic", seed, hours, chaos=True)
    assert unlike(facts(chaotic), facts(quiet)) == []
