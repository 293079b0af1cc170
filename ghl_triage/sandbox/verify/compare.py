"""Two sides of one story: which objects and which of their fields differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.verify.fields import FIELDS, TOLERANCE, How, value
from ghl_triage.sandbox.verify.reading import Left

ABSENT = "absent"
PRESENT = "present"

Told: TypeAlias = tuple[str, str]
"""The name of an object, and the type of an event about it."""
_MONEY = ("charge.", "payment_intent.", "payment_method.", "setup_intent.")
"""Their events tell Stripe's own time even where a test clock stands: between them and the others there is no order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one object. `path` is empty where the whole object is on one side alone; of events it is the type,
    `order`, or `key of` a type."""

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
    keyed, others_keyed = _keyed(sandbox), _keyed(stripe)
    for key in sorted(counted.keys() | other.keys()):
        name, kind = key
        if counted[key] != other[key]:
            yield Difference("event", name, kind, counted[key], other[key])
        elif keyed[key] != others_keyed[key]:
            yield Difference("event", name, f"key of {kind}", keyed[key], others_keyed[key])
    for money in (True, False):
        yield from _disorder(_only(ours, money=money), _only(theirs, money=money))


def _told(side: Side) -> list[tuple[Told, int]]:
    """By object and type, and when: oldest first."""
    return [(_key(side, event), int(event["created"])) for event in side.left["event"]]


def _keyed(side: Side) -> Counter[Told]:
    """How many of them name the idempotency key of a request."""
    return Counter(_key(side, event) for event in side.left["event"] if (event["request"] or {}).get("idempotency_key"))


def _key(side: Side, event: Obj) -> Told:
    return side.names.get(event["data"]["object"]["id"], "another object"), str(event["type"])


def _only(told: list[tuple[Told, int]], *, money: bool) -> list[tuple[Told, int]]:
    return [(key, at) for key, at in told if key[1].startswith(_MONEY) is money]


def _disorder(ours: list[tuple[Told, int]], theirs: list[tuple[Told, int]]) -> Iterator[Difference]:
    """Events between which the sandbox's clock went on, and that Stripe tells the other way round."""
    first: dict[Told, int] = {}
    for key, at in theirs:
        first.setdefault(key, at)
    seen: dict[Told, int] = {}
    for key, at in ours:
        if key in seen or key not in first:
            continue
        for earlier, then in seen.items():
            if then < at and first[earlier] > first[key]:
                said, instead = f"{earlier[1]} before {key[1]}", f"{key[1]} before {earlier[1]}"
                yield Difference("event", key[0], "order", said, instead)
                break
        seen[key] = at
