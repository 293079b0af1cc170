"""The engine: every operation, under the name of Stripe's resource. What each does stands in its family's module.

`params` are those of the API; unknown ones are ignored here (the HTTP room refuses them). An operation returns the
stored object that it made or changed, or raises StripeError.
"""

from __future__ import annotations

from typing import Any, Literal

from ghl_triage.sandbox.engine import (
    cards,
    catalogue,
    checkout,
    completions,
    customers,
    invoices,
    payment_intents,
    payment_methods,
    payments,
    portal,
    reversals,
    setup_intents,
    subscriptions,
    test_clocks,
)
from ghl_triage.sandbox.engine.api import CardSpec, Obj, Params
from ghl_triage.sandbox.engine.beliefs import Beliefs
from ghl_triage.sandbox.engine.core import Core
from ghl_triage.sandbox.engine.ids import Ids
from ghl_triage.sandbox.engine.state import State

_NONE: Params = {}


class Engine(Core):
    """A Stripe account in memory. The text of an operation names the parameters that it knows."""

    def __init__(
        self,
        seed: str,
        now: int,
        beliefs: Beliefs | None = None,
        *,
        name: str = "Course Creator 360",
        parent: Core | None = None,
        ids: Ids | None = None,
    ) -> None:
        shared = None if parent is None else parent.state.shared
        super().__init__(State(seed, now, beliefs or Beliefs(), shared, ids))
        if parent is None:
            catalogue.open_account(self.state, name)

    def child(self, seed: str, now: int, beliefs: Beliefs | None = None, ids: Ids | None = None) -> Engine:
        """An empty engine with the same account, prices and products: to play a story in, then `export_cell`.

        `ids` makes the ids in place of the seed; code that wants marks for ids brings its own. An engine never cuts an
        id or takes it apart.
        """
        return Engine(seed, now, beliefs or self.beliefs, parent=self, ids=ids)

    # The account's own ----------------------------------------------------------------------------------------------
    def create_product(self, params: Params) -> Obj:
        return self._do(catalogue.create_product, params)

    def create_price(self, params: Params) -> Obj:
        return self._do(catalogue.create_price, params)

    def update_product(self, product: str, params: Params) -> Obj:
        """active, metadata, name."""
        return self._do(catalogue.update_product, product, params)

    def update_price(self, price: str, params: Params) -> Obj:
        """active, metadata, nickname."""
        return self._do(catalogue.update_price, price, params)

    def create_application(self, params: Params) -> Obj:
        """params: id (optional), name. A Connect platform such as HighLevel."""
        return self._do(catalogue.create_application, params)

    # Test clocks ----------------------------------------------------------------------------------------------------
    def create_test_clock(self, params: Params) -> Obj:
        """frozen_time, name. Customers made with `test_clock` live by it, whatever the engine's own clock says."""
        return test_clocks.create(self, self.test_clocks, params)

    def advance_test_clock(self, clock: str, params: Params) -> Obj:
        """frozen_time. It is `advancing` until `read_test_clock` has been asked twice."""
        return test_clocks.advance(self, self.test_clocks, clock, params)

    def read_test_clock(self, clock: str) -> Obj:
        """As a request sees it."""
        return test_clocks.read(self, self.test_clocks, clock)

    def delete_test_clock(self, clock: str) -> Obj:
        """With its customers and all that is theirs."""
        return test_clocks.delete(self, self.test_clocks, clock)

    # Customers and cards --------------------------------------------------------------------------------------------
    def create_customer(self, params: Params = _NONE) -> Obj:
        """email, name, phone, description, metadata, payment_method, invoice_settings, source, address, test_clock."""
        if (home := self.test_clocks.home(params)) is not None:
            test_clocks.admit(home.state)
        return self._do(customers.create, params)

    def update_customer(self, customer: str, params: Params) -> Obj:
        """The same, and default_source."""
        return self._do(customers.update, customer, params)

    def delete_customer(self, customer: str) -> Obj:
        self._run(subscriptions.end_all, customer)
        return self._do(customers.delete, customer)

    def create_source(self, customer: str, params: Params) -> Obj:
        """A legacy card: `source`: a token. Becomes the default source when there is none."""
        return self._do(customers.create_source, customer, params)

    def delete_source(self, customer: str, source: str) -> Obj:
        return self._do(customers.delete_source, customer, source)

    def issue_card(self, spec: CardSpec) -> str:
        """A bank issues a card: a token `tok_...` that `card[token]` and `source` take, any number of times."""
        return cards.issue(self.state, spec)

    def set_bank(self, card: str, spec: CardSpec) -> None:
        """From now on the bank treats the plastic behind this token, PaymentMethod or source so: funds arrive, card
        lost.
        """
        state = self._home(card)
        state.private.banks[cards.fingerprint_of(state, card)] = spec

    def bank(self, card: str) -> CardSpec:
        """How the bank treats it now."""
        return cards.bank(self.state, card)

    def create_payment_method(self, params: Params) -> Obj:
        """type=card, card[token] (Stripe's test tokens or issued ones) or card[number,exp_month,exp_year];
        us_bank_account and sepa_debit with the same `card[token]` of an issued account.
        """
        return self._do(payment_methods.create, params)

    def attach_payment_method(self, payment_method: str, params: Params) -> Obj:
        """customer. `pm_card_...` test ids make a new PaymentMethod."""
        return self._do(payment_methods.attach, payment_method, params)

    def detach_payment_method(self, payment_method: str) -> Obj:
        return self._do(payment_methods.detach, payment_method)

    def update_payment_method(self, payment_method: str, params: Params) -> Obj:
        """card[exp_month, exp_year], billing_details, metadata."""
        return self._do(payment_methods.update, payment_method, params)

    def renew_card_automatically(self, payment_method: str, params: Params) -> Obj:
        """The card network's updater: card[exp_month, exp_year]; event payment_method.automatically_updated."""
        return payment_methods.update(self.state, payment_method, params, "payment_method.automatically_updated")

    # Set-ups and payments -------------------------------------------------------------------------------------------
    def create_setup_intent(self, params: Params) -> Obj:
        """customer, payment_method, usage, confirm, payment_method_types, metadata."""
        return self._do(setup_intents.create, params)

    def confirm_setup_intent(self, setup_intent: str, params: Params = _NONE) -> Obj:
        """payment_method or payment_method_data[card][token]. With 3DS it ends in requires_action: see authenticate."""
        return self._do(setup_intents.confirm, setup_intent, params)

    def cancel_setup_intent(self, setup_intent: str, params: Params = _NONE) -> Obj:
        return self._do(setup_intents.cancel, setup_intent, params)

    def create_payment_intent(self, params: Params) -> Obj:
        """amount, currency, customer, payment_method, confirm, off_session, setup_future_usage, capture_method,
        metadata.
        """
        return self._do(payment_intents.create, params)

    def confirm_payment_intent(self, payment_intent: str, params: Params = _NONE) -> Obj:
        return self._do(payment_intents.confirm, payment_intent, params)

    def capture_payment_intent(self, payment_intent: str, params: Params = _NONE) -> Obj:
        return self._do(payment_intents.capture, payment_intent, params)

    def cancel_payment_intent(self, payment_intent: str, params: Params = _NONE) -> Obj:
        return self._do(payment_intents.cancel, payment_intent, params)

    def authenticate(self, intent: str, outcome: Literal["pass", "fail", "abandon"]) -> Obj:
        """The customer meets the 3DS challenge of a SetupIntent or PaymentIntent that is in requires_action."""
        if intent.startswith("seti_"):
            return self._do(setup_intents.authenticate, self.state.get("setup_intent", intent), outcome)
        return self._do(payment_intents.authenticate, self.state.get("payment_intent", intent), outcome)

    def create_refund(self, params: Params) -> Obj:
        """charge or payment_intent, amount, reason."""
        return self._do(reversals.refund, params)

    def open_dispute(self, charge: str, params: Params = _NONE) -> Obj:
        """reason, status (needs_response, warning_needs_response, ...), amount."""
        return reversals.open_dispute(self.state, charge, params)

    def close_dispute(self, dispute: str, params: Params) -> Obj:
        """status: won, lost, warning_closed, under_review (evidence sent)."""
        return reversals.close_dispute(self.state, dispute, params)

    def warn_of_fraud(self, charge: str, params: Params = _NONE) -> Obj:
        """fraud_type. An early fraud warning."""
        return reversals.warn_of_fraud(self.state, charge, params)

    def set_mandate(self, mandate: str, params: Params) -> Obj:
        """status: inactive. The customer withdraws a mandate at his bank."""
        return reversals.set_mandate(self.state, mandate, params)

    # Subscriptions and invoices -------------------------------------------------------------------------------------
    def create_subscription(self, params: Params) -> Obj:
        """customer, items[{price, quantity}], trial_end ("now" or epoch), trial_period_days, trial_settings,
        default_payment_method, default_source, payment_behavior (allow_incomplete, default_incomplete,
        error_if_incomplete), collection_method, days_until_due, off_session, payment_settings, metadata, description,
        cancel_at, cancel_at_period_end, automatic_tax[enabled].
        """
        return self._do(subscriptions.create, params)

    def update_subscription(self, subscription: str, params: Params) -> Obj:
        """default_payment_method, default_source, pause_collection, cancel_at_period_end, cancel_at, trial_end,
        metadata, payment_settings, trial_settings, collection_method, days_until_due, description.
        """
        return self._do(subscriptions.update, subscription, params)

    def cancel_subscription(self, subscription: str, params: Params = _NONE) -> Obj:
        """cancellation_details[comment, feedback]."""
        return self._do(subscriptions.cancel, subscription, params)

    def resume_subscription(self, subscription: str, params: Params = _NONE) -> Obj:
        return self._do(subscriptions.resume, subscription, params)

    def pause_subscription(self, subscription: str, params: Params = _NONE) -> Obj:
        """type: pause_requested or system. Status `paused` on somebody's wish."""
        return self._do(subscriptions.pause, subscription, params)

    def create_invoice(self, params: Params) -> Obj:
        """customer, subscription, auto_advance, collection_method; one line from `lines[{amount, description}]`."""
        return self._do(invoices.create, params)

    def update_invoice(self, invoice: str, params: Params) -> Obj:
        """auto_advance, default_payment_method, default_source, metadata, description."""
        return self._do(invoices.update, invoice, params)

    def finalize_invoice(self, invoice: str, params: Params = _NONE) -> Obj:
        return self._do(payments.finalize, invoice, params)

    def pay_invoice(self, invoice: str, params: Params = _NONE) -> Obj:
        """payment_method, source, off_session (default true), forgive, paid_out_of_band."""
        return self._do(payments.pay, invoice, params)

    def void_invoice(self, invoice: str, params: Params = _NONE) -> Obj:
        return self._do(payments.void, invoice, params)

    def mark_invoice_uncollectible(self, invoice: str, params: Params = _NONE) -> Obj:
        return self._do(payments.mark_uncollectible, invoice, params)

    def pay_hosted_invoice(self, invoice: str, params: Params) -> Obj:
        """The customer pays on the hosted page: card (token) or payment_method; authenticate: pass (default), fail,
        abandon. On-session. The card is attached and set up for off-session use when the payment succeeds.
        """
        return self._do(portal.pay_invoice, invoice, params)

    # Pages ----------------------------------------------------------------------------------------------------------
    def create_checkout_session(self, params: Params) -> Obj:
        """mode (subscription, setup, payment), customer, customer_email, line_items[{price, quantity}],
        subscription_data, setup_intent_data, payment_intent_data, payment_method_collection, currency, success_url,
        cancel_url, metadata, client_reference_id, expires_at, ui_mode.
        """
        return self._do(checkout.create, params)

    def expire_checkout_session(self, session: str) -> Obj:
        return self._do(checkout.expire, session)

    def complete_checkout_session(self, session: str, params: Params) -> Obj:
        """The customer fills the page in: card (a token, if one is collected), email, name, authenticate (as above)."""
        return self._do(completions.complete, session, params)

    def create_portal_configuration(self, params: Params = _NONE) -> Obj:
        return self._do(portal.create_configuration, params)

    def create_portal_session(self, params: Params) -> Obj:
        """customer, return_url, flow_data, configuration, after_expiration."""
        return self._do(portal.create_session, params)

    def portal_update_card(self, session: str, params: Params) -> Obj:
        """The customer enters a card in the portal: card, authenticate. Writes the customer's default; returns the
        customer.
        """
        return self._do(portal.update_card, session, params)

    def portal_cancel(self, session: str, subscription: str, params: Params = _NONE) -> Obj:
        """The customer cancels at the period's end in the portal; returns the subscription."""
        return self._do(portal.cancel, session, subscription, params)

    def _do(self, operation: Any, *args: Any) -> Obj:
        done: Obj = self._run(operation, *args)
        return done
