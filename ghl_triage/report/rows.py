"""The cases that the reports count, and their money: per currency, never added up over two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ghl_triage.store.report_rows import ReportCase

__all__ = ["ReportCase", "money_of"]


def money_of(cases: Iterable[ReportCase]) -> dict[str, int]:
    """What is at risk in these cases by currency, in minor units; a currency with nothing is left out."""
    total: Counter[str] = Counter()
    for case in cases:
        total[case.currency] += case.amount
    return {currency: amount for currency, amount in sorted(total.items()) if amount}
