"""The rival explanations, each with its own numbers for each path (domain/stripe.md 3.2).

Why first charges did not come through is counted once for each trial, so that the kinds add up; what may lie behind it
(a card check at sign-up, a second customer of the same person, prepaid cards) is held against it as rates with and
without. Nothing is pooled over paths.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ghl_triage.diagnosis.declines import HARD, Category, category
from ghl_triage.model import Path
from ghl_triage.report.audit.hypothesis import not_set_up
from ghl_triage.report.rates import Comparison, Rate, compared, rate
from ghl_triage.report.rows import grouped
from ghl_triage.trial import FailureKind, FirstCharge, Trial


class Reason(StrEnum):
    """Why a first charge did not come through; each such trial has exactly one."""

    HYPOTHESIS = "authentication_without_set_up"
    """The hypothesis: authentication was asked for, and the card had not been set up."""
    AUTHENTICATION = "authentication_despite_set_up"
    """Authentication was asked for although the card had been set up, or how it was saved is not known."""
    NO_DEFAULT = "no_default"
    """A card was there, and was not the default: nothing to charge."""
    NO_CARD = "no_card"
    """No card was there."""
    NOT_READ = "nothing_to_charge"
    """There was nothing to charge, and whether a card was there is not known."""
    SOFT = "declined_soft"
    GENERIC = "declined_generic"
    HARD = "declined_hard"
    CARD_DATA = "card_data"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    MANDATE = "mandate"
    OTHER = "other"


class Rival(StrEnum):
    """What may explain the failures instead of the hypothesis."""

    NOTHING_TO_CHARGE = "nothing_to_charge"
    """A card that was not the default, or none: the bank was never asked."""
    ORDINARY_DECLINES = "ordinary_declines"
    """The bank was asked and said no, whatever was set up: for now, without a reason, or for good."""
    AUTHENTICATION = "authentication_despite_set_up"
    CARD_DATA = "card_data"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    MANDATE = "mandate"
    OTHER = "other"


RIVAL_OF: Mapping[Reason, Rival] = {
    Reason.AUTHENTICATION: Rival.AUTHENTICATION,
    Reason.NO_DEFAULT: Rival.NOTHING_TO_CHARGE,
    Reason.NO_CARD: Rival.NOTHING_TO_CHARGE,
    Reason.NOT_READ: Rival.NOTHING_TO_CHARGE,
    Reason.SOFT: Rival.ORDINARY_DECLINES,
    Reason.GENERIC: Rival.ORDINARY_DECLINES,
    Reason.HARD: Rival.ORDINARY_DECLINES,
    Reason.CARD_DATA: Rival.CARD_DATA,
    Reason.EXPIRED: Rival.EXPIRED,
    Reason.BLOCKED: Rival.BLOCKED,
    Reason.MANDATE: Rival.MANDATE,
    Reason.OTHER: Rival.OTHER,
}
"""The rival that each reason speaks for; the hypothesis has none."""
_PLAIN = {
    FailureKind.NO_DEFAULT: Reason.NO_DEFAULT,
    FailureKind.NO_CARD: Reason.NO_CARD,
    FailureKind.CARD_DATA: Reason.CARD_DATA,
    FailureKind.EXPIRED: Reason.EXPIRED,
    FailureKind.BLOCKED: Reason.BLOCKED,
    FailureKind.MANDATE: Reason.MANDATE,
}
PREPAID = "prepaid"


@dataclass(frozen=True, slots=True)
class WithAndWithout:
    """How often it failed with a circumstance and without it, and how common the circumstance is, of the trials of
    which it can be told. `compared` is None where one of the two did not occur."""

    present: Rate
    with_it: Rate
    without_it: Rate
    compared: Comparison | None


@dataclass(frozen=True, slots=True)
class PathRivals:
    """One path. `due` trials came to their first charge: `paid` at once, `refused`, or with `nothing_to_charge`.

    `check` and `prepaid` hold refusals against charges made; `duplicates` holds all that did not come through against
    all that were due. `largest` is the rival that explains most.
    """

    path: Path
    due: int
    paid: int
    refused: int
    nothing_to_charge: int
    reasons: Mapping[Reason, int]
    explained: int
    """By the hypothesis."""
    rivals: Mapping[Rival, int]
    largest: Rival | None
    check: WithAndWithout
    prepaid: WithAndWithout
    duplicates: WithAndWithout

    @property
    def failed(self) -> int:
        """First charges that did not come through, for whatever reason."""
        return self.refused + self.nothing_to_charge


def rivals(trials: Sequence[Trial]) -> tuple[PathRivals, ...]:
    """The numbers of all paths; `trials` are those that count (audit.py)."""
    groups = grouped(trials, lambda trial: trial.path)
    return tuple(_path(path, groups[path]) for path in Path if path in groups)


def reason(trial: Trial) -> Reason:
    """Why this first charge did not come through."""
    if trial.failure is FailureKind.AUTHENTICATION:
        return Reason.HYPOTHESIS if not_set_up(trial) else Reason.AUTHENTICATION
    if trial.failure is FailureKind.DECLINED:
        return _decline(trial.code)
    other = Reason.NOT_READ if trial.first_charge is FirstCharge.NO_METHOD else Reason.OTHER
    return _PLAIN.get(trial.failure, other) if trial.failure else other


def _decline(code: str | None) -> Reason:
    kind = category(code)
    if kind in (Category.SOFT_FUNDS, Category.RETRYABLE):
        return Reason.SOFT
    return Reason.HARD if kind in HARD else Reason.GENERIC


def came_due(trial: Trial) -> bool:
    """Whether the time of its first charge has come, and what became of it is known."""
    return trial.first_charge in (FirstCharge.SUCCEEDED, FirstCharge.FAILED, FirstCharge.NO_METHOD)


def failed(trial: Trial) -> bool:
    """Whether its first charge did not come through: refused, or nothing to charge."""
    return trial.first_charge in (FirstCharge.FAILED, FirstCharge.NO_METHOD)


def _path(path: Path, trials: Sequence[Trial]) -> PathRivals:
    due = [trial for trial in trials if came_due(trial)]
    charged = [trial for trial in due if trial.first_charge is not FirstCharge.NO_METHOD]
    reasons = Counter(reason(trial) for trial in due if failed(trial))
    by_rival: Counter[Rival] = Counter()
    for each, rival in RIVAL_OF.items():
        by_rival[rival] += reasons[each]
    explain = {rival: by_rival[rival] for rival in Rival if by_rival[rival]}
    refused = sum(trial.first_charge is FirstCharge.FAILED for trial in due)
    return PathRivals(
        path=path,
        due=len(due),
        paid=len(charged) - refused,
        refused=refused,
        nothing_to_charge=len(due) - len(charged),
        reasons={each: reasons[each] for each in Reason if reasons[each]},
        explained=reasons[Reason.HYPOTHESIS],
        rivals=explain,
        largest=max(explain, key=lambda rival: explain[rival]) if explain else None,
        check=_contrast(charged, lambda trial: trial.checked_at_sign_up),
        prepaid=_contrast(charged, lambda trial: trial.funding == PREPAID if trial.funding else None),
        duplicates=_contrast(due, lambda trial: trial.duplicate_customer),
    )


def _contrast(trials: Sequence[Trial], circumstance: Callable[[Trial], bool | None]) -> WithAndWithout:
    told = [(circumstance(trial), failed(trial)) for trial in trials]
    with_it = _failures(bad for present, bad in told if present is True)
    without_it = _failures(bad for present, bad in told if present is False)
    present = rate(with_it.of, with_it.of + without_it.of)
    return WithAndWithout(present, with_it, without_it, compared(with_it, without_it))


def _failures(told: Iterable[bool]) -> Rate:
    bad = list(told)
    return rate(sum(bad), len(bad))
