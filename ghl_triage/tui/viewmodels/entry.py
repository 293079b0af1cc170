"""One line of a list to choose from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. Without a `key` it is a heading, which cannot be chosen; `active` marks what holds now."""

    label: str
    key: str = ""
    count: str = ""
    active: bool = False
