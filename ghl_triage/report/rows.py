"""The cases that the reports count, and their money: per currency, never added up over two."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from ghl_triage.store.report_rows import ReportCase

__all__ = ["Money", "ReportCase", "added", "by_money", "currencies", "grouped", "money_of"]

Money: TypeAlias = Mapping[str, int]
"""Minor units by currency."""
_Row = TypeVar("_Row")
_Key = TypeVar("_Key")


def money_of(cases: Iterable[ReportCase]) -> dict[str, int]:
    """What is at risk in these cases by currency, in minor units; a currency with nothing is left out."""
    total: Counter[str] = Counter()
    for case in cases:
        total[case.currency] += case.amount
    return {currency: amount for currency, amount in sorted(total.items()) if amount}


def added(sums: Iterable[Money]) -> Money:
    """Several sums as one, each currency by itself."""
    total: Counter[str] = Counter()
    for each in sums:
        total.update(each)
    return dict(sorted(total.items()))


def currencies(cases: Iterable[ReportCase]) -> tuple[str, ...]:
    """The currencies in which something is at risk, that of most cases first."""
    counted = Counter(case.currency for case in cases if case.amount)
    return tuple(sorted(counted, key=lambda currency: (-counted[currency], currency)))


def by_money(money: Money, order: Sequence[str]) -> tuple[int, ...]:
    """A sort key: the most of the first currency comes first, then of the next one. Nothing is converted."""
    return tuple(-money.get(currency, 0) for currency in order)


def grouped(rows: Iterable[_Row], key: Callable[[_Row], _Key]) -> dict[_Key, list[_Row]]:
    """Rows by a property, in the order in which its values come up."""
    groups: defaultdict[_Key, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)
