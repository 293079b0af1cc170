"""Invoices by themselves: drafts, finalisation, and how they end. Who pays them is the business of collection.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ghl_triage.sandbox.engine import customers
from ghl_triage.sandbox.engine.api import Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import flag, integer, merged_metadata, required, rows, text
from ghl_triage.sandbox.engine.shapes import intents
from ghl_triage.sandbox.engine.shapes import invoice as shapes
from ghl_triage.sandbox.engine.state import State


def subscription_id(invoice: Obj) -> str | None:
    """The subscription that made this invoice."""
    parent = invoice["parent"]
    found: str | None = parent["subscription_details"]["subscription"] if parent else None
    return found


def subscription_of(state: State, invoice: Obj) -> Obj | None:
    """The subscription that made this invoice, as it is now."""
    return state.find("subscription", subscription_id(invoice))


def draft(state: State, customer_id: str, lines: Callable[[str], Sequence[Obj]], currency: str, **fields: Any) -> Obj:
    """A draft invoice; `lines` makes its lines for its id."""
    customer = customers.with_currency(state, customers.get(state, customer_id), currency)
    invoice_id = state.make_id("invoice")
    made = shapes.invoice(invoice_id, state.now, customer, lines(invoice_id), currency=currency, **fields)
    return state.add(made, event="invoice.created")


def create(state: State, params: Params) -> Obj:
    """An invoice by hand, with its lines given as amounts."""
    given = rows(params, "lines") or [params]

    def lines(invoice_id: str) -> list[Obj]:
        return [
            shapes.line(
                state.ids.other("il_1", 23),
                invoice_id,
                integer(row, "amount") or 0,
                currency,
                text(row, "description") or "Item",
                period={"end": state.now, "start": state.now},
            )
            for row in given
        ]

    currency = (text(params, "currency") or "usd").lower()
    subscription = state.find("subscription", text(params, "subscription"))
    parent = subscription and shapes.subscription_parent(subscription["id"], subscription["metadata"])
    return draft(
        state,
        required(params, "customer"),
        lines,
        currency,
        application=state.application,
        auto_advance=flag(params, "auto_advance"),
        billing_reason="manual",
        collection_method=text(params, "collection_method") or "charge_automatically",
        metadata=merged_metadata(None, params),
        parent=parent,
    )


def update(state: State, invoice_id: str, params: Params) -> Obj:
    """Changes what may still be changed."""
    invoice = state.get("invoice", invoice_id, "invoice")
    changes: dict[str, Any] = {}
    if "auto_advance" in params:
        changes["auto_advance"] = flag(params, "auto_advance")
    for name in ("default_payment_method", "default_source", "description"):
        if name in params:
            changes[name] = text(params, name)
    if "metadata" in params:
        changes["metadata"] = merged_metadata(invoice["metadata"], params)
    if invoice["status"] in {"paid", "void"} and set(changes) - {"metadata"}:
        raise StripeError(
            f"This invoice is {invoice['status']} and can no longer be edited.", code="invoice_not_editable"
        )
    return state.change(invoice, "invoice.updated", **changes)


def finalize(state: State, invoice: Obj) -> Obj:
    """Opens a draft: number, pages, and the PaymentIntent that will pay it. A free one is paid at once.

    A draft whose tax cannot be worked out stays one, with `last_finalization_error`.
    """
    customer = customers.get(state, invoice["customer"])
    if invoice["automatic_tax"]["enabled"] and customer["address"] is None:
        return state.change(
            invoice,
            "invoice.finalization_failed",
            automatic_tax=shapes.TAX_LACKS_ADDRESS,
            last_finalization_error=shapes.TAX_ERROR,
        )
    sequence = customer["next_invoice_sequence"]
    state.change(customer, next_invoice_sequence=sequence + 1)
    page = f"{invoice['id'][3:]}/{state.ids.characters(10)}"
    tax: dict[str, Any] = {"automatic_tax": shapes.TAX_DONE} if invoice["automatic_tax"]["enabled"] else {}
    opened = state.change(
        invoice,
        automatically_finalizes_at=None,
        customer_email=customer["email"],
        customer_name=customer["name"],
        due_date=invoice["due_date"] or _due(state, invoice),
        effective_at=state.now,
        ending_balance=0,
        hosted_invoice_url=f"https://invoice.stripe.com/i/test/{page}",
        invoice_pdf=f"https://pay.stripe.com/invoice/{page}/pdf",
        last_finalization_error=None,
        number=f"{customer['invoice_prefix']}-{sequence:04d}",
        status="open",
        status_transitions={**invoice["status_transitions"], "finalized_at": state.now},
        **tax,
    )
    if opened["amount_due"] > 0:
        _make_payable(state, opened)
        state.emit("invoice.finalized", opened)
        return opened
    state.emit("invoice.finalized", opened)
    return paid(state, opened, 0)


def _due(state: State, invoice: Obj) -> int | None:
    if invoice["collection_method"] != "send_invoice":
        return None
    subscription = subscription_of(state, invoice)
    days = (subscription["days_until_due"] if subscription else None) or 30
    return state.now + int(days) * 86_400


def _make_payable(state: State, invoice: Obj) -> None:
    intent_id = state.make_id("payment_intent")
    first = invoice["billing_reason"] == "subscription_create"
    automatic = invoice["collection_method"] == "charge_automatically"
    subscription = subscription_of(state, invoice)
    types = subscription["payment_settings"]["payment_method_types"] if subscription else None
    reason = "creation" if first else "update"
    intent = intents.payment_intent(
        intent_id,
        state.now,
        state.ids.secret(intent_id),
        invoice["amount_remaining"],
        invoice["currency"],
        application=invoice["application"],
        customer=invoice["customer"],
        description=f"Subscription {reason}" if subscription else f"Payment for Invoice {invoice['number']}",
        payment_method_types=types or ["card"],
        setup_future_usage="off_session" if first and automatic else None,
    )
    state.private.payers[intent_id] = invoice["id"]
    state.add(shapes.invoice_payment(state.make_id("invoice_payment"), state.now, invoice, intent_id))
    state.add(intent, event="payment_intent.created")


def payment_of(state: State, invoice: Obj) -> Obj | None:
    """The newest payment of an invoice; drafts and free ones have none."""
    payments = state.table("invoice_payment")
    key = next(payments.having("invoice", invoice["id"]).descending(1 << 128, 0), None)
    return None if key is None else payments.objects[key]


def intent_of(state: State, invoice: Obj) -> Obj | None:
    """The PaymentIntent that pays an invoice."""
    payment = payment_of(state, invoice)
    return None if payment is None else state.get("payment_intent", payment["payment"]["payment_intent"])


def money_on_its_way(state: State, invoice: Obj) -> bool:
    """Whether a bank debit of it is neither done nor refused yet."""
    intent = intent_of(state, invoice)
    return intent is not None and intent["status"] == "processing"


def paid(state: State, invoice: Obj, amount: int, *, by_intent: bool = True, automatic: bool = False) -> Obj:
    """The invoice is paid: by its PaymentIntent, or outside of Stripe."""
    if invoice["status"] == "paid":
        return invoice
    payment = payment_of(state, invoice)
    transitions = {"canceled_at": None, "paid_at": state.now}
    if payment is not None and by_intent:
        state.change(payment, "invoice_payment.paid", amount_paid=amount, status="paid", status_transitions=transitions)
    done = state.change(
        invoice,
        amount_paid=invoice["amount_due"],
        amount_paid_off_stripe=0 if by_intent else invoice["amount_due"],
        amount_remaining=0,
        attempt_count=invoice["attempt_count"] + 1 if automatic else invoice["attempt_count"],
        attempted=True,
        auto_advance=False,
        next_payment_attempt=None,
        status="paid",
        status_details=None,
        status_transitions={**invoice["status_transitions"], "paid_at": state.now},
    )
    state.private.dunning.pop(invoice["id"], None)
    before = {"status": invoice["status"], "amount_remaining": invoice["amount_remaining"]}
    state.emit("invoice.updated", done, before)
    state.emit("invoice.paid", done)
    if by_intent:
        state.emit("invoice.payment_succeeded", done)
    return done


def void(state: State, invoice: Obj) -> Obj:
    """Declares an open invoice never to have been due; its PaymentIntent is canceled with it."""
    if invoice["status"] not in {"open", "uncollectible"}:
        raise StripeError(f"You can only void an open invoice: this one is {invoice['status']}.", code=None)
    abandon_payment(state, invoice, "void_invoice")
    return state.change(
        invoice,
        "invoice.voided",
        auto_advance=False,
        next_payment_attempt=None,
        status="void",
        status_transitions={**invoice["status_transitions"], "voided_at": state.now},
    )


def abandon_payment(state: State, invoice: Obj, reason: str) -> None:
    """Cancels the PaymentIntent of an invoice and its tie, unless money is on its way."""
    payment, intent = payment_of(state, invoice), intent_of(state, invoice)
    if payment is None or intent is None or intent["status"] in {"succeeded", "canceled"}:
        return
    if intent["status"] == "processing":
        raise StripeError(
            "You can't do that while a payment of this invoice is processing.", code="payment_intent_unexpected_state"
        )
    state.change(
        intent,
        "payment_intent.canceled",
        canceled_at=state.now,
        cancellation_reason=reason,
        next_action=None,
        status="canceled",
    )
    state.change(payment, status="canceled", status_transitions={"canceled_at": state.now, "paid_at": None})


def mark_uncollectible(state: State, invoice: Obj) -> Obj:
    """Gives an open invoice up. It can still be paid."""
    if invoice["status"] != "open":
        raise StripeError(f"You can only mark an open invoice as uncollectible: this one is {invoice['status']}.")
    return state.change(
        invoice,
        "invoice.marked_uncollectible",
        auto_advance=False,
        next_payment_attempt=None,
        status="uncollectible",
        status_transitions={**invoice["status_transitions"], "marked_uncollectible_at": state.now},
    )


def stop_collecting(state: State, subscription: Obj) -> None:
    """No more attempts for the invoices of a subscription that has ended or stands still."""
    table = state.table("invoice")
    for key in list(table.having("subscription", subscription["id"]).ascending(-1, 1 << 128)):
        invoice = table.objects[key]
        if invoice["status"] in {"draft", "open"}:
            state.change(invoice, "invoice.updated", auto_advance=False, next_payment_attempt=None)
