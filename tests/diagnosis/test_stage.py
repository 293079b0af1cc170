"""The stage comes first, and the amounts that follow from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ghl_triage.model import Actor, Cause, Finding, Stage
from tests.diagnosis.build import DAY, FINALIZED, HOUR, NOW, TRIAL_END, World, failing, price, refused, trial


def paid_after(failed_at: int | None, *, status: str = "active") -> World:
    world = World()
    world.sub(status)
    world.card(default="customer")
    if failed_at is not None:
        world.declined("pm_visa", "insufficient_funds", at=failed_at)
    world.invoice(
        status="paid", amount_remaining=0, status_transitions={"finalized_at": FINALIZED, "paid_at": NOW - HOUR}
    )
    return world


def just_ended(invoice: str | None, *, attempted: bool = False, ended: int = HOUR) -> World:
    """Active, the trial just over, no card."""
    world = World()
    world.sub("active", trial_end=NOW - ended, latest_invoice="in_1")
    if invoice:
        world.invoice(status=invoice, attempted=attempted, created=NOW - ended + 60)
    return world


def unknown_status(invoice: str, *, attempted: bool = True) -> World:
    world = failing(status="hibernating", latest_invoice="in_1")
    world.invoice(status=invoice, attempted=attempted)
    return world


CASES: list[tuple[str, Callable[[], World], Stage]] = [
    *[(status, lambda status=status: failing(status=status), Stage.FAILING) for status in ("past_due", "unpaid")],
    ("incomplete", lambda: failing(status="incomplete"), Stage.FAILING),
    ("paused", lambda: failing(status="paused"), Stage.FAILING),
    ("trial without a card", trial, Stage.AT_RISK),
    ("trial that ends by choice", lambda: trial(cancel_at_period_end=True), Stage.ENDED),
    ("trial canceled at its end", lambda: trial(cancel_at=NOW + 7 * DAY), Stage.ENDED),
    ("trial canceled a month later", lambda: trial(cancel_at=NOW + 37 * DAY), Stage.AT_RISK),
    ("trial that is mailed", lambda: trial(collection_method="send_invoice"), Stage.HEALTHY),
    ("trial of nothing", lambda: trial(items={"data": [{"id": "si", "price": price(0)}]}), Stage.HEALTHY),
    ("trial just over, draft", lambda: just_ended("draft"), Stage.AT_RISK),
    ("trial just over, open and untried", lambda: just_ended("open"), Stage.AT_RISK),
    ("trial just over, tried", lambda: just_ended("open", attempted=True), Stage.HEALTHY),
    ("trial just over, invoice not seen", lambda: just_ended(None), Stage.HEALTHY),
    ("trial over for two days", lambda: just_ended("draft", ended=2 * DAY), Stage.HEALTHY),
    ("active", lambda: paid_after(None), Stage.HEALTHY),
    ("active after a failure", lambda: paid_after(FINALIZED + 60), Stage.RECOVERED),
    ("active after an old failure", lambda: paid_after(NOW - 61 * DAY), Stage.HEALTHY),
    ("canceled by choice", lambda: paid_after(None, status="canceled"), Stage.ENDED),
    ("unknown status, invoice open and tried", lambda: unknown_status("open"), Stage.FAILING),
    ("unknown status, invoice paid", lambda: unknown_status("paid"), Stage.HEALTHY),
    ("unknown status, invoice untried", lambda: unknown_status("open", attempted=False), Stage.HEALTHY),
]


@pytest.mark.parametrize(("build", "stage"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_stage(build: Callable[[], World], stage: Stage) -> None:
    case = build().case()
    assert case.stage is stage
    assert (case.cause is None) == (stage in (Stage.HEALTHY, Stage.RECOVERED, Stage.ENDED))


def test_an_unknown_status_is_shown_as_it_came() -> None:
    assert unknown_status("open").case().status == "hibernating"


def test_a_lost_one_that_was_replaced_is_over() -> None:
    world = failing(status="incomplete_expired")
    world.sub("trialing", "sub_2")
    case = world.case()
    assert (case.stage, case.cause) == (Stage.ENDED, None)
    assert Finding.REPLACED in case.findings
    assert case.actor is Actor.NOBODY


def test_a_scheduled_end_does_not_hide_a_failure() -> None:
    world = refused("insufficient_funds")
    world.objects["subscriptions"]["sub_1"]["cancel_at_period_end"] = True
    case = world.case()
    assert (case.stage, case.cause) == (Stage.FAILING, Cause.SOFT_DECLINE)
    assert Finding.CANCEL_SCHEDULED in case.findings


def test_a_trial_offer_of_an_item_is_a_trial() -> None:
    world = trial(trial_end=None, trial_start=None)
    end = NOW + 5 * DAY
    item = {"id": "si", "quantity": 2, "price": price(), "current_trial": {"end_date": end, "start_date": NOW - DAY}}
    world.objects["subscriptions"]["sub_1"]["items"] = {"data": [item]}
    case = world.case()
    assert (case.stage, case.trial_end, case.amount_at_risk) == (Stage.AT_RISK, end, 2 * 9_700)


def test_amounts() -> None:
    paused = World()
    paused.sub("paused")
    paused.invoice()
    assert paused.case().amount_at_risk == 9_700
    partly = failing()
    partly.invoice(amount_remaining=4_000)
    partly.invoice("in_old", created=TRIAL_END - 30 * DAY, amount_remaining=100)
    assert partly.case().amount_at_risk == 4_100
    draft = World()
    draft.sub()
    draft.invoice(status="draft", created=NOW - DAY, attempted=False, amount_remaining=9_700)
    assert (draft.case().cause, draft.case().amount_at_risk) == (Cause.INVOICE_NOT_FINALIZED, 9_700)
    assert paid_after(None).case().amount_at_risk == 0
    tiers = trial(items={"data": [{"id": "si", "price": price(None)}]})
    assert tiers.case().amount_at_risk == 0
