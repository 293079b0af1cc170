"""The audit's numbers: all that its document shows, and the JSON of `ghl-triage audit`. No text, no formatting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from ghl_triage.highlevel import HighLevelStranger, HighLevelWorkflow
from ghl_triage.model import Cause, Coverage, Finding, Path, Stage
from ghl_triage.report.acting import Acting, acting
from ghl_triage.report.audit.aftermath import Lost, Recovered, lost, recovered
from ghl_triage.report.audit.beginning import WeeklySeries, beginning
from ghl_triage.report.audit.causes import CasesOf, CauseInAll, Pending, causes, in_queue, pending
from ghl_triage.report.audit.fixes import Fix, fixes
from ghl_triage.report.audit.hypothesis import Hypothesis, hypothesis
from ghl_triage.report.audit.readiness import PathReadiness, readiness
from ghl_triage.report.audit.rivals import PathRivals, rivals
from ghl_triage.report.declines import Declines
from ghl_triage.report.privacy import mask_email
from ghl_triage.report.remedies import tally
from ghl_triage.report.rows import Money, ReportCase, currencies, money_of
from ghl_triage.trial import LeftOut, Trial
from ghl_triage.workspace_file import Acts


@dataclass(frozen=True, slots=True)
class About:
    """What was audited, and what could be seen. `missing` names in words what could not be read at all."""

    made_at: int
    account: str
    livemode: bool
    synced_at: int | None
    timezone: str
    with_customers: bool
    coverage: Coverage
    missing: tuple[str, ...] = ()
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The queue: what fails now, and what a rule says will fail."""

    cases: int
    failing: int
    at_risk: int
    failing_money: Money
    at_risk_money: Money


@dataclass(frozen=True, slots=True)
class Audit:
    """The whole audit. `currencies` come in the order by which money is compared; `trials` are those that count, and
    `left_out` says how many do not, and why."""

    about: About
    subscriptions: int
    stages: Mapping[Stage, int]
    waiting: Waiting
    currencies: tuple[str, ...]
    causes: tuple[CauseInAll, ...]
    pending: tuple[Pending, ...]
    fixes: tuple[Fix, ...]
    causes_by_path: Mapping[Path, Mapping[Cause, int]]
    """Of all cases, lost ones too: what asks for a change in code."""
    findings_by_path: Mapping[Path, Mapping[Finding, int]]
    declines: Declines
    acting: Acting
    strangers: tuple[HighLevelStranger, ...]
    """HighLevel's rows that belong to no case; e-mail addresses are masked unless customers were asked for."""
    lost: tuple[Lost, ...]
    recovered: tuple[Recovered, ...]
    trials: int
    left_out: Mapping[LeftOut, int]
    hypothesis: Hypothesis
    rivals: tuple[PathRivals, ...]
    beginning: tuple[WeeklySeries, ...]
    readiness: tuple[PathReadiness, ...]


def audit(
    cases: Iterable[ReportCase],
    trials: Iterable[Trial],
    *,
    about: About,
    zone: tzinfo,
    cases_of: CasesOf,
    declines: Declines,
    strangers: Iterable[HighLevelStranger] = (),
    workflows: Sequence[HighLevelWorkflow] = (),
    confirmed: Acts | None = None,
) -> Audit:
    """The audit of all cases and trials of a store, as of `about.made_at`; weeks begin in `zone`."""
    every = list(cases)
    queue = in_queue(every)
    all_trials = list(trials)
    by_subscription = {trial.subscription: trial for trial in all_trials}
    counted = [trial for trial in all_trials if trial.left_out is None]
    causes_by_path, findings_by_path = tally(every)
    return Audit(
        about=about,
        subscriptions=len(every),
        stages=_in_order(Counter(case.stage for case in every)),
        waiting=_waiting(queue),
        currencies=currencies(queue),
        causes=causes(queue, cases_of, include_customers=about.with_customers),
        pending=pending(queue),
        fixes=fixes(queue),
        causes_by_path=causes_by_path,
        findings_by_path=findings_by_path,
        declines=declines,
        acting=acting(all_trials, every, workflows=workflows, confirmed=confirmed or Acts(), now=about.made_at),
        strangers=tuple(
            row if about.with_customers else replace(row, email=mask_email(row.email)) for row in strangers
        ),
        lost=lost(every, by_subscription),
        recovered=recovered(every, by_subscription),
        trials=len(counted),
        left_out=dict(Counter(trial.left_out for trial in all_trials if trial.left_out is not None)),
        hypothesis=hypothesis(counted),
        rivals=rivals(counted),
        beginning=beginning(counted, zone),
        readiness=readiness(counted, about.made_at, zone),
    )


def _in_order(stages: Mapping[Stage, int]) -> Mapping[Stage, int]:
    return {stage: stages[stage] for stage in Stage if stages.get(stage)}


def _waiting(queue: Sequence[ReportCase]) -> Waiting:
    failing = [case for case in queue if case.stage is Stage.FAILING]
    at_risk = [case for case in queue if case.stage is Stage.AT_RISK]
    return Waiting(len(queue), len(failing), len(at_risk), money_of(failing), money_of(at_risk))
