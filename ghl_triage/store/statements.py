"""Lists of values in SQL statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

MAX_VARIABLES = 5_000
"""Values bound in one statement; SQLite allows 32,766 (sqlite.org/limits.html)."""

_T = TypeVar("_T")


def chunks(values: Sequence[_T], size: int = MAX_VARIABLES) -> Iterator[Sequence[_T]]:
    """`values` in pieces that one statement can bind."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def marks(values: Sequence[Any]) -> str:
    """As many question marks as there are values."""
    return ",".join("?" * len(values))
