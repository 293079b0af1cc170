"""One trial: an action is carried out while a fault strikes and its process dies; then the rest is told and judged.

Judged by the sandbox, which knows what every key did, and by the objects themselves: never by what we believe.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ghl_triage.actions.plan import Choices
from ghl_triage.actions.settle import IN_FLIGHT, KEY_LIFE
from ghl_triage.clock import FixedClock
from ghl_triage.model import ActionKind
from ghl_triage.sandbox.engine.api import CardSpec
from ghl_triage.store.journal import OPEN_STATES, EntryState, Journal, JournalEntry
from tests.actions.doomed import DEATHS, HELD, Doomed, Order, Told, carry_out, session_of
from tests.actions.loading import load
from tests.actions.scenes import EVE, PAGES, Peopled, Resident, Scene, people
from tests.sandbox_server import NOW, SandboxServer

FAULTS = (
    "refused", "reset", "timeout-before", "timeout-after", "reset-mid-body", "truncated", "half-json", "500",
    "500-after", "500-replayed", "502-html", "429", "429-no-reason", "lock", "409-lock", "409-key", "409-key-after",
)  # fmt: skip
"""Kinds of the sandbox's, and a port where nobody listens. A replayed decline is a scene of its own, under each."""
ENDS = ("", *DEATHS, *HELD)
"""How a process may end: by itself, or killed."""
A_BATCH = 3
LASTING = 4
"""So often a fault strikes that outlasts all tries of one request."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """What goes wrong in one trial. `times`: how often the fault strikes."""

    scene: Scene
    fault: str
    times: int
    end: str
    seed: int

    def __str__(self) -> str:
        return (
            f"{self.scene.name} / {self.fault or 'no fault'} x{self.times} / {self.end or 'lives'} / seed {self.seed}"
        )


@dataclass
class Harm:
    """What must never be; each with the trial that did it."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, what: str) -> None:
        """Note it."""
        self.found.append((kind, what))

    @property
    def counts(self) -> Counter[str]:
        """How often, by kind."""
        return Counter(kind for kind, _ in self.found)


HARMS = (
    "paid twice", "tried again", "unsettled", "unaccounted", "untrue", "chain broken", "wrong default",
    "keeper canceled", "not written down", "broke off",
)  # fmt: skip


@dataclass
class Stage:
    """A town on its server, and the store of the workspace that acts on it."""

    peopled: Peopled
    server: SandboxServer
    database: Path
    runs: int = 0

    def order(self, does: str, now: int = NOW, **more: Any) -> Order:
        """An order to a process of this workspace."""
        return Order(self.server.stripe_base, self.database, now, does, **more)

    def here(self, does: str, now: int = NOW, **more: Any) -> list[Told]:
        """The same in this process, to its end."""

        async def work() -> list[Told]:
            return [told async for told in carry_out(self.order(does, now, **more))]

        return asyncio.run(work())

    def entries(self) -> list[JournalEntry]:
        """The journal, newest first."""
        with Journal(self.database) as journal:
            return journal.entries()

    def object(self, kind: str, identity: str) -> Any:
        """An object as Stripe has it."""
        return self.peopled.town.engine.get(kind, identity)


@contextmanager
def staged(folder: Path, wanted: Mapping[str, int]) -> Iterator[Stage]:
    """A town with so many residents for each of these scenes, served and loaded, at NOW."""
    peopled = people(wanted)
    with peopled.town.served() as server:
        stage = Stage(peopled, server, folder / "store.sqlite3")
        if wanted.get("finish"):
            _load(stage, EVE)
            links = stage.here(ActionKind.RESEND_LINK, EVE, cases=peopled.subscriptions("finish"))
            assert {outcome for _, outcome, _ in links} == {"done"}, links
        peopled.arrive()
        _load(stage, NOW)
        yield stage


def _load(stage: Stage, now: int) -> None:
    settings = session_of(stage.order("resume"))._settings
    asyncio.run(load(settings, stage.database, FixedClock(now)))


def attempt(stage: Stage, mishap: Mishap, harm: Harm) -> None:
    """One trial, from the plan to the verdict."""
    dice = random.Random(mishap.seed)  # noqa: S311 - a seed gives the same bad day
    scene = mishap.scene
    count = dice.choice((1, A_BATCH)) if scene.batch else 1
    residents = [stage.peopled.take(scene) for _ in range(count)]
    cases = tuple(resident.subscription for resident in residents)
    _before(stage, residents, scene)
    known = {entry.id for entry in stage.entries()}
    stands = [_defaults(stage, resident) for resident in residents]
    told, finished = _first(stage, mishap, residents)
    later, now = _settled(stage, mishap, dice)
    fresh = [entry for entry in stage.entries() if entry.id not in known]
    verdict = Verdict(stage, mishap, harm, fresh)
    verdict.on_money()
    verdict.on_the_journal(forgotten=now - NOW > KEY_LIFE)
    verdict.on_the_report(cases, told, later, finished=finished)
    for resident, before in zip(residents, stands, strict=True):
        verdict.on_the_objects(resident, before)
    stage.server.clear_faults()
    stage.runs += 1


def _before(stage: Stage, residents: Sequence[Resident], scene: Scene) -> None:
    for kind in scene.before:
        for resident in residents:
            choices = Choices(payment_method=resident.card)
            assert stage.here(kind, cases=[resident.subscription], choices=choices)[0][1] == "done"
    if scene.name == "finish":
        session = session_of(stage.order("finish"))
        for waiting in session.finishes():
            if waiting.subscription in {resident.subscription for resident in residents}:
                card = stage.peopled.town.engine.issue_card(CardSpec(last4="5555"))
                stage.server.play("complete_setup_checkout", session=waiting.session, card=card)


def _first(stage: Stage, mishap: Mishap, residents: Sequence[Resident]) -> tuple[list[Told], bool]:
    """The process to which it happens."""
    scene = mishap.scene
    orders = []
    if mishap.fault and mishap.fault != "refused":
        orders.append({"match": scene.writes, "kind": mishap.fault, "times": mishap.times})
    if mishap.end in HELD:
        orders.append({"match": scene.writes, "kind": mishap.end.replace("held", "timeout"), "times": 1})
    stage.server.faults(*orders)
    card = residents[0].card if scene.kind == ActionKind.FIX_DEFAULT else None
    order = stage.order(
        scene.kind,
        cases=tuple(resident.subscription for resident in residents),
        choices=Choices(payment_method=card),
        dies="" if mishap.end in HELD else mishap.end,
        refused=mishap.times if mishap.fault == "refused" else 0,
    )
    doomed = Doomed(order)
    if mishap.end in HELD:
        _kill_when_held(stage, doomed)
    return doomed.told()


def _kill_when_held(stage: Stage, doomed: Doomed) -> None:
    """Kill it while the sandbox has its request and gives no answer; or let it end where none comes that far."""
    deadline = time.monotonic() + 30
    while not doomed.ended_within(0.002) and time.monotonic() < deadline:
        if stage.server.standing_faults()[-1]["times"] == 0:
            doomed.kill()
            return


def _settled(stage: Stage, mishap: Mishap, dice: random.Random) -> tuple[list[Told], int]:
    """What `resume` makes of it: perhaps a day later, perhaps still under the fault, perhaps killed itself."""
    now = NOW + (KEY_LIFE + 3_600 if dice.random() < 0.08 else 60)
    told: list[Told] = []
    if dice.random() < 0.5:
        stage.server.clear_faults()
    if dice.random() < 0.3:
        told += Doomed(stage.order("resume", now, dies=dice.choice(DEATHS))).told()[0]
    elif dice.random() < 0.3:
        told += stage.here("resume", now)
    stage.server.clear_faults()
    for later in (0, IN_FLIGHT + 60):
        told += stage.here("resume", now + later)
        if not any(entry.state in OPEN_STATES for entry in stage.entries()):
            break
    return told, now


def _defaults(stage: Stage, resident: Resident) -> tuple[str | None, str | None]:
    customer = stage.object("customer", resident.customer)["invoice_settings"]["default_payment_method"]
    subscription = stage.object("subscription", resident.subscription)["default_payment_method"]
    return customer, subscription


@dataclass
class Verdict:
    """Holds what was written down against what Stripe did."""

    stage: Stage
    mishap: Mishap
    harm: Harm
    fresh: Sequence[JournalEntry]

    def on_money(self) -> None:
        """No invoice is paid twice, and none tried twice for one yes; every key that Stripe saw is in the journal."""
        for invoice in self.stage.server.double_paid():
            self._add("paid twice", invoice)
        keys = self.stage.server.keys()
        tried = Counter(entry.path for entry in self.fresh if keys.get(entry.idempotency_key) in (200, 402))
        known = {entry.idempotency_key for entry in self.stage.entries()}
        for key in keys.keys() - known:
            self._add("not written down", key)
        for path, times in tried.items():
            if path.endswith(("/pay", "/resume")) and times > 1:
                self._add("tried again", f"{path} {times} times")

    def on_the_journal(self, *, forgotten: bool) -> None:
        """Every entry is final, says what the key did, and stands in a whole chain."""
        keys = self.stage.server.keys()
        for entry in self.fresh:
            if entry.state in OPEN_STATES:
                self._add("unsettled", _line(entry))
            elif entry.method == "POST" and not _true(entry, keys, forgotten and self.mishap.scene.name in PAGES):
                self._add("untrue", f"{_line(entry)}: Stripe said {keys.get(entry.idempotency_key)}")
        with Journal(self.stage.database) as journal:
            report = journal.verify()
        if not report.whole:
            self._add("chain broken", str(report.fault))

    def on_the_report(
        self, cases: Sequence[str], told: Sequence[Told], later: Sequence[Told], *, finished: bool
    ) -> None:
        """Every selected case is accounted for: in the report, or in the journal of a process that was killed."""
        for _, outcome, why in (*told, *later):
            if outcome == "fault":
                self._add("broke off", str(why))
        reported = {case for case, _, _ in told}
        written = {entry.case for entry in self.fresh}
        for case in cases:
            if case not in reported and (finished or (case not in written and self._executed())):
                self._add("unaccounted", case)

    def on_the_objects(self, resident: Resident, before: tuple[str | None, str | None]) -> None:
        """Defaults are the former or ours, as the journal says; of two subscriptions one stays."""
        levels = {f"/v1/customers/{resident.customer}": 0, f"/v1/subscriptions/{resident.subscription}": 1}
        stands = _defaults(self.stage, resident)
        expected = list(before)
        for entry in sorted(self.fresh, key=lambda entry: entry.id):
            if entry.path in levels and entry.method == "POST" and entry.state is EntryState.DONE:
                settings = entry.params.get("invoice_settings", entry.params)
                expected[levels[entry.path]] = settings["default_payment_method"] or None
        if list(stands) != expected:
            self._add("wrong default", f"{stands} stands, {expected} is written down")
        if self.mishap.scene.name == "cancel_duplicate":
            self._on_the_keeper(resident)

    def _on_the_keeper(self, resident: Resident) -> None:
        canceled = self.stage.object("subscription", resident.subscription)["status"] == "canceled"
        done = any(entry.state is EntryState.DONE for entry in self.fresh)
        if canceled != done:
            self._add("untrue", f"canceled is {canceled}, written down {done}")
        open_ones = self.stage.peopled.town.engine.list("subscription", {"status": "active"})
        name = self.stage.object("customer", resident.customer)["name"]
        if not any(self.stage.object("customer", each["customer"])["name"] == name for each in open_ones):
            self._add("keeper canceled", name)

    def _executed(self) -> bool:
        keys = self.stage.server.keys()
        return any(entry.idempotency_key in keys for entry in self.fresh)

    def _add(self, kind: str, what: str) -> None:
        self.harm.add(kind, f"{self.mishap}: {what}")


def _true(entry: JournalEntry, keys: dict[str, int | None], page_forgotten: bool) -> bool:
    status = keys.get(entry.idempotency_key)
    if entry.state is EntryState.DONE:
        return status == 200
    if entry.state is EntryState.DECLINED:
        return status == 402
    return status not in (200, 402) or page_forgotten


def _line(entry: JournalEntry) -> str:
    return f"{entry.id} {entry.method} {entry.path} {entry.state} {entry.error or ''}"


def needed(chosen: Iterable[Mishap]) -> Mapping[str, int]:
    """How many residents these trials take, by scene."""
    counted: Counter[str] = Counter()
    for mishap in chosen:
        counted[mishap.scene.name] += A_BATCH if mishap.scene.batch else 1
    return counted


def mishaps(scenes: Sequence[Scene], seed: int) -> list[Mishap]:
    """Every fault with every end, for each of these scenes; and every end without a fault."""
    dice = random.Random(seed)  # noqa: S311 - as above
    made = [
        Mishap(scene, fault, dice.choice((1, LASTING)) if fault else 0, end, dice.randrange(2**32))
        for scene in scenes
        for fault in ("", *FAULTS)
        for end in ENDS
        if end != "between" or scene.two_requests or scene.batch
    ]
    return [replace(each, seed=each.seed ^ seed) for each in made]
