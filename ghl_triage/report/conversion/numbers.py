"""The numbers of the conversion report: all that its document shows, and the JSON of the command. No text here.

Amounts are minor units by currency and never added up over two; times are epoch seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ghl_triage.report.contrast import Contrast
from ghl_triage.report.conversion.figures import Figures
from ghl_triage.report.periods import Period, PeriodName
from ghl_triage.trial import LeftOut

GroupedBy: TypeAlias = Literal["path", "price", "total"]


@dataclass(frozen=True, slots=True)
class Group:
    """The trials of one path (or price, or all): `all` that were read, and the `mature` ones of them."""

    key: str
    all: Figures
    mature: Figures


@dataclass(frozen=True, slots=True)
class Cohort:
    """The trials of one group that ended in one week or month.

    `whole`: the period lies wholly after the time from which charges were read; `over`: it has ended; `mature`: its
    youngest trial is older than the retry window.
    """

    key: str
    period: Period
    whole: bool
    over: bool
    mature: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class Against:
    """One group against the one that all are measured by, in trials not paid at the first try."""

    key: str
    baseline: str
    contrast: Contrast


@dataclass(frozen=True, slots=True)
class BeforeAndAfter:
    """Trials of one group that began before the fix, and after it; `running` of the latter have yet to end."""

    key: str
    before: Figures
    after: Figures
    running: int
    contrast: Contrast


@dataclass(frozen=True, slots=True)
class SinceFix:
    """Before and after a moment, by sign-up: a fix of the checkout helps those who come after it.

    `first_end` is when the first trial ends, or ended, that began after it; None: there is none.
    """

    at: int
    first_end: int | None
    groups: tuple[BeforeAndAfter, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """The whole report. `read_from` is from when on every first charge is known; None: not yet.

    In no cohort: `running` (the end, or the first charge, is to come), `called_off` of trials whose end is to come,
    `unread`, and those that are left out, by reason.
    """

    made_at: int
    by: GroupedBy
    period: PeriodName
    retry_window: int
    read_from: int | None
    total: Group
    groups: tuple[Group, ...]
    against: tuple[Against, ...]
    cohorts: tuple[Cohort, ...]
    since_fix: SinceFix | None
    running: int
    called_off: int
    unread: int
    left_out: Mapping[LeftOut, int]
    prices: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """By price, what most of its first invoices ask for, where the groups are prices: minor units and currency."""
