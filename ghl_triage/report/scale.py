"""The scale of a chart: where a value stands between nothing and the top."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ghl_triage.report.document import BarChart, LineChart


def top_of_bars(chart: BarChart) -> float:
    """The value that the longest possible bar stands for."""
    return _top(chart.top, (edge for bar in chart.bars for edge in (bar.value, bar.high)))


def top_of_lines(chart: LineChart) -> float:
    """The value at the upper edge."""
    return _top(chart.top, (value for one in chart.series for value in one.values))


def share(value: float, top: float) -> float:
    """Which part of the scale the value takes, between 0 and 1; what is no number takes none."""
    if math.isnan(value) or top <= 0:
        return 0.0
    return min(1.0, max(0.0, value / top)) if math.isfinite(value) else float(value > 0)


def _top(given: float | None, values: Iterable[float | None]) -> float:
    if given is not None and math.isfinite(given) and given > 0:
        return given
    return max((value for value in values if value is not None and math.isfinite(value)), default=0.0)
