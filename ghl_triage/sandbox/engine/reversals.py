"""Money that goes back: refunds, disputes, fraud warnings; and mandates that are withdrawn."""

from __future__ import annotations

from ghl_triage.sandbox.engine.api import Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import integer, required, text
from ghl_triage.sandbox.engine.shapes import charge as shapes
from ghl_triage.sandbox.engine.state import State


def refund(state: State, params: Params) -> Obj:
    """Gives money back, in whole or in part."""
    charge_id = text(params, "charge")
    if charge_id is None:
        charge_id = state.get("payment_intent", required(params, "payment_intent"), "payment_intent")["latest_charge"]
    charge = state.get("charge", charge_id or "", "charge")
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = integer(params, "amount") or left
    if charge["status"] != "succeeded" or left <= 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        raise StripeError(f"Refund amount ({amount}) is greater than unrefunded amount ({left}).", param="amount")
    given = charge["amount_refunded"] + amount
    made = shapes.refund(state.make_id("refund"), state.now, charge, amount, text(params, "reason"))
    state.add(made, event="refund.created")
    state.change(charge, "charge.refunded", amount_refunded=given, refunded=given >= charge["amount"])
    return made


def open_dispute(state: State, charge_id: str, params: Params) -> Obj:
    """The customer's bank disputes a charge."""
    charge = state.get("charge", charge_id, "charge")
    made = shapes.dispute(
        state.make_id("dispute"),
        state.now,
        charge,
        integer(params, "amount") or charge["amount"],
        text(params, "reason") or "fraudulent",
        text(params, "status") or "needs_response",
    )
    state.change(charge, "charge.updated", disputed=True)
    return state.add(made, event="charge.dispute.created")


def close_dispute(state: State, dispute_id: str, params: Params) -> Obj:
    """A dispute goes on (`under_review`) or ends (`won`, `lost`, `warning_closed`)."""
    dispute = state.get("dispute", dispute_id, "dispute")
    status = required(params, "status")
    evidence = {**dispute["evidence_details"], "has_evidence": True, "submission_count": 1}
    event = "charge.dispute.updated" if status.endswith("under_review") else "charge.dispute.closed"
    return state.change(dispute, event, status=status, evidence_details=evidence)


def warn_of_fraud(state: State, charge_id: str, params: Params) -> Obj:
    """The card's issuer suspects fraud."""
    charge = state.get("charge", charge_id, "charge")
    kind = text(params, "fraud_type") or "made_with_stolen_card"
    warning_id = state.make_id("radar.early_fraud_warning")
    return state.add(
        shapes.fraud_warning(warning_id, state.now, charge, kind), event="radar.early_fraud_warning.created"
    )


def set_mandate(state: State, mandate_id: str, params: Params) -> Obj:
    """A mandate is withdrawn or comes into force."""
    mandate = state.get("mandate", mandate_id, "mandate")
    return state.change(mandate, "mandate.updated", status=required(params, "status"))
