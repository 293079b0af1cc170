"""A filter as data, and as the text that means it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

QUALIFIED = re.compile(r"([A-Za-z][A-Za-z_-]*):")
"""What makes a word a qualifier."""


@dataclass(frozen=True, slots=True)
class Anything:
    """`*`: whatever it is, as long as there is something."""


@dataclass(frozen=True, slots=True)
class Exact:
    """One text, as the column holds it."""

    text: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A number; `unit` is h, d or w for durations, empty for others."""

    amount: Decimal
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.amount:f}{self.unit}"


@dataclass(frozen=True, slots=True)
class Bound:
    """`>50`, `<=3d`, or with the operator `=` just `3`."""

    operator: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Range:
    """`10..50`, both ends included; None is an open end."""

    low: Measure | None
    high: Measure | None


Value: TypeAlias = Anything | Exact | Bound | Range


@dataclass(frozen=True, slots=True)
class Word:
    """Free text: a case matches where its name, e-mail or one of its ids holds it."""

    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """`qualifier:value,value`: a case matches where one of the values does."""

    qualifier: str
    values: tuple[Value, ...]
    negated: bool = False


Term: TypeAlias = Word | Match


@dataclass(frozen=True, slots=True)
class FilterQuery:
    """A filter: a case must match all terms."""

    terms: tuple[Term, ...] = ()

    def has(self, qualifier: str) -> bool:
        """Whether the filter says anything of this qualifier."""
        return any(isinstance(term, Match) and term.qualifier == qualifier for term in self.terms)

    def chooses(self, qualifier: str) -> bool:
        """Whether the filter asks for values of this qualifier: `stage:lost` does, `-stage:lost` does not."""
        return any(isinstance(term, Match) and term.qualifier == qualifier and not term.negated for term in self.terms)

    def without(self, qualifier: str) -> FilterQuery:
        """The filter with all that it says of a qualifier left out."""
        return FilterQuery(
            tuple(term for term in self.terms if not (isinstance(term, Match) and term.qualifier == qualifier))
        )

    def __str__(self) -> str:
        return " ".join(_term(term) for term in self.terms)


def _term(term: Term) -> str:
    sign = "-" if term.negated else ""
    if isinstance(term, Word):
        special = term.text == "*" or term.text[0] in '-"' or QUALIFIED.match(term.text)
        return f"{sign}{_quoted(term.text) if special or _has_blank(term.text) else term.text}"
    return f"{sign}{term.qualifier}:{','.join(_values(term.values))}"


def _values(values: tuple[Value, ...]) -> Iterator[str]:
    for value in values:
        match value:
            case Anything():
                yield "*"
            case Exact(text):
                yield quoted_value(text)
            case Bound(operator, measure):
                yield f"{operator if operator != '=' else ''}{measure}"
            case Range(low, high):
                yield f"{low or '*'}..{high or '*'}"


def quoted_value(text: str) -> str:
    """A value as it must be written after a qualifier."""
    plain = text not in {"", "*"} and not text.startswith('"') and "," not in text and not _has_blank(text)
    return text if plain else _quoted(text)


def _has_blank(text: str) -> bool:
    return any(character.isspace() for character in text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
