"""Expansion: paths checked against the table, ids replaced by objects, never in place.

Stripe's rules (docs.stripe.com "Expanding Responses"): at most four levels, `data` of a list counted; a path that leads
to nothing expandable is an error even where the field is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj, StripeError
from ghl_triage.sandbox.http.expansions import EXPANSIONS

MAX_DEPTH = 4
SUBLIST = 10
"""How many entries an inline list holds at most."""

Tree = dict[str, "Tree"]


def plan(paths: Iterable[str], kind: str, *, listed: bool) -> Tree:
    """The paths as one tree below an object of `kind`; StripeError 400 for one that Stripe would refuse."""
    tree: Tree = {}
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_DEPTH:
            message = f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}"
            raise StripeError(message, code="property_expansion_max_depth", param="expand")
        if listed:
            if steps[0] != "data":
                raise _refused(path)
            steps = steps[1:]
        if not (steps or listed):
            raise _refused(path)
        _walk(path, steps, EXPANSIONS[kind])
        node = tree
        for step in steps:
            node = node.setdefault(step, {})
    return tree


def _refused(path: str) -> StripeError:
    return StripeError(f"This property cannot be expanded ({path}).", param="expand")


def _walk(path: str, steps: list[str], fields: Mapping[str, Any]) -> None:
    mark: Any = fields
    for step in steps:
        if isinstance(mark, str):
            if mark[0] in "+[" and step == "data":
                mark = "=" + mark[1:]
                continue
            mark = EXPANSIONS.get(mark[1:], {}) if mark[0] in ">=" else {}
        if step not in mark:
            raise _refused(path)
        mark = mark[step]
    if isinstance(mark, dict) and steps:
        raise _refused(path)


def kinds(tree: Tree, fields: Mapping[str, Any]) -> set[str]:
    """The kinds of object that the tree brings in: a key needs the right to read each."""
    found: set[str] = set()
    for name, below in tree.items():
        mark = fields.get(name)
        if isinstance(mark, dict):
            found |= kinds(below, mark)
        elif isinstance(mark, str) and mark[1:] in EXPANSIONS:
            kind = mark[1:]
            found |= {kind} if mark[0] in ">+" else set()
            found |= kinds(below.get("data", below), EXPANSIONS[kind])
    return found


@dataclass(frozen=True, slots=True)
class Renderer:
    """Turns stored objects into what a response holds."""

    engine: Engine
    sources: Callable[[str, Mapping[str, Any]], Any]
    """Gives a field that is there only when expanded: (mark, object)."""

    def render(self, obj: Obj, tree: Tree) -> Obj:
        """The object with everything of `tree` expanded; the stored dict itself where nothing changes."""
        obj = _cut(obj)
        fields = EXPANSIONS.get(obj.get("object", ""), {})
        return self._hash(obj, tree, fields, obj) if tree else obj

    def _hash(self, value: Mapping[str, Any], tree: Tree, fields: Mapping[str, Any], owner: Obj) -> Obj:
        changed = dict(value)
        for name, below in tree.items():
            mark = fields[name]
            if isinstance(mark, str) and mark[0] in "+!":
                changed[name] = self._listed(self.sources(f"{owner['object']}.{name}", owner), below)
            elif changed.get(name) is not None:
                changed[name] = self._field(changed[name], mark, below, owner)
        return changed

    def _field(self, value: Any, mark: Any, tree: Tree, owner: Obj) -> Any:
        if isinstance(mark, dict):
            if isinstance(value, list):
                return [self._hash(item, tree, mark, owner) for item in value]
            return self._hash(value, tree, mark, owner)
        if mark[0] == ">":
            if isinstance(value, list):
                return [self._reference(item, mark[1:], tree) for item in value]
            return self._reference(value, mark[1:], tree)
        return self._listed(value, tree)

    def _reference(self, value: Any, kind: str, tree: Tree) -> Any:
        found = referred(self.engine, kind, value) if isinstance(value, str) else value
        return value if found is None else self.render(found, tree)

    def _listed(self, value: Any, tree: Tree) -> Any:
        """An inline object or list, with what is expanded below it."""
        if not tree or value is None:
            return value
        if isinstance(value, list):
            return [self.render(item, tree) for item in value]
        if "data" in tree and isinstance(value.get("data"), list):
            return {**value, "data": [self.render(item, tree["data"]) for item in value["data"]]}
        return self.render(value, tree)


def referred(engine: Engine, kind: str, object_id: str) -> Obj | None:
    """The object of a reference. Where a PaymentMethod is expected, a legacy card is shown in the shape of one."""
    if kind == "payment_method" and object_id.startswith("card_"):
        try:
            return engine.get(kind, object_id)
        except StripeError:
            return None
    return engine.peek(object_id)


_INLINE = {"subscription": "items", "invoice": "lines"}


def _cut(obj: Obj) -> Obj:
    """The object with its inline list cut off after ten entries; of an event, the object inside."""
    kind = obj.get("object", "")
    if kind == "event":
        inside = obj["data"]["object"]
        cut = _cut(inside)
        return obj if cut is inside else {**obj, "data": {**obj["data"], "object": cut}}
    name = _INLINE.get(kind)
    if name is None or len(obj[name]["data"]) <= SUBLIST:
        return obj
    return {**obj, name: {**obj[name], "data": obj[name]["data"][:SUBLIST], "has_more": True}}


def sublist(objects: Iterable[Obj], url: str) -> Obj:
    """An inline list: the first ten entries, and whether there are more."""
    entries = list(islice(objects, SUBLIST + 1))
    return {"object": "list", "data": entries[:SUBLIST], "has_more": len(entries) > SUBLIST, "url": url}
