"""Two sides of one story: which objects and which of their fields differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.verify.fields import FIELDS, TOLERANCE, How, value
from ghl_triage.sandbox.verify.reading import Left

ABSENT = "absent"
PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one object (`path` is empty where the whole object is on one side alone, `order` for events)."""

    kind: str
    name: str
    path: str
    sandbox: Any
    stripe: Any

    @property
    def place(self) -> str:
        """The kind and the field, as beliefs name them."""
        return f"{self.kind}.{self.path}" if self.path else self.kind


@dataclass(frozen=True, slots=True)
class Side:
    """What one side holds, and what its objects are called."""

    left: Left
    names: Mapping[str, str]

    def by_name(self, kind: str) -> dict[str, Obj]:
        """Its objects of a kind by their names."""
        return {self.names[obj["id"]]: obj for obj in self.left[kind] if obj["id"] in self.names}


def differences(sandbox: Side, stripe: Side) -> list[Difference]:
    """All fields that differ, kind by kind, then the events."""
    found: list[Difference] = []
    for kind, paths in FIELDS.items():
        ours, theirs = sandbox.by_name(kind), stripe.by_name(kind)
        for name in sorted(ours.keys() | theirs.keys()):
            if name not in ours or name not in theirs:
                there, here = (ABSENT, PRESENT) if name not in ours else (PRESENT, ABSENT)
                found.append(Difference(kind, name, "", there, here))
                continue
            for path, how in paths.items():
                left = _seen(value(ours[name], path), how, sandbox)
                right = _seen(value(theirs[name], path), how, stripe)
                if not _alike(left, right, how):
                    found.append(Difference(kind, name, path, left, right))
    return found + list(_events(sandbox, stripe))


def new_fields(sandbox: Side, stripe: Side) -> dict[str, set[str]]:
    """By kind: fields that Stripe's objects have and the sandbox's have not."""
    found: dict[str, set[str]] = defaultdict(set)
    for kind in FIELDS:
        known = {field for obj in sandbox.left[kind] for field in obj}
        if known:
            found[kind] |= {field for obj in stripe.left[kind] for field in obj} - known
    return {kind: fields for kind, fields in found.items() if fields}


def _seen(found: Any, how: How, side: Side) -> Any:
    if how == "whether":
        return PRESENT if found else ABSENT
    if how == "object" and found:
        return side.names.get(found if isinstance(found, str) else found.get("id", ""), "another object")
    return found


def _alike(left: Any, right: Any, how: How) -> bool:
    if how == "time" and left is not None and right is not None:
        return abs(int(left) - int(right)) <= TOLERANCE
    return bool(left == right)


def _events(sandbox: Side, stripe: Side) -> Iterator[Difference]:
    ours, theirs = _told(sandbox), _told(stripe)
    counted, other = Counter(key for key, _ in ours), Counter(key for key, _ in theirs)
    for name, kind in sorted(counted.keys() | other.keys()):
        if counted[name, kind] != other[name, kind]:
            yield Difference("event", name, kind, counted[name, kind], other[name, kind])
    yield from _disorder(ours, theirs)


def _told(side: Side) -> list[tuple[tuple[str, str], int]]:
    """By object and type, and when: oldest first."""
    told = []
    for event in side.left["event"]:
        name = side.names.get(event["data"]["object"]["id"], "another object")
        told.append(((name, str(event["type"])), int(event["created"])))
    return told


def _disorder(
    ours: list[tuple[tuple[str, str], int]], theirs: list[tuple[tuple[str, str], int]]
) -> Iterator[Difference]:
    """Events between which the sandbox's clock went on, and that Stripe tells the other way round."""
    first: dict[tuple[str, str], int] = {}
    for key, at in theirs:
        first.setdefault(key, at)
    seen: dict[tuple[str, str], int] = {}
    for key, at in ours:
        if key in seen or key not in first:
            continue
        for earlier, then in seen.items():
            if then < at and first[earlier] > first[key]:
                said, instead = f"{earlier[1]} before {key[1]}", f"{key[1]} before {earlier[1]}"
                yield Difference("event", key[0], "order", said, instead)
                break
        seen[key] = at
