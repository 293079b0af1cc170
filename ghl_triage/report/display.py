"""How figures, paths and days read in the reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from ghl_triage.diagnosis.labels import PATH_LABELS
from ghl_triage.model import Path
from ghl_triage.report.rates import Comparison, Rate
from ghl_triage.report.rows import Money
from ghl_triage.text import amounts, money, when

NONE = "–"


@dataclass(frozen=True, slots=True)
class Display:
    """The workspace's habits. Sums show the currencies of `order` first."""

    zone: tzinfo = UTC
    locale: str = "en_US"
    order: tuple[str, ...] = ()

    def money(self, sums: Money) -> str:
        """Sums side by side, each in its currency."""
        first = (self.one(sums[currency], currency) for currency in self.order if sums.get(currency))
        others = {currency: amount for currency, amount in sums.items() if currency not in self.order}
        return ", ".join(filter(None, (*first, amounts(others, self.one, between=", ")))) or NONE

    def one(self, amount: int, currency: str) -> str:
        """One amount of minor units."""
        return money(amount, currency, self.locale)

    def moment(self, at: int | None) -> str:
        """A day and time."""
        return when(at, self.zone, year=True) if at is not None else NONE

    def day(self, at: int) -> str:
        """The day of a moment."""
        return day_text(datetime.fromtimestamp(at, self.zone).date())


def path_name(path: Path) -> str:
    """A path as the documents name it."""
    return PATH_LABELS[path]


def percent(share: float | None) -> str:
    """A share: whole per cents, one decimal below ten and above 99. Only none reads 0 %, and only all 100 %."""
    if share is None:
        return NONE
    value = 100 * share
    if 0 < value < 0.05:
        return "< 0.1 %"
    if 99.95 <= value < 100:
        return "> 99.9 %"
    return f"{value:.0f} %" if 9.95 <= value < 99.5 or value in (0, 100) else f"{value:.1f} %"


def rate_text(rate: Rate) -> str:
    """A share with what it is of: `12 of 80, 15 %`."""
    return f"{rate.count:,} of {rate.of:,}, {percent(rate.share)}" if rate.of else "none of none"


def with_interval(rate: Rate) -> str:
    """The same with its 95 % interval."""
    if not rate.of:
        return NONE
    return f"{rate.count:,} of {rate.of:,}: {percent(rate.share)} ({percent(rate.low)} to {percent(rate.high)})"


def ratio_text(found: Comparison) -> str:
    """A ratio of rates with its interval: `4.2 times (2.1 to 8.4)`."""
    low, about = _times(found.ratio.low), "about " if found.ratio.corrected else ""
    if found.ratio.value is None:
        return f"{low} times or more (nothing to divide by)"
    high = f"to {_times(found.ratio.high)}" if found.ratio.high is not None else "or more"
    return f"{about}{_times(found.ratio.value)} times ({low} {high})"


def _times(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 or value == 0 else f"{value:.1f}" if value >= 0.1 else f"{value:.2f}"


def difference_text(found: Comparison) -> str:
    """A difference of rates in points, with its interval."""
    value, low, high = map(_points, (found.difference.value, found.difference.low, found.difference.high))
    return f"{value} points ({low} to {high})"


def _points(difference: float) -> str:
    value = 100 * difference
    return f"{value:+.0f}" if abs(value) >= 9.95 else f"{value:+z.1f}"


def p_text(p: float) -> str:
    """A p value: never more digits than it bears."""
    return (
        "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
    )


def day_text(day: date) -> str:
    """A day; a week or month by its first one."""
    return f"{day:%b} {day.day} {day.year}"


def days_in_order(days: Iterable[date]) -> tuple[str, ...]:
    """Days under each other or along a chart: the year stands at the first one, and where it changes."""
    told, year = [], None
    for day in days:
        told.append(day_text(day) if day.year != year else f"{day:%b} {day.day}")
        year = day.year
    return tuple(told)
