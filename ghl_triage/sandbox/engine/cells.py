"""Moving customers between engines: a story is played in a child engine and its outcome adopted by the live one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from ghl_triage.sandbox.engine.api import SHARED_KINDS, Cell, Obj
from ghl_triage.sandbox.engine.state import Private, State
from ghl_triage.sandbox.engine.tables import SORT_MASK, TIME_SHIFT

_PRIVATE = tuple(field.name for field in fields(Private))


def _own(state: State) -> Iterator[tuple[str, int, Obj]]:
    for kind, table in state.tables().items():
        if kind not in SHARED_KINDS:
            for key, obj in table.objects.items():
                yield kind, key & SORT_MASK, obj


def export(state: State) -> Cell:
    """All that a child engine holds, but for what it shares with its parent."""
    return Cell(
        objects=tuple(_own(state)),
        jobs=tuple(job for _, _, job in sorted(state.jobs)),
        ledger=tuple(state.ledger.values()),
        private={name: dict(value) for name in _PRIVATE if (value := getattr(state.private, name))},
        now=state.now,
    )


def adopt(state: State, cell: Cell) -> None:
    """Takes a cell in. Its objects keep their ids and their places in the lists. A second time changes nothing."""
    tables = {kind: state.table(kind) for kind, _, _ in cell.objects}
    for kind, number, obj in cell.objects:
        table = tables[kind]
        if obj["id"] not in table.keys:
            table.insert(obj.get("created", cell.now) << TIME_SHIFT | number, obj)
    for name, values in cell.private.items():
        mine = getattr(state.private, name)
        for object_id, value in values.items():
            mine.setdefault(object_id, value)
    for entry in cell.ledger:
        state.ledger.setdefault(entry.charge, entry)
    for job in cell.jobs:
        state.job_sequence += 1
        state.push(replace(job, sequence=state.job_sequence))


def release(state: State, cell: Cell) -> bool:
    """Lets an adopted cell go, if none of its objects has changed since. Its ledger stays: money is money."""
    for kind, _, obj in cell.objects:
        if kind != "event" and state.table(kind).find(obj["id"]) is not obj:
            return False
    for name, values in cell.private.items():
        mine = getattr(state.private, name)
        if any(mine.get(key) is not value for key, value in values.items()):
            return False
    for kind, _, obj in cell.objects:
        state.table(kind).remove(obj["id"])
    for name, values in cell.private.items():
        mine = getattr(state.private, name)
        for key in values:
            mine.pop(key, None)
    return True
