"""The verdict on every subscription of a customer."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.diagnosis import duplicate_customers, money, stage, views
from ghl_triage.diagnosis.candidate import Candidate, candidate
from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.facts import Subscription
from ghl_triage.diagnosis.findings import findings
from ghl_triage.diagnosis.links import link_kind
from ghl_triage.diagnosis.refusals import Verdicts, refusals
from ghl_triage.diagnosis.rules.rule import SETUPS, Phase, Undecided
from ghl_triage.diagnosis.rules.table import first_that_holds
from ghl_triage.diagnosis.signatures import signature
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import ActionKind, Actor, Caps, CardView, Case, Cause, Coverage, Evidence, Records, Stage

BETTER_CARD = frozenset(
    {
        Cause.CARD_EXPIRED,
        Cause.HARD_DECLINE,
        Cause.CARD_DATA_WRONG,
        Cause.BLOCKED_BY_STRIPE,
        Cause.NO_OFF_SESSION_SETUP,
        Cause.AUTHENTICATION_REQUIRED,
        Cause.MANDATE_MISSING,
        Cause.TRIAL_ENDED_WITHOUT_CARD,
    }
)
"""Causes that the customer mends, unless another card of his is on file already."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What the table says of a subscription."""

    stage: Stage
    cause: Cause | None = None
    pending: str | None = None
    actor: Actor = Actor.NOBODY
    actions: tuple[ActionKind, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def diagnose(records: Records, now: int, *, coverage: Coverage, caps: Caps) -> tuple[Case, ...]:
    """One case for each subscription of the customer, oldest first; `now` in epoch seconds."""
    dossier = Dossier(records, coverage)
    return tuple(case_of(Situation(dossier, sub, now), caps) for sub in dossier.subscriptions)


_STAGES = {
    Phase.LOST: Stage.LOST,
    Phase.AT_RISK: Stage.AT_RISK,
    Phase.INCOMPLETE: Stage.FAILING,
    Phase.FAILING: Stage.FAILING,
}


def _judge(situation: Situation) -> _Finding:
    phase = stage.phase(situation)
    if phase is None:
        return _Finding(stage.settled(situation))
    decided = first_that_holds(situation, phase)
    if decided is None:
        return _Finding(stage.settled(situation))
    if isinstance(decided, Undecided):
        return _undecided(situation, phase, decided)
    rule, hit = decided
    actions = rule.actions if hit.actions is None else hit.actions
    if phase is Phase.AT_RISK:
        actions = tuple(action for action in actions if action is not ActionKind.RETRY)
    return _Finding(_STAGES[phase], rule.cause, None, hit.actor or rule.actor, actions, hit.evidence)


def _undecided(situation: Situation, phase: Phase, undecided: Undecided) -> _Finding:
    """Nobody acts yet. A trial whose set-ups are on their way in the first load is no alarm."""
    loading = situation.dossier.coverage.setup_intents_since is None
    if phase is Phase.AT_RISK and undecided.waits_for == SETUPS and loading:
        return _Finding(stage.settled(situation), pending=SETUPS)
    return _Finding(_STAGES[phase], pending=undecided.waits_for)


def _recommended(found: _Finding, chosen: Candidate) -> tuple[ActionKind, ...]:
    if chosen.card and found.cause in BETTER_CARD and ActionKind.FIX_DEFAULT not in found.actions:
        return (*found.actions, ActionKind.FIX_DEFAULT)
    return found.actions


def case_of(situation: Situation, caps: Caps) -> Case:
    """The verdict on one subscription."""
    sub, customer, invoice = situation.sub, situation.dossier.customer, situation.invoice
    found, chosen, path = _judge(situation), candidate(situation), situation.path
    effective, failure = situation.effective, situation.failure
    verdicts = Verdicts(found.stage, found.cause, found.pending, chosen)
    also = findings(situation, found.stage, found.cause, chosen)
    level = effective.level if effective else None
    others = duplicate_customers.duplicates(situation.dossier)
    return Case(
        subscription=sub.id,
        customer=customer.id,
        email=customer.email,
        name=customer.name,
        path=path.path,
        path_confidence=path.confidence,
        path_evidence=path.evidence,
        status=sub.status,
        stage=found.stage,
        cause=found.cause,
        findings=tuple(also),
        actor=found.actor,
        recommended=_recommended(found, chosen),
        blocked=refusals(situation, verdicts, caps),
        amount_at_risk=money.amount_at_risk(situation, found.stage, found.cause),
        currency=money.currency(situation),
        invoice=invoice.id if invoice else None,
        attempts=len(situation.charges),
        next_retry_at=invoice.next_payment_attempt if invoice and invoice.is_open else None,
        effective_payment_method=effective.id if effective else None,
        effective_level=level,
        candidate_payment_method=chosen.card,
        decline_code=failure.code if failure else None,
        advice_code=failure.advice if failure else None,
        trial_end=sub.trial_end,
        failed_at=_failed_at(situation, found.stage),
        created=sub.created,
        livemode=sub.livemode,
        link=link_kind(found.stage, open_invoice=bool(invoice and invoice.is_open), level=level),
        pending=found.pending,
        card=_card(situation),
        price=_price(sub),
        reviving_invoice=sub.latest_invoice,
        evidence=found.evidence,
        payment_methods=views.payment_methods(situation),
        highlevel=views.highlevel_view(situation),
        signature=signature(situation.dossier, sub),
        finding_evidence={finding: proof for finding, proof in also.items() if proof},
        duplicates=others,
        own_customer=duplicate_customers.view(situation.dossier) if others else None,
    )


def _price(sub: Subscription) -> str | None:
    return next((item.price for item in sub.items if item.price), None)


def _failed_at(situation: Situation, where: Stage) -> int | None:
    """The last failure; without a charge, when the invoice was finalised."""
    if situation.failure is not None:
        return situation.failure.at
    if where in (Stage.FAILING, Stage.LOST) and situation.attempted:
        return situation.finalized_at
    if where is Stage.RECOVERED:
        return max((charge.created for charge in situation.own_charges if charge.failed), default=None)
    return None


def _card(situation: Situation) -> CardView | None:
    """The card in question: the one that failed last, else the one that would be charged."""
    named = situation.failure.payment_method if situation.failure else None
    named = named or (situation.effective.id if situation.effective else None)
    return views.card_view(situation, named) if named else None
