"""Small builders of Stripe's JSON: a customer with what hangs on him, changed step by step, then diagnosed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ghl_triage.diagnosis.case import diagnose
from ghl_triage.diagnosis.trials import trials
from ghl_triage.model import Caps, Case, Coverage, OwnAttempt, Path, Raw, Records
from ghl_triage.trial import Trial

NOW = 1_763_900_000
"""2025-11-23 12:13 UTC."""
HOUR, DAY = 3_600, 86_400
START = NOW - 33 * DAY
TRIAL_END = NOW - 3 * DAY
FINALIZED = TRIAL_END + HOUR
READ = Coverage(
    checkout_sessions_since=NOW - 60 * DAY,
    setup_intents_since=NOW - 60 * DAY,
    charges_since=NOW - 60 * DAY,
    invoice_payments_read=True,
    highlevel_subscriptions_read=True,
    paid_payments_since=NOW - 60 * DAY,
    subscriptions_since=NOW - 120 * DAY,
)
PRICE = "price_course"


def price(amount: int | None = 9_700, price_id: str = PRICE) -> dict[str, Any]:
    return {
        "id": price_id,
        "object": "price",
        "unit_amount": amount,
        "currency": "usd",
        "recurring": {"interval": "month"},
    }


@dataclass
class World:
    """One customer's records while a test builds them; later objects with the same id replace earlier ones."""

    customer_id: str = "cus_jane"
    email: str = "jane@acme.test"
    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    coverage: Coverage = READ
    customer: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.customer = {
            "id": self.customer_id,
            "object": "customer",
            "email": self.email,
            "name": "Jane Roe",
            "created": START,
            "livemode": False,
            "invoice_settings": {"default_payment_method": None},
            "default_source": None,
            "metadata": {},
        }
        self.extra.setdefault("cards_read_at", NOW - HOUR)
        self.extra.setdefault("namesakes_read", True)

    def put(self, kind: str, raw: dict[str, Any]) -> dict[str, Any]:
        """Keeps an object in the sequence of its kind."""
        self.objects.setdefault(kind, {})[raw["id"]] = raw
        return raw

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.customer_id[4:]}_{self.count:03d}"

    # Objects -----------------------------------------------------------------------------------------------------

    def sub(self, status: str = "past_due", sub_id: str = "sub_1", **changes: Any) -> dict[str, Any]:
        """A subscription whose 30-day trial is over, or that is in trial for another week."""
        trial_end = NOW + 7 * DAY if status == "trialing" else TRIAL_END
        raw = {
            "id": sub_id,
            "object": "subscription",
            "customer": self.customer_id,
            "status": status,
            "created": START,
            "livemode": False,
            "currency": "usd",
            "items": {"object": "list", "data": [{"id": "si_1", "quantity": 1, "price": price()}], "has_more": False},
            "trial_start": START,
            "trial_end": trial_end,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "ended_at": None,
            "cancellation_details": {"reason": None},
            "collection_method": "charge_automatically",
            "default_payment_method": None,
            "default_source": None,
            "latest_invoice": "in_1" if status in ("past_due", "unpaid", "incomplete") else None,
            "pending_setup_intent": None,
            "pause_collection": None,
            "payment_settings": {"payment_method_types": None, "save_default_payment_method": "off"},
            "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
            "application": None,
            "metadata": {},
        }
        return self.put("subscriptions", raw | changes)

    def invoice(self, invoice_id: str = "in_1", sub_id: str = "sub_1", **changes: Any) -> dict[str, Any]:
        """An open, attempted invoice of $97.00 that Stripe will try again in two days."""
        raw = {
            "id": invoice_id,
            "object": "invoice",
            "customer": self.customer_id,
            "parent": {"type": "subscription_details", "subscription_details": {"subscription": sub_id}},
            "status": "open",
            "billing_reason": "subscription_cycle",
            "created": TRIAL_END,
            "currency": "usd",
            "attempted": True,
            "attempt_count": 1,
            "next_payment_attempt": NOW + 2 * DAY,
            "auto_advance": True,
            "amount_due": 9_700,
            "amount_remaining": 9_700,
            "collection_method": "charge_automatically",
            "default_payment_method": None,
            "default_source": None,
            "last_finalization_error": None,
            "status_transitions": {"finalized_at": FINALIZED, "paid_at": None},
            "application": None,
        }
        return self.put("invoices", raw | changes)

    def intent(self, invoice_id: str | None = "in_1", **changes: Any) -> dict[str, Any]:
        """A PaymentIntent, and where an invoice is named the payment that links the two."""
        raw = {
            "id": self.fresh("pi"),
            "object": "payment_intent",
            "customer": self.customer_id,
            "status": "requires_payment_method",
            "created": FINALIZED,
            "amount": 9_700,
            "currency": "usd",
            "payment_method": None,
            "setup_future_usage": None,
            "latest_charge": None,
            "last_payment_error": None,
            "application": None,
            "metadata": {},
        } | changes
        if invoice_id is not None:
            self.put(
                "invoice_payments",
                {
                    "id": self.fresh("inpay"),
                    "object": "invoice_payment",
                    "invoice": invoice_id,
                    "is_default": True,
                    "status": "open",
                    "created": FINALIZED,
                    "payment": {"type": "payment_intent", "payment_intent": raw["id"]},
                },
            )
        return self.put("payment_intents", raw)

    def charge(self, intent: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """A succeeded charge of $97.00."""
        raw = {
            "id": self.fresh("ch"),
            "object": "charge",
            "customer": self.customer_id,
            "status": "succeeded",
            "created": FINALIZED + 60,
            "amount": 9_700,
            "amount_refunded": 0,
            "currency": "usd",
            "payment_intent": intent["id"] if intent else None,
            "payment_method": None,
            "failure_code": None,
            "outcome": {"type": "authorized", "reason": None, "advice_code": None},
            "payment_method_details": {"type": "card", "card": {"fingerprint": None, "country": "US"}},
            "application": None,
            "metadata": {},
        }
        return self.put("charges", raw | changes)

    def declined(
        self,
        card: str | None,
        decline_code: str | None,
        *,
        code: str = "card_declined",
        advice: str | None = None,
        outcome: str = "issuer_declined",
        reason: str | None = None,
        at: int = FINALIZED + 60,
        invoice_id: str = "in_1",
        fingerprint: str | None = None,
    ) -> dict[str, Any]:
        """A refused charge of an invoice, with the PaymentIntent's error that tells of it."""
        existing = self.intent_of(invoice_id)
        intent = existing or self.intent(invoice_id)
        known = self.objects.get("payment_methods", {}).get(card or "", {})
        charge = self.charge(
            intent,
            status="failed",
            created=at,
            payment_method=card,
            failure_code=code,
            outcome={"type": outcome, "reason": reason or decline_code, "advice_code": advice},
            payment_method_details={
                "type": "card",
                "card": {"fingerprint": fingerprint or known.get("card", {}).get("fingerprint"), "country": "US"},
            },
        )
        intent["latest_charge"] = charge["id"]
        intent["last_payment_error"] = {
            "code": code,
            "decline_code": decline_code,
            "advice_code": advice,
            "charge": charge["id"],
            "payment_method": card,
        }
        return charge

    def intent_of(self, invoice_id: str) -> dict[str, Any] | None:
        for payment in self.objects.get("invoice_payments", {}).values():
            if payment["invoice"] == invoice_id:
                return self.objects["payment_intents"][payment["payment"]["payment_intent"]]
        return None

    def card(
        self, card_id: str = "pm_visa", *, attached: bool = True, default: str = "", **changes: Any
    ) -> dict[str, Any]:
        """A Visa 4242 that is good until 2028; `default` makes it the default: customer or subscription."""
        details = {
            "brand": "visa",
            "last4": "4242",
            "exp_month": 8,
            "exp_year": 2028,
            "funding": "credit",
            "country": "US",
            "fingerprint": f"fp_{card_id}",
        } | {key: changes.pop(key) for key in ("exp_month", "exp_year", "country", "fingerprint") if key in changes}
        raw = {
            "id": card_id,
            "object": "payment_method",
            "type": "card",
            "customer": self.customer_id if attached else None,
            "created": START + 60,
            "card": details,
        }
        if default == "customer":
            self.customer["invoice_settings"] = {"default_payment_method": card_id}
        elif default:
            self.objects["subscriptions"][default]["default_payment_method"] = card_id
        return self.put("payment_methods", raw | changes)

    def setup(self, card_id: str | None = "pm_visa", status: str = "succeeded", **changes: Any) -> dict[str, Any]:
        """A SetupIntent for off-session use."""
        raw = {
            "id": self.fresh("seti"),
            "object": "setup_intent",
            "customer": self.customer_id,
            "status": status,
            "usage": "off_session",
            "created": START + 30,
            "payment_method": card_id,
            "mandate": None,
            "last_setup_error": None,
            "application": None,
            "metadata": {},
        }
        return self.put("setup_intents", raw | changes)

    def session(self, sub_id: str | None = "sub_1", **changes: Any) -> dict[str, Any]:
        """A completed Checkout Session."""
        raw = {
            "id": self.fresh("cs"),
            "object": "checkout.session",
            "customer": self.customer_id,
            "mode": "subscription",
            "status": "complete",
            "created": START - 60,
            "expires_at": START + DAY,
            "subscription": sub_id,
            "setup_intent": None,
            "payment_intent": None,
        }
        return self.put("checkout_sessions", raw | changes)

    def dispute(self, charge_id: str, status: str = "needs_response") -> dict[str, Any]:
        return self.put(
            "disputes",
            {
                "id": "du_1",
                "object": "dispute",
                "charge": charge_id,
                "status": status,
                "created": NOW - DAY,
                "amount": 9_700,
            },
        )

    def event(
        self,
        kind: str,
        body: Mapping[str, Any],
        at: int,
        previous: Mapping[str, Any] | None = None,
        by: str | None = "req_1",
    ) -> dict[str, Any]:
        return self.put(
            "events",
            {
                "id": self.fresh("evt"),
                "object": "event",
                "type": kind,
                "created": at,
                "request": {"id": by, "idempotency_key": None},
                "data": {"object": dict(body), "previous_attributes": dict(previous or {})},
            },
        )

    def listed(self, sub_id: str, **changes: Any) -> dict[str, Any]:
        """A row of HighLevel's Payments list."""
        raw = {
            "_id": self.fresh("hl"),
            "id": self.fresh("row"),
            "subscriptionId": sub_id,
            "status": "incomplete",
            "contactId": "contact_1",
            "contactEmail": self.email,
            "amount": 97,
            "currency": "usd",
            "createdAt": "2025-10-21T12:13:20.000Z",
        }
        return self.put("highlevel_subscriptions", raw | changes)

    def location(self, customer: str | None, sub_id: str | None, **changes: Any) -> dict[str, Any]:
        """A row of HighLevel's SaaS mapping: this customer's own location."""
        raw = {"locationId": "loc_1", "saasMode": "saasV2", "email": self.email, "isSaaSV2": True}
        raw |= {"customerId": customer, "subscriptionId": sub_id} | changes
        return self.put("highlevel_saas_locations", raw | {"id": raw["locationId"]})

    def transaction(self, charge_id: str, **changes: Any) -> dict[str, Any]:
        """A succeeded HighLevel transaction of a day ago."""
        raw = {
            "_id": self.fresh("tx"),
            "id": self.fresh("row"),
            "chargeId": charge_id,
            "status": "succeeded",
            "contactEmail": self.email,
            "amount": 97,
            "amountRefunded": 0,
            "currency": "USD",
            "liveMode": False,
            "createdAt": "2025-11-22T12:13:20Z",
        }
        return self.put("highlevel_transactions", raw | changes)

    # Verdicts ----------------------------------------------------------------------------------------------------

    def records(self) -> Records:
        """Everything as the store would hand it over."""
        kinds: dict[str, Any] = {kind: tuple(by_id.values()) for kind, by_id in self.objects.items()}
        return Records(customer=self.customer, **kinds, **self.extra)

    def unread(self) -> World:
        """The attached cards were not listed yet."""
        self.extra["cards_read_at"] = None
        return self

    def namesake(self, other: World) -> World:
        """Another customer with the same e-mail."""
        self.extra["namesakes"] = (*self.extra.get("namesakes", ()), other.records())
        return self

    def tried(self, *attempts: OwnAttempt) -> World:
        """Retries of ours."""
        self.extra["own_attempts"] = attempts
        return self

    def override(self, path: Path, sub_id: str = "sub_1") -> World:
        """The consultant's own word."""
        self.extra["path_overrides"] = {sub_id: path}
        return self

    def cover(self, **changes: Any) -> World:
        """Changes how far lists were read."""
        self.coverage = replace(self.coverage, **changes)
        return self

    def cases(self, caps: Caps | None = None, now: int = NOW) -> tuple[Case, ...]:
        return diagnose(self.records(), now, coverage=self.coverage, caps=caps or Caps())

    def case(self, sub_id: str = "sub_1", caps: Caps | None = None, now: int = NOW) -> Case:
        """The verdict on one subscription."""
        return next(case for case in self.cases(caps, now) if case.subscription == sub_id)

    def counted(self, sub_id: str = "sub_1", now: int = NOW) -> Trial:
        """A subscription's trial, as the reports count it."""
        found = trials(self.records(), now, coverage=self.coverage)
        return next(each for each in found if each.subscription == sub_id)


def failing(**changes: Any) -> World:
    """Past due, its first invoice attempted; no card, no charge yet."""
    world = World()
    world.sub(**changes)
    world.invoice()
    world.intent()
    return world


def refused(decline_code: str | None, **details: Any) -> World:
    """Past due: the customer's default card, set up off-session, was refused."""
    world = failing()
    world.card(default="customer")
    world.setup()
    world.declined("pm_visa", decline_code, **details)
    return world


def first_payment(status: str = "requires_payment_method", decline: str | None = None) -> World:
    """Incomplete since an hour: the first payment, without a trial, has not come through."""
    world = World()
    world.sub("incomplete", trial_end=None, trial_start=None, created=NOW - HOUR)
    world.invoice(created=NOW - HOUR, attempted=False, next_payment_attempt=None)
    world.intent(status=status)
    if decline:
        world.declined("pm_visa", decline)
    return world


def trial(**changes: Any) -> World:
    """In trial for another week; no card yet."""
    world = World()
    world.sub("trialing", **changes)
    return world


def as_raw(world: World) -> Raw:
    """The only subscription's JSON."""
    return world.objects["subscriptions"]["sub_1"]
