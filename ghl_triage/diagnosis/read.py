"""Reading values out of JSON that may be anything: what has not the expected type is taken as missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

Json: TypeAlias = Mapping[str, object]

NOTHING: Json = {}
LARGEST = 253_402_300_799
"""The end of the year 9999: no time of Stripe's lies beyond it."""
LARGEST_AMOUNT = 10**15


def mapping(value: object) -> Json:
    """The value as an object; an empty one where it is none."""
    return value if isinstance(value, dict) else NOTHING


def text(value: object) -> str | None:
    """A string that is not empty."""
    return value if isinstance(value, str) and value else None


def number(value: object) -> int | None:
    """A whole number of a size that an amount or a count can have."""
    if type(value) is int:
        return value if -LARGEST_AMOUNT <= value <= LARGEST_AMOUNT else None
    if type(value) is float and value.is_integer():
        return number(int(value))
    return None


def amount(value: object) -> int:
    """An amount in minor units; 0 where there is none."""
    return number(value) or 0


def moment(value: object) -> int | None:
    """A time in epoch seconds; Stripe writes 0 for none in some old objects."""
    at = number(value)
    return at if at is not None and 0 < at <= LARGEST else None


def ref(value: object) -> str | None:
    """The id that a reference names, expanded or not."""
    if isinstance(value, str):
        return value or None
    return text(value.get("id")) if isinstance(value, dict) else None


def rows(value: object) -> list[Json]:
    """The objects of a list, whether bare or inside Stripe's list object."""
    if isinstance(value, dict):
        value = value.get("data")
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def objects(values: Iterable[object]) -> list[Json]:
    """Those of the values that are objects with an id."""
    return [value for value in values if isinstance(value, dict) and isinstance(value.get("id"), str)]


def texts(value: object) -> tuple[str, ...]:
    """The strings of a list."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def object_id(raw: Json) -> str:
    """The object's own id; empty where it has none."""
    return text(raw.get("id")) or ""


def currency(raw: Json) -> str:
    """The object's currency in lower case, as Stripe writes it; empty where it has none."""
    return (text(raw.get("currency")) or "").lower()


def iso_moment(value: object) -> int | None:
    """A time that HighLevel writes as ISO 8601 text, or as epoch milliseconds."""
    if isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value)
            aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
            return moment(int(aware.timestamp()))
        except (ValueError, OverflowError, OSError):
            return None
    at = number(value)
    return moment(at // 1000) if at is not None and at > LARGEST else moment(at)


def decimal(value: object) -> Decimal | None:
    """A number that HighLevel writes as a number or as text, of a size that money can have."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        return None
    return read if read.is_finite() and abs(read) <= LARGEST_AMOUNT else None
