"""Weeks of sign-up, as the dates of their Mondays in the workspace's time zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo


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
