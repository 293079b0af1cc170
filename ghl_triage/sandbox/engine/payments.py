"""Invoices paid and ended by hand: by a request of the seller's, or by the customer on the invoice's page."""

from __future__ import annotations

from ghl_triage.sandbox.engine import charges, collection, invoices, payment_methods, standing
from ghl_triage.sandbox.engine.api import Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import flag, text
from ghl_triage.sandbox.engine.state import State

#: A manually finalised invoice that advances by itself is tried this much later.
FIRST_TRY_SECONDS = 3_600


def finalize(state: State, invoice_id: str, params: Params) -> Obj:
    """Finalises by hand; one that advances by itself is tried an hour later."""
    invoice = state.get("invoice", invoice_id, "invoice")
    if invoice["status"] != "draft":
        raise StripeError(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.", code="invoice_not_editable"
        )
    if "auto_advance" in params:
        invoice = state.change(invoice, auto_advance=flag(params, "auto_advance"))
    opened = invoices.finalize(state, invoice)
    if opened["last_finalization_error"]:
        error = opened["last_finalization_error"]
        raise StripeError(error["message"], code=error["code"])
    if opened["status"] == "open" and opened["auto_advance"]:
        state.schedule(state.now + FIRST_TRY_SECONDS, "collect_invoice", opened["id"])
    return opened


def pay(state: State, invoice_id: str, params: Params) -> Obj:
    """`POST /v1/invoices/{id}/pay`: a payment by hand, off-session unless it says otherwise."""
    invoice = _payable(state, invoice_id)
    if flag(params, "paid_out_of_band") or flag(params, "forgive"):
        invoices.abandon_payment(state, invoice, "automatic")
        done = invoices.paid(state, invoice, invoice["amount_due"], by_intent=False)
        subscription = invoices.subscription_of(state, done)
        if subscription is not None:
            standing.paid(state, subscription, done, None)
        return done
    named = text(params, "payment_method") or text(params, "source")
    if named is not None:
        method = payment_methods.owned(state, named, invoice["customer"], "payment_method")
    else:
        method_id = collection.effective_for(state, invoice)
        if method_id is None:
            raise no_method()
        method = payment_methods.find(state, method_id)
    intent = invoices.intent_of(state, invoice)
    if intent is None:
        raise StripeError("This invoice has nothing to pay.", code="invoice_no_payment_required")
    tried = charges.attempt(state, intent, method, off_session=flag(params, "off_session", default=True))
    done = collection.after(state, tried, automatic=False, by_api=True)
    if tried.decline is not None:
        raise tried.error()
    if tried.intent["status"] == "requires_action":
        raise StripeError(
            "Payment for this invoice requires additional user action before it can be completed successfully.",
            code="invoice_payment_intent_requires_action",
            status=402,
            type="card_error",
            payment_intent=tried.intent["id"],
        )
    return done


def no_method() -> StripeError:
    """Stripe's refusal where nothing could be charged."""
    return StripeError(
        "This customer has no attached payment source or default payment method. Please consider adding a default"
        " payment method. For more information, visit"
        " https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
        code="resource_missing",
    )


def _payable(state: State, invoice_id: str) -> Obj:
    invoice = state.get("invoice", invoice_id, "invoice")
    if invoice["status"] == "paid":
        raise StripeError("Invoice is already paid")
    if invoice["status"] == "void":
        raise StripeError("This invoice is voided: it can no longer be paid.", code="invoice_not_editable")
    if invoice["status"] == "draft":
        raise StripeError("This invoice is a draft: finalize it before paying it.", code="invoice_not_editable")
    return invoice


def pay_on_page(state: State, invoice: Obj, method: Obj, outcome: str) -> Obj:
    """The customer pays on the hosted page: on-session; as a rule the card is kept for later."""
    invoice = _payable(state, invoice["id"])
    intent = invoices.intent_of(state, invoice)
    if intent is None:
        raise StripeError("This invoice has nothing to pay.", code="invoice_no_payment_required")
    if _keeps_card(state, invoice):
        intent = state.change(intent, setup_future_usage="off_session")
    tried = charges.attempt(state, intent, method, off_session=False)
    if tried.intent["status"] == "requires_action" and outcome != "abandon":
        tried = charges.attempt(state, tried.intent, method, off_session=False, challenge=outcome)
    return collection.after(state, tried, automatic=False)


def _keeps_card(state: State, invoice: Obj) -> bool:
    subscription = invoices.subscription_of(state, invoice)
    settings = subscription["payment_settings"] if subscription else {}
    saved = settings.get("save_default_payment_method") == "on_subscription"
    return saved or state.beliefs.hosted_invoice_saves_card


def void(state: State, invoice_id: str, _params: Params) -> Obj:
    """Voids by hand."""
    return invoices.void(state, state.get("invoice", invoice_id, "invoice"))


def mark_uncollectible(state: State, invoice_id: str, _params: Params) -> Obj:
    """Gives up by hand."""
    return invoices.mark_uncollectible(state, state.get("invoice", invoice_id, "invoice"))
