"""One figure a line: `{"name", "value", "baseline", "ratio", "n"}`."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence


def report(name: str, value: float, baseline: float, n: int, **more: float | int | str) -> None:
    """Print one figure beside the baseline that was measured in the same run; `n` is how many values it rests on."""
    ratio = round(value / baseline, 3) if baseline else None
    line = {"name": name, "value": round(value, 3), "baseline": round(baseline, 3), "ratio": ratio, "n": n, **more}
    print(json.dumps(line), flush=True)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
