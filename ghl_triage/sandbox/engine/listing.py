"""The list endpoints: newest first, by index, without reading more than is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import merge
from itertools import dropwhile, takewhile
from typing import Any, TypeAlias

from ghl_triage.sandbox.engine.api import KINDS, Obj, Params, StripeError
from ghl_triage.sandbox.engine.deliveries import pending
from ghl_triage.sandbox.engine.order import SortedKeys
from ghl_triage.sandbox.engine.params import flag, group, integer, text
from ghl_triage.sandbox.engine.renewals import current_end
from ghl_triage.sandbox.engine.state import State, missing
from ghl_triage.sandbox.engine.tables import TIME_SHIFT, Table

_END = 1 << 128
_STATUSES = ("trialing", "active", "past_due", "unpaid", "incomplete", "incomplete_expired", "paused", "canceled")
Test: TypeAlias = Callable[[Obj], bool]


def listing(
    state: State, kind: str, filters: Params, starting_after: str | None, ending_before: str | None
) -> Iterator[Obj]:
    """See Core.list."""
    if kind not in KINDS:
        raise ValueError(kind)
    table = state.table(kind)
    wanted = _wanted(kind, filters)
    floor, below = _window(state, kind, group(filters, "created"))
    if not group(filters, "created") and text(filters, "created"):
        exact = integer(filters, "created") or 0
        floor, below = exact << TIME_SHIFT, (exact + 1) << TIME_SHIFT
    tests = _tests(state, kind, filters)
    if ending_before is not None:
        above = max(floor - 1, _cursor(state, kind, ending_before, "ending_before"))
        _widen_all(state, kind, filters, above >> TIME_SHIFT)
        return _ascending(table, wanted, above, below, tests)
    if starting_after is not None:
        below = min(below, _cursor(state, kind, starting_after, "starting_after"))
    return _descending(state, kind, filters, wanted, floor, below, tests)


def merged(kind: str, lists: Iterable[Iterator[Obj]], after: str | None, before: str | None) -> Iterator[Obj]:
    """Several lists as one, newest first."""
    found: Iterator[Obj] = merge(*lists, key=lambda obj: obj["created"], reverse=True)
    if after is not None:
        found = dropwhile(lambda obj: obj["id"] != after, found)
        if next(found, None) is None:
            raise missing(kind, after, "starting_after")
    if before is not None:
        newer = list(takewhile(lambda obj: obj["id"] != before, found))
        return reversed(newer)
    return found


def _cursor(state: State, kind: str, object_id: str, param: str) -> int:
    if state.find(kind, object_id) is None:
        raise missing(kind, object_id, param)
    return state.table(kind).keys[object_id]


def _window(state: State, kind: str, created: Params) -> tuple[int, int]:
    """The sort keys that a range of creation times covers: from, and up to but without."""
    lowest, highest = 0, _END >> TIME_SHIFT
    for name, value in ((name, integer(created, name)) for name in created):
        if value is None:
            continue
        if name in {"gte", "gt"}:
            lowest = max(lowest, value + (name == "gt"))
        elif name in {"lte", "lt"}:
            highest = min(highest, value + (name == "lte"))
        else:
            raise StripeError(f"Received unknown parameter: created[{name}]", code="parameter_unknown", param="created")
    if kind == "event":
        lowest = max(lowest, state.now - state.beliefs.event_lifetime)
    return lowest << TIME_SHIFT, highest << TIME_SHIFT


def _wanted(kind: str, filters: Params) -> Mapping[str, tuple[Any, ...]]:
    """By attribute: the values that pass. Filters that are no attributes are left to `_tests`."""
    wanted: dict[str, tuple[Any, ...]] = {}
    for name in ("customer", "status", "subscription", "invoice", "payment_intent", "payment_method", "charge"):
        value = text(filters, name)
        if value is not None:
            wanted[name] = (value,)
    for name in ("email", "folded_email", "type", "setup_intent", "payment_link", "collection_method", "product"):
        value = text(filters, name)
        if value is not None:
            wanted[name] = (value,)
    if kind == "event" and filters.get("types"):
        types = filters["types"]
        wanted["type"] = tuple(types.values() if isinstance(types, Mapping) else types)
    if kind == "checkout.session" and group(filters, "customer_details"):
        wanted["email"] = (text(group(filters, "customer_details"), "email"),)
    if kind == "invoice_payment" and group(filters, "payment"):
        wanted["payment_intent"] = (text(group(filters, "payment"), "payment_intent"),)
    if kind == "subscription":
        _subscription_statuses(wanted)
    return wanted


def _subscription_statuses(wanted: dict[str, tuple[Any, ...]]) -> None:
    status = wanted.pop("status", ("",))[0]
    if status == "ended":
        wanted["status"] = ("canceled", "incomplete_expired")
    elif status == "":
        wanted["status"] = tuple(name for name in _STATUSES if name != "canceled")
    elif status != "all":
        if status not in _STATUSES:
            raise StripeError(f"Invalid status: {status}", param="status")
        wanted["status"] = (status,)


def _tests(state: State, kind: str, filters: Params) -> tuple[Test, ...]:
    tests: list[Test] = []
    if kind == "subscription":
        price = text(filters, "price")
        if price is not None:
            tests.append(lambda obj: any(item["price"]["id"] == price for item in obj["items"]["data"]))
        if group(filters, "current_period_end"):
            tests.append(_range(group(filters, "current_period_end"), current_end))
    if kind == "invoice" and group(filters, "due_date"):
        tests.append(_range(group(filters, "due_date"), lambda obj: obj["due_date"] or 0))
    if kind == "event" and text(filters, "delivery_success") is not None:
        delivered = flag(filters, "delivery_success")
        tests.append(lambda obj: (pending(obj, state.now) == 0) is delivered)
    if kind in {"price", "product"} and text(filters, "active") is not None:
        active = flag(filters, "active")
        tests.append(lambda obj: obj["active"] is active)
    return tuple(tests)


def _range(bounds: Params, read: Callable[[Obj], int]) -> Test:
    limits = {name: value for name in bounds if (value := integer(bounds, name)) is not None}

    def passes(obj: Obj) -> bool:
        value = read(obj)
        return (
            value >= limits.get("gte", value)
            and value <= limits.get("lte", value)
            and value > limits.get("gt", value - 1)
            and value < limits.get("lt", value + 1)
        )

    return passes


def _indexes(table: Table, wanted: Mapping[str, tuple[Any, ...]]) -> tuple[list[SortedKeys], Mapping[str, Any]]:
    """The narrowest way in, and the attributes that it does not settle."""
    usable = {name: values for name, values in wanted.items() if name in table.attributes}
    best: str | None = None
    indexes = [table.everything]
    for name, values in usable.items():
        candidate = [table.having(name, value) for value in values]
        if sum(index.size for index in candidate) < sum(index.size for index in indexes):
            best, indexes = name, candidate
    return indexes, {name: values for name, values in usable.items() if name != best}


def _descending(
    state: State,
    kind: str,
    filters: Params,
    wanted: Mapping[str, tuple[Any, ...]],
    floor: int,
    below: int,
    tests: tuple[Test, ...],
) -> Iterator[Obj]:
    table = state.table(kind)
    while below > floor:
        live = floor
        if state.source is not None:
            at = None if below >= _END else -(-below >> TIME_SHIFT)  # rounded up: the cursor's own second is wanted
            reached = state.source.widen(kind, filters, at)
            live = floor if reached is None else max(floor, reached << TIME_SHIFT)
        indexes, rest = _indexes(table, wanted)
        runs = [index.descending(below, live) for index in indexes]
        for key in runs[0] if len(runs) == 1 else merge(*runs, reverse=True):
            obj = table.objects.get(key)
            if obj is not None and _passes(table, obj, rest, tests):
                yield obj
        if state.source is None or live <= floor:
            return
        below = live


def _ascending(
    table: Table, wanted: Mapping[str, tuple[Any, ...]], above: int, below: int, tests: tuple[Test, ...]
) -> Iterator[Obj]:
    indexes, rest = _indexes(table, wanted)
    runs = [index.ascending(above, below) for index in indexes]
    for key in runs[0] if len(runs) == 1 else merge(*runs):
        obj = table.objects.get(key)
        if obj is not None and _passes(table, obj, rest, tests):
            yield obj


def _passes(table: Table, obj: Obj, rest: Mapping[str, tuple[Any, ...]], tests: tuple[Test, ...]) -> bool:
    return all(table.attributes[name](obj) in values for name, values in rest.items()) and all(
        test(obj) for test in tests
    )


def _widen_all(state: State, kind: str, filters: Params, down_to: int) -> None:
    """Makes live whatever is newer than a moment."""
    below: int | None = None
    while state.source is not None:
        below = state.source.widen(kind, filters, below)
        if below is None or below <= down_to:
            return
