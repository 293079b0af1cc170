"""Stripe's form encoding: `a[b]=1&types[]=x&expand[0]=y` as nested dicts and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ghl_triage.sandbox.engine.api import StripeError

Nested = dict[str, Any]

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(pairs: Iterable[tuple[str, str]]) -> Nested:
    """Query or body pairs as nested dicts; `a[]` and `a[0]` both give the list that their order makes."""
    root: Nested = {}
    for key, value in pairs:
        match = _KEY.match(key)
        if match is None:
            raise StripeError(f"Invalid request: unable to parse the parameter name {key!r}")
        _put(root, [match[1], *_PART.findall(match[2])], value)
    return {name: _with_lists(value) for name, value in root.items()}


def _put(node: Nested, path: list[str], value: str) -> None:
    for step, name in enumerate(path[:-1]):
        below = node.setdefault(_slot(node, name), {})
        if not isinstance(below, dict):
            raise StripeError(f"Invalid object: {path[step]}", param=path[0])
        node = below
    node[_slot(node, path[-1])] = value


def _slot(node: Nested, name: str) -> str:
    """The key under which an entry goes: an empty bracket means the next free number."""
    return str(len(node)) if name == "" else name


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_with_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _with_lists(below) for key, below in value.items()}
