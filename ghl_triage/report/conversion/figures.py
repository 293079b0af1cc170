"""What became of some trials, counted: the figures of one path, cohort, or time before a fix (docs/metrics.md)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ghl_triage.report.rates import Rate, rate
from ghl_triage.trial import COHORT, FirstCharge, Trial, TrialState

_PAID = (TrialState.CONVERTED, TrialState.RECOVERED)


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of some trials whose end has come.

    `states` are the six, and add up to `trials`; `due` are all but those that were called off. Rates: `unpaid_at_first`
    not paid at the first try, of those due; `refused` first charges that failed, of those made; `no_method` nothing to
    charge, of those due; `paid` paid by now, of those due; `recovered` of those not paid at the first try; `conversion`
    paid by now, of all (Stripe's definition). `money`: what the first invoices asked for, by currency and state; for
    the paid ones what was paid.
    """

    trials: int
    states: Mapping[TrialState, int]
    due: int
    unpaid_at_first: Rate
    refused: Rate
    no_method: Rate
    paid: Rate
    recovered: Rate
    conversion: Rate
    money: Mapping[str, Mapping[TrialState, int]]


def figures(trials: Sequence[Trial]) -> Figures:
    """Count trials whose end has come."""
    states = Counter(trial.state for trial in trials)
    charges = Counter(trial.first_charge for trial in trials)
    money: defaultdict[str, Counter[TrialState]] = defaultdict(Counter)
    for trial in trials:
        money[trial.currency][trial.state] += trial.amount_paid if trial.state in _PAID else trial.amount
    due = len(trials) - states[TrialState.CANCELED]
    paid = sum(states[state] for state in _PAID)
    unpaid = due - states[TrialState.CONVERTED]
    made = charges[FirstCharge.SUCCEEDED] + charges[FirstCharge.FAILED]
    return Figures(
        trials=len(trials),
        states={state: states[state] for state in COHORT},
        due=due,
        unpaid_at_first=rate(unpaid, due),
        refused=rate(charges[FirstCharge.FAILED], made),
        no_method=rate(charges[FirstCharge.NO_METHOD], due),
        paid=rate(paid, due),
        recovered=rate(states[TrialState.RECOVERED], unpaid),
        conversion=rate(paid, len(trials)),
        money={currency: {state: found[state] for state in COHORT} for currency, found in sorted(money.items())},
    )
