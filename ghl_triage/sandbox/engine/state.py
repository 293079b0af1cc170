"""The engine's memory: objects, events, the bank's side of the cards, work to come, and who is asking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any
from zlib import crc32

from ghl_triage.sandbox.engine.api import (
    API_VERSION,
    SHARED_KINDS,
    CardSpec,
    CellSource,
    Job,
    LedgerEntry,
    Obj,
    Request,
    StripeError,
)
from ghl_triage.sandbox.engine.beliefs import Beliefs, RetryPolicy
from ghl_triage.sandbox.engine.ids import Ids
from ghl_triage.sandbox.engine.tables import TIME_SHIFT, Table

STRIPE_ITSELF = Request()
_COUNTER_BITS = 24
#: How Stripe's refusals name the kinds that are not named as written.
_NOUNS = {"checkout.session": "checkout.session", "payment_method": "PaymentMethod", "setup_intent": "setupintent"}
#: Objects that a live engine makes sort after those of cells made in the same second.
_LIVE_BASE = (1 << (TIME_SHIFT - _COUNTER_BITS)) - 1


@dataclass(frozen=True, slots=True)
class Dunning:
    """Where collecting an invoice stands: its first failure, the retries since, and the rules it began with."""

    first_failed: int
    step: int
    failed_with: str | None
    hard: bool
    policy: RetryPolicy


@dataclass(slots=True)
class Private:
    """What Stripe and the banks know and no API object shows, by id. Plain data, so that cells can carry it."""

    plastics: dict[str, str] = field(default_factory=dict)  # token, PaymentMethod or legacy card -> fingerprint
    banks: dict[str, CardSpec] = field(default_factory=dict)  # fingerprint -> how the bank treats it
    proofs: dict[str, int] = field(default_factory=dict)  # PaymentMethod -> when it was set up for off-session use
    mandates: dict[str, str] = field(default_factory=dict)  # PaymentMethod -> its newest mandate
    payers: dict[str, str] = field(default_factory=dict)  # PaymentIntent -> the invoice that it pays
    dunning: dict[str, Dunning] = field(default_factory=dict)  # invoice -> its retries
    pages: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # Checkout Session -> what it will make
    detached: dict[str, int] = field(default_factory=dict)  # PaymentMethod -> when it was detached
    saved: dict[str, int] = field(default_factory=dict)  # legacy card -> when it was saved: its object does not say
    deleted: dict[str, Obj] = field(default_factory=dict)  # customer -> its stub


class State:
    """One engine's objects and time. Operations are functions of other modules that take it first."""

    __slots__ = (
        "_base",
        "_counter",
        "_tables",
        "beliefs",
        "endpoint_down",
        "ids",
        "job_sequence",
        "jobs",
        "ledger",
        "locks",
        "now",
        "planned",
        "private",
        "request",
        "shared",
        "source",
        "test_clock",
    )

    def __init__(
        self, seed: str, now: int, beliefs: Beliefs, shared: dict[str, Table] | None = None, ids: Ids | None = None
    ) -> None:
        self.now = now
        self.beliefs = beliefs
        self.ids = ids or Ids(seed)
        self.shared = {kind: Table(kind) for kind in SHARED_KINDS} if shared is None else shared
        self._tables: dict[str, Table] = dict(self.shared)
        self._base = _LIVE_BASE if shared is None else crc32(seed.encode())
        self._counter = 0
        self.private = Private()
        self.jobs: list[tuple[int, int, Job]] = []
        self.job_sequence = 0
        self.planned: set[tuple[Any, ...]] = set()
        self.ledger: dict[str, LedgerEntry] = {}
        self.locks: dict[str, int] = defaultdict(int)
        self.request: Request | None = None
        self.endpoint_down = False
        self.source: CellSource | None = None
        self.test_clock: str | None = None

    def table(self, kind: str) -> Table:
        """The objects of a kind."""
        table = self._tables.get(kind)
        if table is None:
            table = self._tables[kind] = Table(kind)
        return table

    def tables(self) -> Mapping[str, Table]:
        """All kinds that have had an object."""
        return self._tables

    def find(self, kind: str, object_id: str | None) -> Obj | None:
        """The object, if this engine or its source of cells has it."""
        if not object_id:
            return None
        found = self.table(kind).find(object_id)
        if found is None and self.source is not None:
            self.source.find(kind, object_id)
            found = self.table(kind).find(object_id)
        return found

    def get(self, kind: str, object_id: str, param: str = "id") -> Obj:
        """The object; Stripe's 404 where there is none."""
        found = self.find(kind, object_id)
        if found is None:
            raise missing(_NOUNS.get(kind, kind), object_id, param)
        return found

    def make_id(self, kind: str) -> str:
        """A fresh id of this kind."""
        return self.ids.make(kind, self.now)

    def add(self, obj: Obj, event: str | None = None) -> Obj:
        """Stores a new object, with an event when one is named."""
        self._counter += 1
        if self.test_clock is not None and "test_clock" in obj:
            obj = {**obj, "test_clock": self.test_clock}
        moment = obj.get("created", self.now)
        self.table(obj["object"]).insert(
            (moment << TIME_SHIFT) | (self._base << _COUNTER_BITS) | self._counter,
            obj,
        )
        if event:
            self.emit(event, obj)
        return obj

    def change(self, obj: Obj, event: str | None = None, **changes: Any) -> Obj:
        """Stores a new version of an object and returns it; an event tells what was before. No change, no event."""
        table = self.table(obj["object"])
        old = table.objects[table.keys[obj["id"]]]
        differing = {name: value for name, value in changes.items() if old.get(name) != value}
        if not differing:
            return old
        new = {**old, **differing}
        table.replace(new)
        if event and event.endswith("updated"):
            self.emit(event, new, {name: before(old.get(name), value) for name, value in differing.items()})
        elif event:
            self.emit(event, new)
        return new

    def emit(self, kind: str, obj: Obj, previous: Obj | None = None) -> None:
        """Writes an event with the object as it stands now."""
        request = self.request or STRIPE_ITSELF
        data: dict[str, Any] = {"object": obj}
        if previous:
            data["previous_attributes"] = previous
        self.add(
            {
                "id": self.make_id("event"),
                "object": "event",
                "api_version": API_VERSION,
                "created": self.now,
                "data": data,
                "livemode": False,
                "pending_webhooks": int(self.endpoint_down),
                "request": {"id": request.id, "idempotency_key": request.idempotency_key},
                "type": kind,
            }
        )

    @property
    def application(self) -> str | None:
        """The Connect platform that new objects carry."""
        if self.request is None or not self.beliefs.application_shown:
            return None
        return self.request.application

    def schedule(self, at: int, name: str, object_id: str, *args: Any) -> None:
        """Plans work of Stripe's own. Its handler must look whether it still applies."""
        self.job_sequence += 1
        self.push(Job(at, self.job_sequence, name, object_id, args))

    def lock(self, object_id: str, seconds: int) -> None:
        """Marks an object as held by another process for so long."""
        self.locks[object_id] = max(self.locks[object_id], self.now + seconds)

    def push(self, job: Job) -> None:
        """Puts planned work into its place, once."""
        what = (job.at, job.name, job.object_id, job.args)
        if what not in self.planned:
            self.planned.add(what)
            heappush(self.jobs, (job.at, job.sequence, job))

    def pop(self) -> Job:
        """Takes the earliest planned work out."""
        job = heappop(self.jobs)[2]
        self.planned.discard((job.at, job.name, job.object_id, job.args))
        return job


def before(old: Any, new: Any) -> Any:
    """What `previous_attributes` of an `...updated` event shows for one field: of groups only what differs."""
    if isinstance(old, dict) and isinstance(new, dict) and "data" not in old:
        return {name: value for name, value in old.items() if new.get(name) != value} or old
    return old


def missing(noun: str, object_id: str, param: str = "id") -> StripeError:
    """Stripe's refusal of an id that it doesn't know."""
    return StripeError(f"No such {noun}: '{object_id}'", code="resource_missing", param=param, status=404)
