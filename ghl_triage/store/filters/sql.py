"""A filter as a condition over the table of cases; every value is a bound parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ghl_triage.store.columns import QUEUE_RANKS, fold
from ghl_triage.store.filters.qualifiers import QUALIFIERS, Kind, Qualifier
from ghl_triage.store.filters.query import Anything, Bound, Exact, FilterQuery, Measure, Range, Term, Value, Word

DAY = 86_400
_SECONDS = {"h": 3_600, "d": DAY, "w": 7 * DAY}
_FLIPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


@dataclass(frozen=True, slots=True)
class CompiledFilter:
    """An SQL condition over `cases`, with the values for its question marks, and the columns that it asks."""

    sql: str
    params: tuple[str | int, ...] = ()
    columns: frozenset[str] = frozenset()


def to_sql(query: FilterQuery, now: int, *, default_queue: bool = True) -> CompiledFilter:
    """The condition of a filter at a moment; without `stage:` the queue alone, unless `default_queue` is lifted."""
    parts: list[CompiledFilter] = []
    if default_queue and not query.chooses("stage"):
        parts.append(CompiledFilter(f"rank < {QUEUE_RANKS}"))
    parts += [_term(term, now) for term in query.terms]
    if not parts:
        return CompiledFilter("1")
    return CompiledFilter(
        " AND ".join(f"({part.sql})" for part in parts),
        tuple(value for part in parts for value in part.params),
        frozenset(_column(term) for term in query.terms),
    )


def _column(term: Term) -> str:
    return "search" if isinstance(term, Word) else QUALIFIERS[term.qualifier].column


def _term(term: Term, now: int) -> CompiledFilter:
    if isinstance(term, Word):
        return CompiledFilter(f"instr(search, ?) {'= 0' if term.negated else '> 0'}", (fold(term.text),))
    qualifier = QUALIFIERS[term.qualifier]
    parts = [part for value in term.values for part in _value(qualifier, value, now)]
    exact = [value.text for value in term.values if isinstance(value, Exact)]
    if len(exact) == len(term.values) > 1 and qualifier.kind not in {Kind.SLUGS, Kind.TAG}:
        parts = [CompiledFilter(f"{qualifier.column} IN ({','.join('?' * len(exact))})", tuple(exact))]
    sql = " OR ".join(part.sql for part in parts)
    params = tuple(value for part in parts for value in part.params)
    # A column without a value is not what was asked for, so its negation is.
    return CompiledFilter(f"NOT ifnull({sql}, 0)" if term.negated else sql, params)


def _value(qualifier: Qualifier, value: Value, now: int) -> Iterator[CompiledFilter]:
    match value:
        case Anything():
            yield _anything(qualifier, now)
        case Exact(text):
            yield _exact(qualifier, text)
        case Bound(operator, measure):
            yield _within(qualifier, now, *_bounds(qualifier, operator, measure, now))
        case Range(low, high):
            yield _within(
                qualifier,
                now,
                *(_bounds(qualifier, ">=", low, now) if low else ()),
                *(_bounds(qualifier, "<=", high, now) if high else ()),
            )


def _anything(qualifier: Qualifier, now: int) -> CompiledFilter:
    match qualifier.kind:
        case Kind.TAG:
            return CompiledFilter("EXISTS (SELECT 1 FROM tags WHERE tags.subscription = cases.subscription)")
        case Kind.UNTIL:
            return _within(qualifier, now)
        case Kind.COUNT | Kind.MONEY | Kind.AGE:
            return CompiledFilter(f"{qualifier.column} IS NOT NULL")
        case _:
            return CompiledFilter(f"{qualifier.column} <> ''")


def _exact(qualifier: Qualifier, text: str) -> CompiledFilter:
    match qualifier.kind:
        case Kind.SLUGS:
            return CompiledFilter(f"instr({qualifier.column}, ?) > 0", (f",{text},",))
        case Kind.TAG:
            tagged = "SELECT 1 FROM tags WHERE tags.subscription = cases.subscription AND tag = ?"
            return CompiledFilter(f"EXISTS ({tagged})", (text,))
        case _:
            return CompiledFilter(f"{qualifier.column} = ?", (text,))


def _bounds(qualifier: Qualifier, operator: str, measure: Measure, now: int) -> list[tuple[str, int]]:
    """Operators and figures in the column's own terms."""
    amount = _figure(qualifier.kind, measure)
    step = _SECONDS[measure.unit] if measure.unit else 0
    match qualifier.kind:
        case Kind.AGE:
            if operator == "=":
                # Shown as "3d": three whole days and not yet four.
                return [("<=", now - amount), (">", now - amount - step)]
            return [(_FLIPPED[operator], now - amount)]
        case Kind.UNTIL:
            if operator == "=":
                return [(">=", now + amount), ("<", now + amount + step)]
            return [(operator, now + amount)]
        case _:
            return [(operator, amount)]


def _figure(kind: Kind, measure: Measure) -> int:
    if kind is Kind.MONEY:
        return int(measure.amount * Decimal(1000))
    return int(measure.amount) * _SECONDS.get(measure.unit, 1)


def _within(qualifier: Qualifier, now: int, *bounds: tuple[str, int]) -> CompiledFilter:
    wanted = list(bounds)
    if qualifier.kind is Kind.UNTIL:
        # A trial that ended long ago does not "end in less than 3 days"; one that ended today has its charge to come.
        wanted.append((">=", now - DAY))
    return CompiledFilter(
        "(" + " AND ".join(f"{qualifier.column} {operator} ?" for operator, _ in wanted) + ")",
        tuple(figure for _, figure in wanted),
    )
