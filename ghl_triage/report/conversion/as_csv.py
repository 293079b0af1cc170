"""The cohorts of the conversion report as CSV: one line for each group and period."""

from __future__ import annotations

import csv
import io

from ghl_triage.output import csv_cell
from ghl_triage.report.conversion.numbers import Conversion
from ghl_triage.trial import COHORT

_RATES = ("unpaid_at_first", "refused", "no_method", "paid", "recovered", "conversion")


def conversion_csv(found: Conversion) -> str:
    """Shares between 0 and 1 with their 95 % intervals; amounts in minor units, a column for each currency and state.

    `whole` is 0 where the period begins before the time from which charges were read, or is not over.
    """
    currencies = list(found.total.all.money)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "period", "period_start", "period_end", found.by, "whole", "mature", "trials", *COHORT, "due",
            *(f"{name}_rate{part}" for name in _RATES for part in ("", "_low", "_high")),
            *(f"{state}_{currency}" for currency in currencies for state in COHORT),
        ]
    )  # fmt: skip
    for one in found.cohorts:
        figures = one.figures
        rates = [getattr(figures, name) for name in _RATES]
        cells: list[object] = [one.period.day.isoformat(), one.period.start, one.period.end, one.key]
        cells += [int(one.whole and one.over), int(one.mature), figures.trials]
        cells += [*(figures.states[state] for state in COHORT), figures.due]
        cells += [value for rate in rates for value in (rate.share, rate.low, rate.high)]
        cells += [figures.money.get(name, {}).get(state, 0) for name in currencies for state in COHORT]
        writer.writerow([csv_cell(cell) for cell in cells])
    return text.getvalue()
