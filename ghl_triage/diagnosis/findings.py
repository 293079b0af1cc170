"""What else is worth knowing of a case, beside its cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ghl_triage.diagnosis import findings_highlevel
from ghl_triage.diagnosis.candidate import Candidate
from ghl_triage.diagnosis.duplicates import rivals
from ghl_triage.diagnosis.elsewhere import paid_elsewhere
from ghl_triage.diagnosis.findings_highlevel import Proof
from ghl_triage.diagnosis.locations import OVER
from ghl_triage.diagnosis.observed import fraud_warnings, null_secrets, undelivered_proof
from ghl_triage.diagnosis.rules.state import guarding_dispute, is_stale
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.diagnosis.stage import lost
from ghl_triage.model import Cause, Evidence, Finding, Stage


def findings(
    situation: Situation, stage: Stage, cause: Cause | None, candidate: Candidate
) -> Mapping[Finding, tuple[Evidence, ...]]:
    """The findings of a case, in the order of the model, each with what proves it."""
    queue = stage in (Stage.FAILING, Stage.AT_RISK)
    tests: dict[Finding, Callable[[], Proof]] = {
        Finding.RETRIES_EXHAUSTED: lambda: stage is Stage.FAILING and situation.retries_over,
        Finding.UNPAID_OLDER_INVOICES: lambda: stage is Stage.FAILING and _older_unpaid(situation),
        Finding.CANCEL_SCHEDULED: lambda: _cancel_scheduled(situation),
        Finding.COLLECTION_PAUSED: lambda: situation.sub.collection_paused and cause is not Cause.COLLECTION_PAUSED,
        Finding.DISPUTED: lambda: cause is not Cause.DISPUTED and guarding_dispute(situation) is not None,
        Finding.EARLY_FRAUD_WARNING: lambda: fraud_warnings(situation),
        Finding.DOUBLE_BILLED: lambda: _double_billed(situation),
        Finding.REPLACED: lambda: stage is Stage.ENDED and situation.sub.status in OVER and _replaced(situation),
        Finding.PAID_ELSEWHERE: lambda: paid_elsewhere(situation) if stage is Stage.FAILING else None,
        Finding.SEVERAL_CARDS: lambda: queue and candidate.several,
        Finding.TRIAL_WILL_BE_CANCELED: lambda: _ends_without_method(situation) == "cancel",
        Finding.TRIAL_WILL_BE_PAUSED: lambda: _ends_without_method(situation) == "pause",
        **findings_highlevel.tests(situation),
        Finding.WEBHOOK_UNDELIVERED: lambda: undelivered_proof(situation),
        Finding.CLIENT_SECRET_NULL_LOGGED: lambda: null_secrets(situation),
        Finding.STALE: lambda: stage is Stage.FAILING and is_stale(situation),
    }
    proofs = {finding: proof for finding, test in tests.items() if (proof := test())}
    return {finding: _evidence(proof) for finding, proof in proofs.items()}


def _evidence(proof: Proof) -> tuple[Evidence, ...]:
    if isinstance(proof, Evidence):
        return (proof,)
    return proof if isinstance(proof, tuple) else ()


def _older_unpaid(situation: Situation) -> bool:
    return any(invoice is not situation.invoice for invoice in situation.open_invoices)


def _cancel_scheduled(situation: Situation) -> bool:
    sub = situation.sub
    return sub.status not in OVER and (sub.cancel_at_period_end or sub.cancel_at is not None)


def _double_billed(situation: Situation) -> bool:
    return situation.sub.status == "active" and any(one.sub.status == "active" for one in rivals(situation))


def _replaced(situation: Situation) -> bool:
    return lost(situation) and bool(rivals(situation))


def _ends_without_method(situation: Situation) -> str | None:
    """What Stripe will do at the trial's end, where it finds nothing to charge then."""
    sub, effective = situation.sub, situation.effective
    if sub.status != "trialing" or sub.ends_before_charge:
        return None
    if effective is not None and situation.dossier.attached(effective.id):
        return None
    return sub.missing_payment_method
