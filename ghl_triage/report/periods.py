"""Weeks and months of the workspace's time zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal, TypeAlias

PeriodName: TypeAlias = Literal["week", "month"]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A week (from its Monday) or a month: [start, end) in epoch seconds, and the day on which it begins."""

    start: int
    end: int
    day: date


def period_of(at: int, name: PeriodName, zone: tzinfo) -> Period:
    """The week or month in which a moment lies."""
    first = week_of(at, zone) if name == "week" else datetime.fromtimestamp(at, zone).date().replace(day=1)
    after = first + timedelta(days=7 if name == "week" else 31)
    if name == "month":
        after = after.replace(day=1)
    return Period(_midnight(first, zone), _midnight(after, zone), first)


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())


def all_periods(first: Period, last: Period, name: PeriodName, zone: tzinfo) -> list[Period]:
    """Every period from the first to the last: one in which no trial ended is one too."""
    found = [first]
    while found[-1].start < last.start:
        found.append(period_of(found[-1].end, name, zone))
    return found


def week_of(at: int, zone: tzinfo) -> date:
    """The Monday of the week in which a moment lies."""
    day = datetime.fromtimestamp(at, zone).date()
    return day - timedelta(days=day.weekday())


def all_weeks(seen: Iterable[date]) -> tuple[date, ...]:
    """All weeks from the first to the last that was seen: one in which nothing happened is a week too."""
    known = sorted(set(seen))
    if not known:
        return ()
    return tuple(known[0] + timedelta(weeks=number) for number in range((known[-1] - known[0]).days // 7 + 1))
