"""The engine: every operation under its name in api.StripeEngine. What each does stands in its family's module."""

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
    """A Stripe account in memory. See api.StripeEngine for the meaning of each operation."""

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
        """An empty engine of the same account."""
        return Engine(seed, now, beliefs or self.beliefs, parent=self, ids=ids)

    # The account's own ----------------------------------------------------------------------------------------------
    def create_product(self, params: Params) -> Obj:
        return self._do(catalogue.create_product, params)

    def create_price(self, params: Params) -> Obj:
        return self._do(catalogue.create_price, params)

    def update_product(self, product: str, params: Params) -> Obj:
        return self._do(catalogue.update_product, product, params)

    def update_price(self, price: str, params: Params) -> Obj:
        return self._do(catalogue.update_price, price, params)

    def create_application(self, params: Params) -> Obj:
        return self._do(catalogue.create_application, params)

    # Test clocks ----------------------------------------------------------------------------------------------------
    def create_test_clock(self, params: Params) -> Obj:
        return test_clocks.create(self, self.test_clocks, params)

    def advance_test_clock(self, clock: str, params: Params) -> Obj:
        return test_clocks.advance(self, self.test_clocks, clock, params)

    def read_test_clock(self, clock: str) -> Obj:
        return test_clocks.read(self, self.test_clocks, clock)

    def delete_test_clock(self, clock: str) -> Obj:
        return test_clocks.delete(self, self.test_clocks, clock)

    # Customers and cards --------------------------------------------------------------------------------------------
    def create_customer(self, params: Params = _NONE) -> Obj:
        if (home := self.test_clocks.home(params)) is not None:
            test_clocks.admit(home.state)
        return self._do(customers.create, params)

    def update_customer(self, customer: str, params: Params) -> Obj:
        return self._do(customers.update, customer, params)

    def delete_customer(self, customer: str) -> Obj:
        self._run(subscriptions.end_all, customer)
        return self._do(customers.delete, customer)

    def create_source(self, customer: str, params: Params) -> Obj:
        return self._do(customers.create_source, customer, params)

    def delete_source(self, customer: str, source: str) -> Obj:
        return self._do(customers.delete_source, customer, source)

    def issue_card(self, spec: CardSpec) -> str:
        return cards.issue(self.state, spec)

    def set_bank(self, card: str, spec: CardSpec) -> None:
        state = self._home(card)
        state.private.banks[cards.fingerprint_of(state, card)] = spec

    def bank(self, card: str) -> CardSpec:
        return cards.bank(self.state, card)

    def create_payment_method(self, params: Params) -> Obj:
        return self._do(payment_methods.create, params)

    def attach_payment_method(self, payment_method: str, params: Params) -> Obj:
        return self._do(payment_methods.attach, payment_method, params)

    def detach_payment_method(self, payment_method: str) -> Obj:
        return self._do(payment_methods.detach, payment_method)

    def update_payment_method(self, payment_method: str, params: Params) -> Obj:
        return self._do(payment_methods.update, payment_method, params)

    def renew_card_automatically(self, payment_method: str, params: Params) -> Obj:
        return payment_methods.update(self.state, payment_method, params, "payment_method.automatically_updated")

    # Set-ups and payments -------------------------------------------------------------------------------------------
    def create_setup_intent(self, params: Params) -> Obj:
        return self._do(setup_intents.create, params)

    def confirm_setup_intent(self, setup_intent: str, params: Params = _NONE) -> Obj:
        return self._do(setup_intents.confirm, setup_intent, params)

    def cancel_setup_intent(self, setup_intent: str, params: Params = _NONE) -> Obj:
        return self._do(setup_intents.cancel, setup_intent, params)

    def create_payment_intent(self, params: Params) -> Obj:
        return self._do(payment_intents.create, params)

    def confirm_payment_intent(self, payment_intent: str, params: Params = _NONE) -> Obj:
        return self._do(payment_intents.confirm, payment_intent, params)

    def capture_payment_intent(self, payment_intent: str, params: Params = _NONE) -> Obj:
        return self._do(payment_intents.capture, payment_intent, params)

    def cancel_payment_intent(self, payment_intent: str, params: Params = _NONE) -> Obj:
        return self._do(payment_intents.cancel, payment_intent, params)

    def authenticate(self, intent: str, outcome: Literal["pass", "fail", "abandon"]) -> Obj:
        if intent.startswith("seti_"):
            return self._do(setup_intents.authenticate, self.state.get("setup_intent", intent), outcome)
        return self._do(payment_intents.authenticate, self.state.get("payment_intent", intent), outcome)

    def create_refund(self, params: Params) -> Obj:
        return self._do(reversals.refund, params)

    def open_dispute(self, charge: str, params: Params = _NONE) -> Obj:
        return reversals.open_dispute(self.state, charge, params)

    def close_dispute(self, dispute: str, params: Params) -> Obj:
        return reversals.close_dispute(self.state, dispute, params)

    def warn_of_fraud(self, charge: str, params: Params = _NONE) -> Obj:
        return reversals.warn_of_fraud(self.state, charge, params)

    def set_mandate(self, mandate: str, params: Params) -> Obj:
        return reversals.set_mandate(self.state, mandate, params)

    # Subscriptions and invoices -------------------------------------------------------------------------------------
    def create_subscription(self, params: Params) -> Obj:
        return self._do(subscriptions.create, params)

    def update_subscription(self, subscription: str, params: Params) -> Obj:
        return self._do(subscriptions.update, subscription, params)

    def cancel_subscription(self, subscription: str, params: Params = _NONE) -> Obj:
        return self._do(subscriptions.cancel, subscription, params)

    def resume_subscription(self, subscription: str, params: Params = _NONE) -> Obj:
        return self._do(subscriptions.resume, subscription, params)

    def pause_subscription(self, subscription: str, params: Params = _NONE) -> Obj:
        return self._do(subscriptions.pause, subscription, params)

    def create_invoice(self, params: Params) -> Obj:
        return self._do(invoices.create, params)

    def update_invoice(self, invoice: str, params: Params) -> Obj:
        return self._do(invoices.update, invoice, params)

    def finalize_invoice(self, invoice: str, params: Params = _NONE) -> Obj:
        return self._do(payments.finalize, invoice, params)

    def pay_invoice(self, invoice: str, params: Params = _NONE) -> Obj:
        return self._do(payments.pay, invoice, params)

    def void_invoice(self, invoice: str, params: Params = _NONE) -> Obj:
        return self._do(payments.void, invoice, params)

    def mark_invoice_uncollectible(self, invoice: str, params: Params = _NONE) -> Obj:
        return self._do(payments.mark_uncollectible, invoice, params)

    def send_invoice(self, invoice: str, params: Params = _NONE) -> Obj:
        return self._do(invoices.send, invoice, params)

    def pay_hosted_invoice(self, invoice: str, params: Params) -> Obj:
        return self._do(portal.pay_invoice, invoice, params)

    # Pages ----------------------------------------------------------------------------------------------------------
    def create_checkout_session(self, params: Params) -> Obj:
        return self._do(checkout.create, params)

    def expire_checkout_session(self, session: str) -> Obj:
        return self._do(checkout.expire, session)

    def complete_checkout_session(self, session: str, params: Params) -> Obj:
        return self._do(completions.complete, session, params)

    def create_portal_configuration(self, params: Params = _NONE) -> Obj:
        return self._do(portal.create_configuration, params)

    def create_portal_session(self, params: Params) -> Obj:
        return self._do(portal.create_session, params)

    def portal_update_card(self, session: str, params: Params) -> Obj:
        return self._do(portal.update_card, session, params)

    def portal_cancel(self, session: str, subscription: str, params: Params = _NONE) -> Obj:
        return self._do(portal.cancel, session, subscription, params)

    def _do(self, operation: Any, *args: Any) -> Obj:
        done: Obj = self._run(operation, *args)
        return done
