"""Trials and cases as the audit's tests need them; each names only what it is about."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC
from typing import Any

from ghl_triage.model import (
    ActionKind,
    Actor,
    Case,
    Cause,
    Confidence,
    Coverage,
    Evidence,
    Finding,
    HighLevelView,
    Path,
    Stage,
)
from ghl_triage.report.audit.audit import About, Audit, audit
from ghl_triage.report.declines import Declines
from ghl_triage.report.rows import ReportCase
from ghl_triage.trial import FailureKind, FirstCharge, SetUp, Trial, TrialState

NOW = 1_795_392_000
"""Monday, 2026-11-23 00:00 UTC."""
DAY, WEEK = 86_400, 604_800
NO_DECLINES = Declines(0, 0, 0, {}, (), {}, (), (), 0, 0, {})
_numbers = itertools.count(1)


def trial(**changes: Any) -> Trial:
    """A trial of the API path, set up off-session, paid at its first charge three days ago."""
    number = next(_numbers)
    usual = Trial(
        subscription=f"sub_{number}",
        customer=f"cus_{number}",
        path=Path.API,
        confidence=Confidence.STRONG,
        price="price_1",
        currency="usd",
        amount=9_700,
        created=NOW - 33 * DAY,
        trial_start=NOW - 33 * DAY,
        trial_end=NOW - 3 * DAY,
        status="active",
        state=TrialState.CONVERTED,
        first_charge=FirstCharge.SUCCEEDED,
        set_up=SetUp.OFF_SESSION,
    )
    return replace(usual, **changes)


def paid(count: int, **changes: Any) -> list[Trial]:
    """So many that were paid at once."""
    return [trial(**changes) for _ in range(count)]


def refused(count: int, kind: FailureKind, **changes: Any) -> list[Trial]:
    """So many whose first charge was refused."""
    usual: dict[str, Any] = {"first_charge": FirstCharge.FAILED, "failure": kind, "state": TrialState.OPEN}
    return [trial(**(usual | changes)) for _ in range(count)]


def empty_handed(count: int, kind: FailureKind = FailureKind.NO_DEFAULT, **changes: Any) -> list[Trial]:
    """So many that had nothing to charge."""
    usual: dict[str, Any] = {
        "first_charge": FirstCharge.NO_METHOD,
        "failure": kind,
        "state": TrialState.NO_CARD,
        "set_up": SetUp.ATTACHED_ONLY,
    }
    return [trial(**(usual | changes)) for _ in range(count)]


def running(count: int, **changes: Any) -> list[Trial]:
    """So many in their second week."""
    usual: dict[str, Any] = {
        "first_charge": FirstCharge.NOT_DUE,
        "state": TrialState.RUNNING,
        "status": "trialing",
        "created": NOW - 10 * DAY,
        "trial_end": NOW + 20 * DAY,
        "ready_at_start": True,
    }
    return [trial(**(usual | changes)) for _ in range(count)]


def row(cause: Cause | None = Cause.CARD_NOT_DEFAULT, **changes: Any) -> ReportCase:
    """A failing case of the API path with $97.00 at risk, to which fix_default applies."""
    number = next(_numbers)
    usual = ReportCase(
        subscription=f"sub_{number}",
        customer=f"cus_{number}",
        email=f"jane{number}@acme.test",
        name="Jane Roe",
        path=Path.API,
        stage=Stage.FAILING,
        cause=cause,
        actor=Actor.CONSULTANT,
        findings=(Finding.NOT_IN_HIGHLEVEL,),
        amount=9_700,
        currency="usd",
        price="price_1",
        code="",
        advice="",
        brand="visa",
        funding="credit",
        country="US",
        attempts=0,
        status="past_due",
        trial_end=NOW - 3 * DAY,
        failed_at=NOW - 3 * DAY,
        created=NOW - 33 * DAY,
        invoice=f"in_{number}",
        first_action=ActionKind.FIX_DEFAULT,
    )
    return replace(usual, **changes)


def whole(case: ReportCase) -> Case:
    """The same case with its evidence, in which an e-mail address stands."""
    return Case(
        subscription=case.subscription,
        customer=case.customer,
        email=case.email,
        name=case.name,
        path=case.path,
        path_confidence=Confidence.STRONG,
        path_evidence="",
        status=case.status,
        stage=case.stage,
        cause=case.cause,
        findings=case.findings,
        actor=case.actor,
        recommended=(),
        blocked={},
        amount_at_risk=case.amount,
        currency=case.currency,
        invoice=case.invoice,
        attempts=case.attempts,
        next_retry_at=None,
        effective_payment_method=None,
        effective_level=None,
        candidate_payment_method=None,
        decline_code=None,
        advice_code=None,
        trial_end=case.trial_end,
        failed_at=case.failed_at,
        created=case.created,
        livemode=False,
        evidence=(
            Evidence(case.customer, "invoice_settings.default_payment_method", "null", NOW - DAY),
            Evidence("cus_other", "email", f"{case.email} <here>"),
        ),
        highlevel=HighLevelView(),
    )


def audited(cases: list[ReportCase], trials: list[Trial], **changes: Any) -> Audit:
    """The audit of these."""
    known = {case.subscription: case for case in cases}
    about = About(NOW, "Acme", False, NOW - 60, "UTC", False, Coverage(charges_since=NOW - 60 * DAY))
    return audit(
        cases,
        trials,
        about=replace(about, **changes),
        zone=UTC,
        cases_of=lambda wanted: [whole(known[each]) for each in wanted],
        declines=NO_DECLINES,
    )
