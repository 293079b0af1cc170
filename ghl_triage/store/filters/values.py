"""Reads what stands after a qualifier's colon, by the qualifier's kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from ghl_triage.store.filters.qualifiers import Kind, Qualifier
from ghl_triage.store.filters.query import Anything, Bound, Exact, Measure, Range, Value

_NUMBERS = {
    Kind.COUNT: re.compile(r"(\d{1,9})()", re.ASCII),
    Kind.MONEY: re.compile(r"(\d{1,12}(?:\.\d{1,3})?)()", re.ASCII),
    Kind.AGE: re.compile(r"(\d{1,5})([hdw])", re.ASCII),
    Kind.UNTIL: re.compile(r"(\d{1,5})([hdw])", re.ASCII),
}
_OPERATORS = re.compile(r"(>=|<=|>|<|=|)(.*)", re.DOTALL)
_CURRENCY = re.compile(r"[a-z]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RawValue:
    """A value as it was written; a quoted one means itself."""

    text: str
    quoted: bool


def read_value(qualifier: Qualifier, raw: RawValue) -> Value | None:
    """What the text means for this qualifier; None where it means nothing."""
    if raw.text == "*" and not raw.quoted:
        return Anything()
    if qualifier.compares:
        return _comparison(qualifier.kind, raw.text.lower())
    text = normal(qualifier.kind, raw.text)
    if qualifier.kind in {Kind.SLUG, Kind.SLUGS}:
        return Exact(text) if text in qualifier.values else None
    if qualifier.kind is Kind.CURRENCY:
        return Exact(text) if _CURRENCY.fullmatch(text) else None
    return Exact(text)


def normal(kind: Kind, text: str) -> str:
    """A value as its column holds it: slugs may be written with blanks or hyphens, case counts in ids alone."""
    match kind:
        case Kind.SLUG | Kind.SLUGS:
            return text.lower().replace(" ", "_").replace("-", "_")
        case Kind.UPPER:
            return text.upper()
        case Kind.ID:
            return text
        case Kind.TAG:
            return text.casefold()
        case _:
            return text.lower()


def _comparison(kind: Kind, text: str) -> Value | None:
    if ".." in text:
        return _range(kind, text)
    found = _OPERATORS.fullmatch(text)
    measure = _measure(kind, found.group(2)) if found else None
    return Bound(found.group(1) or "=", measure) if found and measure else None


def _range(kind: Kind, text: str) -> Range | None:
    low, _, high = text.partition("..")
    ends = [None if end == "*" else _measure(kind, end) for end in (low, high)]
    if any(end is None and written != "*" for end, written in zip(ends, (low, high), strict=True)):
        return None
    return Range(*ends) if ends != [None, None] else None


def _measure(kind: Kind, text: str) -> Measure | None:
    found = _NUMBERS[kind].fullmatch(text)
    return Measure(Decimal(found.group(1)), found.group(2)) if found else None
