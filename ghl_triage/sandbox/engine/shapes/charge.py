"""Charges, refunds, disputes, fraud warnings."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine.api import Decline, Obj

_CHARGE: Obj = {
    "object": "charge",
    "amount_captured": 0,
    "amount_refunded": 0,
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "balance_transaction": None,
    "calculated_statement_descriptor": "SANDBOX",
    "captured": False,
    "customer": None,
    "description": None,
    "disputed": False,
    "failure_balance_transaction": None,
    "failure_code": None,
    "failure_message": None,
    "fraud_details": {},
    "livemode": False,
    "metadata": {},
    "on_behalf_of": None,
    "outcome": None,
    "paid": False,
    "radar_options": {},
    "receipt_email": None,
    "receipt_number": None,
    "receipt_url": None,
    "refunded": False,
    "review": None,
    "shipping": None,
    "source_transfer": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}
_APPROVED: Obj = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 12,
    "seller_message": "Payment complete.",
    "type": "authorized",
}
_SCORES = {"normal": 21, "elevated": 68, "highest": 92}
_NO_EVIDENCE: Obj = {
    "access_activity_log": None,
    "billing_address": None,
    "cancellation_policy": None,
    "cancellation_policy_disclosure": None,
    "cancellation_rebuttal": None,
    "customer_communication": None,
    "customer_email_address": None,
    "customer_name": None,
    "customer_purchase_ip": None,
    "customer_signature": None,
    "duplicate_charge_documentation": None,
    "duplicate_charge_explanation": None,
    "duplicate_charge_id": None,
    "enhanced_evidence": {},
    "product_description": None,
    "receipt": None,
    "refund_policy": None,
    "refund_policy_disclosure": None,
    "refund_refusal_explanation": None,
    "service_date": None,
    "service_documentation": None,
    "shipping_address": None,
    "shipping_carrier": None,
    "shipping_date": None,
    "shipping_documentation": None,
    "shipping_tracking_number": None,
    "uncategorized_file": None,
    "uncategorized_text": None,
}


def charge(charge_id: str, created: int, intent: Obj, method: Obj, details: Obj, **fields: Any) -> Obj:
    """A try to take money for a PaymentIntent."""
    return {
        **_CHARGE,
        "id": charge_id,
        "amount": intent["amount"],
        "application": intent["application"],
        "billing_details": method["billing_details"],
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "metadata": intent["metadata"],
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": details,
        **fields,
    }


def approved() -> Obj:
    """`outcome` of a charge that went through."""
    return _APPROVED


def refused(decline: Decline, rule: str | None) -> Obj:
    """`outcome` of a refusal by the issuer or, for type `blocked`, by Stripe."""
    blocked = decline.outcome_type == "blocked"
    outcome = {
        "advice_code": decline.advice_code,
        "network_advice_code": decline.network_advice_code,
        "network_decline_code": decline.network_decline_code,
        "network_status": "not_sent_to_network" if blocked else "declined_by_network",
        "reason": decline.reason or decline.decline_code or decline.code,
        "risk_level": decline.risk_level,
        "risk_score": _SCORES.get(decline.risk_level, 21),
        "seller_message": "Stripe blocked this payment."
        if blocked
        else "The bank did not return any further details with this decline.",
        "type": decline.outcome_type,
    }
    return {**outcome, "rule": rule} if rule else outcome


def refund(refund_id: str, created: int, source: Obj, amount: int, reason: str | None) -> Obj:
    """Money given back."""
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": source["id"],
        "created": created,
        "currency": source["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": source["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def dispute(dispute_id: str, created: int, source: Obj, amount: int, reason: str, status: str) -> Obj:
    """A customer's bank takes the money back, or asks about it (`warning_...`)."""
    warning = status.startswith("warning")
    card = source["payment_method_details"].get("card") or {"brand": "visa"}
    return {
        "id": dispute_id,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": source["id"],
        "created": created,
        "currency": source["currency"],
        "enhanced_eligibility_types": [],
        "evidence": _NO_EVIDENCE,
        "evidence_details": {
            "due_by": created + 14 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": warning,
        "livemode": False,
        "metadata": {},
        "payment_intent": source["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "case_type": "inquiry" if warning else "chargeback",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": status,
    }


def fraud_warning(warning_id: str, created: int, source: Obj, fraud_type: str) -> Obj:
    """An issuer says that a charge may be fraud."""
    return {
        "id": warning_id,
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": source["id"],
        "created": created,
        "fraud_type": fraud_type,
        "livemode": False,
        "payment_intent": source["payment_intent"],
    }
