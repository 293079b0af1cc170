"""Test clocks: customers whose time stands still until it is moved, each with an engine of its own.

docs.stripe.com "Billing: test clocks" and the types of the SDK: three customers a clock; an advance goes forward, at
most two intervals of the shortest subscription, and happens behind the answer: until the clock is `ready` again, what
belongs to it can be read and not changed. Lists without `customer` or `test_clock` leave its objects out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ghl_triage.sandbox.engine.api import SHARED_KINDS, Obj, Params, StripeError, kind_of
from ghl_triage.sandbox.engine.params import integer, text
from ghl_triage.sandbox.engine.renewals import period_end
from ghl_triage.sandbox.engine.state import State

KIND = "test_helpers.test_clock"
MOST_CUSTOMERS = 3
_KEPT_SECONDS = 30 * 86_400
_TWO_YEARS = 2 * 365 * 86_400
#: The wall says when an event is forgotten, and a test clock runs ahead of it.
_EVENTS_KEPT = 20 * 365 * 86_400
_ENDED = frozenset({"canceled", "incomplete_expired"})


class Timed(Protocol):
    """What a clock needs of the engine that belongs to it."""

    state: State

    @property
    def clock(self) -> Any: ...
    def child(self, seed: str, now: int) -> Timed: ...


@dataclass(slots=True)
class Clocks:
    """The clocks of an account, each with the engine that holds its customers and all that is theirs."""

    engines: dict[str, Timed] = field(default_factory=dict)

    def home(self, *named: Any) -> Timed | None:
        """The engine of the clock that one of these ids, or a value of these parameters, belongs to."""
        if not self.engines:
            return None
        for object_id in _ids(named):
            kind = kind_of(object_id)
            if kind is None or kind in SHARED_KINDS or kind == KIND:
                continue
            for engine in self.engines.values():
                if engine.state.table(kind).find(object_id) or object_id in engine.state.private.deleted:
                    return engine
        clocks = (value.get("test_clock") for value in named if isinstance(value, Mapping))
        return next((self.engines[clock] for clock in clocks if clock in self.engines), None)


def _ids(named: Iterable[Any]) -> Iterator[str]:
    for value in named:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from (below for below in value.values() if isinstance(below, str))


def create(engine: Timed, clocks: Clocks, params: Params) -> Obj:
    """A clock that stands at `frozen_time`."""
    frozen = integer(params, "frozen_time")
    if frozen is None:
        raise StripeError("Missing required param: frozen_time.", code="parameter_missing", param="frozen_time")
    state = engine.state
    made = state.add(
        {
            "id": state.make_id(KIND),
            "object": KIND,
            "created": state.now,
            "deletes_after": state.now + _KEPT_SECONDS,
            "frozen_time": frozen,
            "livemode": False,
            "name": text(params, "name"),
            "status": "ready",
            "status_details": {},
        }
    )
    home = engine.child(made["id"], frozen)
    home.state.beliefs = replace(home.state.beliefs, event_lifetime=_EVENTS_KEPT)
    home.state.test_clock = made["id"]
    clocks.engines[made["id"]] = home
    return made


def advance(engine: Timed, clocks: Clocks, clock_id: str, params: Params) -> Obj:
    """Asks for a later time; `read` tells when it has come."""
    clock = engine.state.get(KIND, clock_id)
    refuse_while_advancing(engine.state, clock_id)
    target = integer(params, "frozen_time") or 0
    if target <= clock["frozen_time"]:
        raise StripeError("The frozen time must be after the current frozen time.", param="frozen_time")
    if target > _furthest(clocks.engines[clock_id].state, clock["frozen_time"]):
        raise StripeError(
            "You can only advance a test clock by two intervals of its shortest subscription.", param="frozen_time"
        )
    details = {"advancing": {"target_frozen_time": target}}
    return engine.state.change(clock, status="advancing", status_details=details)


def _furthest(state: State, now: int) -> int:
    found = state.table("subscription").objects.values()
    recurring = [
        item["price"]["recurring"]
        for subscription in found
        if subscription["status"] not in _ENDED
        for item in subscription["items"]["data"]
    ]
    if not recurring:
        return now + _TWO_YEARS
    return min(period_end(period_end(now, every, now), every, now) for every in recurring)


def read(engine: Timed, clocks: Clocks, clock_id: str) -> Obj:
    """The clock as a request sees it: the first look after an advance finds it under way, the next one ready."""
    clock = engine.state.get(KIND, clock_id)
    if clock["status"] == "advancing":
        target = clock["status_details"]["advancing"]["target_frozen_time"]
        clocks.engines[clock_id].clock.advance_to(target)
        engine.state.change(clock, frozen_time=target, status="ready", status_details={})
    return clock


def delete(engine: Timed, clocks: Clocks, clock_id: str) -> Obj:
    """Takes the clock away, and with it its customers and all that is theirs."""
    engine.state.get(KIND, clock_id)
    engine.state.table(KIND).remove(clock_id)
    del clocks.engines[clock_id]
    return {"id": clock_id, "object": KIND, "deleted": True}


def refuse_while_advancing(state: State, clock_id: str | None) -> None:
    """StripeError where this clock is on its way."""
    clock = state.find(KIND, clock_id)
    if clock is not None and clock["status"] == "advancing":
        message = f"Test clock advancement underway - cannot perform modifications: {clock_id}"
        raise StripeError(message, status=429)


def admit(state: State) -> None:
    """StripeError where a clock has all the customers that it takes."""
    if len(state.table("customer").objects) >= MOST_CUSTOMERS:
        raise StripeError(f"A test clock takes at most {MOST_CUSTOMERS} customers.", param="test_clock")
