"""Whatever is asked for, in whatever order: no invoice is paid twice, and what is paid owes nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ghl_triage.sandbox.engine.api import CardSpec, Obj, StripeError
from ghl_triage.sandbox.engine.cards import GOOD, INSUFFICIENT_FUNDS, LOST
from tests.sandbox.shop import DAY, HOUR, Shop

BANKS = (
    GOOD,
    CardSpec("0341", charge=INSUFFICIENT_FUNDS),
    CardSpec("0341", charge=LOST),
    CardSpec("3155", sca="unless_set_up"),
    CardSpec("3184", sca="always"),
    CardSpec("6789", type="us_bank_account"),
    CardSpec("6789", type="us_bank_account", charge=INSUFFICIENT_FUNDS),
    CardSpec("0008", country="IN"),
)
banks = st.sampled_from(BANKS)
outcomes = st.sampled_from(("pass", "fail", "abandon"))
numbers = st.integers(0, 50)


class Merchant(RuleBasedStateMachine):
    """One customer; requests, clicks and time at random."""

    @initialize(bank=banks, trial=st.booleans(), behavior=st.sampled_from(("create_invoice", "pause", "cancel")))
    def begin(self, bank: CardSpec, trial: bool, behavior: str) -> None:
        self.shop = Shop()
        self.customer = self.shop.customer()
        with suppress(StripeError):
            self.shop.attach(self.customer, bank)
        self._subscribe(trial, behavior)

    def _any(self, kind: str, number: int, **filters: Any) -> Obj | None:
        found = list(self.shop.engine.list(kind, filters))
        return found[number % len(found)] if found else None

    def _subscribe(self, trial: bool, behavior: str) -> None:
        ends = {"end_behavior": {"missing_payment_method": behavior}}
        with suppress(StripeError):
            self.shop.subscribe(self.customer, trial=7 if trial else None, trial_settings=ends)

    @rule(trial=st.booleans(), behavior=st.sampled_from(("create_invoice", "pause")))
    def subscribes(self, trial: bool, behavior: str) -> None:
        self._subscribe(trial, behavior)

    @rule(bank=banks, set_up=st.booleans(), default=st.booleans())
    def saves_a_card(self, bank: CardSpec, set_up: bool, default: bool) -> None:
        save = self.shop.set_up if set_up else self.shop.attach
        with suppress(StripeError):
            save(self.customer, bank, default=default)

    @rule(number=numbers, off_session=st.booleans(), other=st.booleans())
    def pays(self, number: int, off_session: bool, other: bool) -> None:
        invoice = self._any("invoice", number)
        method = self._any("payment_method", number, customer=self.customer)
        if invoice is not None:
            params = {"payment_method": method["id"]} if other and method else {}
            with suppress(StripeError):
                self.shop.engine.pay_invoice(invoice["id"], {**params, "off_session": off_session})

    @rule(number=numbers, bank=banks, outcome=outcomes)
    def pays_on_the_page(self, number: int, bank: CardSpec, outcome: str) -> None:
        invoice = self._any("invoice", number)
        if invoice is not None:
            params = {"card": self.shop.engine.issue_card(bank), "authenticate": outcome}
            with suppress(StripeError):
                self.shop.engine.pay_hosted_invoice(invoice["id"], params)

    @rule(number=numbers, bank=banks, outcome=outcomes)
    def confirms(self, number: int, bank: CardSpec, outcome: str) -> None:
        intent = self._any("payment_intent", number)
        if intent is not None:
            params = {"payment_method": self.shop.card(bank), "authenticate": outcome}
            with suppress(StripeError):
                self.shop.engine.confirm_payment_intent(intent["id"], params)

    @rule(number=numbers, verb=st.sampled_from(("void_invoice", "mark_invoice_uncollectible", "finalize_invoice")))
    def decides(self, number: int, verb: str) -> None:
        invoice = self._any("invoice", number)
        if invoice is not None:
            with suppress(StripeError):
                getattr(self.shop.engine, verb)(invoice["id"])

    @rule(number=numbers, verb=st.sampled_from(("cancel_subscription", "resume_subscription", "pause_subscription")))
    def stops_or_starts(self, number: int, verb: str) -> None:
        subscription = self._any("subscription", number, status="all")
        if subscription is not None:
            with suppress(StripeError):
                getattr(self.shop.engine, verb)(subscription["id"])

    @rule(number=numbers, bank=banks)
    def the_bank_changes_its_mind(self, number: int, bank: CardSpec) -> None:
        method = self._any("payment_method", number)
        if method is not None and (method["type"] == bank.type):
            self.shop.engine.set_bank(method["id"], bank)

    @rule(seconds=st.sampled_from((HOUR, DAY, 5 * DAY, 31 * DAY)))
    def time_goes_by(self, seconds: int) -> None:
        self.shop.engine.clock.advance(seconds)

    @invariant()
    def no_invoice_is_paid_twice(self) -> None:
        if not hasattr(self, "shop"):
            return
        engine = self.shop.engine
        assert engine.double_paid() == ()
        paid = {invoice["id"] for invoice in engine.list("invoice", {"status": "paid"})}
        for entry in engine.ledger():
            assert entry.invoice in paid, "money was taken for an invoice that is not paid"
            assert engine.get("charge", entry.charge)["amount_captured"] == entry.amount
        for invoice in engine.list("invoice"):
            settled = invoice["status"] == "paid"
            assert settled is (invoice["amount_remaining"] == 0)
            assert invoice["amount_paid"] == (invoice["amount_due"] if settled else 0)
            assert not (settled and invoice["next_payment_attempt"])

    @invariant()
    def lists_agree_with_the_objects(self) -> None:
        if not hasattr(self, "shop"):
            return
        for subscription in self.shop.engine.list("subscription", {"status": "all"}):
            same = self.shop.engine.list("subscription", {"status": subscription["status"]})
            assert subscription["id"] in {each["id"] for each in same}
            assert (subscription["ended_at"] is not None) is (
                subscription["status"] in {"canceled", "incomplete_expired"}
            )


TestMerchant = Merchant.TestCase
TestMerchant.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
