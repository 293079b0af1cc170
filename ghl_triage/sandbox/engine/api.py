"""What the engine promises to the rooms that use it: the HTTP server and the world of stories.

Stored objects are plain dicts in the shape of API version 2026-10-28.endive, with ids where Stripe has expandable
references. They are *never changed in place*: a change stores a new dict, and an event keeps the one of its time. So
treat what `get`, `list` and the operations return as frozen; copy before you add or expand anything.

Parameters are nested dicts as decoded from Stripe's form encoding. Numbers and flags may be strings ("97", "true") or
Python values; `""` and `None` both mean "unset this field".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from ghl_triage.sandbox.engine.beliefs import Beliefs

if TYPE_CHECKING:
    from ghl_triage.sandbox.engine.ids import Ids

Obj: TypeAlias = Mapping[str, Any]
Params: TypeAlias = Mapping[str, Any]

API_VERSION = "2026-10-28.endive"

#: Every kind of stored object, by its `object` value, with the prefix of its ids. Kinds in SHARED_KINDS belong to no
#: customer and are common to an engine and its children.
PREFIXES: Mapping[str, str] = {
    "account": "acct_",
    "application": "ca_",
    "billing_portal.configuration": "bpc_",
    "billing_portal.session": "bps_",
    "card": "card_",
    "charge": "ch_",
    "checkout.session": "cs_test_",
    "customer": "cus_",
    "dispute": "du_",
    "event": "evt_",
    "invoice": "in_",
    "invoice_payment": "inpay_",
    "mandate": "mandate_",
    "payment_intent": "pi_",
    "payment_method": "pm_",
    "price": "price_",
    "product": "prod_",
    "radar.early_fraud_warning": "issfr_",
    "refund": "re_",
    "setup_attempt": "setatt_",
    "setup_intent": "seti_",
    "subscription": "sub_",
    "test_helpers.test_clock": "clock_",
}
KINDS = frozenset(PREFIXES)
SHARED_KINDS = frozenset({"account", "application", "billing_portal.configuration", "price", "product"})


def kind_of(object_id: str) -> str | None:
    """The kind that an id's prefix names; None when it is none of ours."""
    return next((kind for kind, prefix in PREFIXES.items() if object_id.startswith(prefix)), None)


@dataclass(slots=True, eq=False)
class StripeError(Exception):
    """A refusal as Stripe's API words it: everything that the error body and its status need.

    `payment_intent`, `setup_intent` and `payment_method` are ids; Stripe's body holds the whole objects there. `charge`
    is an id in the body too. For a decline (type `card_error`, status 402) the charge is already recorded when it is
    raised.
    """

    message: str
    code: str | None = None
    param: str | None = None
    status: int = 400
    type: Literal["api_error", "card_error", "idempotency_error", "invalid_request_error"] = "invalid_request_error"
    decline_code: str | None = None
    advice_code: str | None = None
    network_decline_code: str | None = None
    network_advice_code: str | None = None
    charge: str | None = None
    payment_intent: str | None = None
    setup_intent: str | None = None
    payment_method: str | None = None

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks: the API request that an operation belongs to; its id and key go into the events it causes.

    `application` is the Connect platform in whose name the request comes (HighLevel), else None. A Request without id
    is an act of Stripe's own: a renewal, a retry, an expiry.
    """

    id: str | None = None
    idempotency_key: str | None = None
    application: str | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """How an issuer, or Stripe itself, refuses a card."""

    code: str = "card_declined"
    decline_code: str | None = "generic_decline"
    message: str = "Your card was declined."
    advice_code: str | None = "try_again_later"
    network_decline_code: str | None = "05"
    network_advice_code: str | None = None
    outcome_type: str = "issuer_declined"
    reason: str | None = None
    risk_level: str = "normal"


@dataclass(frozen=True, slots=True)
class CardSpec:
    """A piece of plastic and what its bank does with it. Two PaymentMethods of one plastic share a fingerprint.

    `sca`: `never` asks for authentication; `unless_set_up` off-session works only after a set-up for it, on-session
    always asks; `always` refuses every off-session charge; `set_up` was set up elsewhere: off-session works, on-session
    asks. `attach` refuses attaching and set-ups, `charge` refuses charges. `type` may be `us_bank_account` or
    `sepa_debit`: such payments are `processing` for four days, then succeed, or fail with `charge`.
    """

    last4: str = "4242"
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    exp_month: int = 12
    exp_year: int = 2034
    sca: Literal["never", "unless_set_up", "always", "set_up"] = "never"
    attach: Decline | None = None
    charge: Decline | None = None
    type: Literal["card", "us_bank_account", "sepa_debit"] = "card"


@dataclass(frozen=True, slots=True)
class Job:
    """Work that Stripe will do by itself at a time."""

    at: int
    sequence: int
    name: str
    object_id: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A charge that took money from a card or account."""

    charge: str
    invoice: str | None
    payment_intent: str
    customer: str | None
    amount: int
    currency: str
    created: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Everything that one child engine holds: the customers of a story, all that is theirs, and the work to come.

    `objects` are (kind, sort number, object); plain data throughout: it can be pickled and adopted by any engine. Sort
    numbers, below 2**64, order the objects of one second; no two objects of a kind and second may share one.
    """

    objects: tuple[tuple[str, int, Obj], ...]
    jobs: tuple[Job, ...]
    ledger: tuple[LedgerEntry, ...]
    private: Mapping[str, Mapping[str, Any]]
    now: int


class CellSource(Protocol):
    """Where an engine gets cells from that it does not hold yet: set `engine.source` for a lazily made world.

    Each method makes cells live by calling `engine.adopt` and may do nothing. An adopted cell must have run up to
    `engine.clock.now`.
    """

    def find(self, kind: str, object_id: str) -> None:
        """`get` missed this id: make the cell live that holds it, if there is one."""

    def widen(self, kind: str, filters: Params, below: int | None) -> int | None:
        """A list of `kind` wants objects created before `below` (None: the newest there are).

        Returns a creation time: every matching object created at or after it is live now. None: all are. It must go
        down with each call. Asked again while the reader goes on paging.
        """

    def due(self, until: int) -> None:
        """The clock is about to go on to `until`: make every cell live that has work due until then."""


class Clock(Protocol):
    """The engine's time, UTC epoch seconds. It stands still until moved."""

    @property
    def now(self) -> int: ...

    def advance(self, seconds: int) -> int:
        """Goes on, doing all due work in the order of its time; returns the new now."""

    def advance_to(self, epoch: int) -> int:
        """The same, to a moment; a moment in the past is ignored."""


class StripeEngine(Protocol):
    """The operations. Each returns the stored object it made or changed, or raises StripeError.

    Names follow Stripe's resources; `params` are those of the API, others are ignored (the HTTP room refuses unknown
    ones).
    """

    beliefs: Beliefs
    source: CellSource | None

    @property
    def clock(self) -> Clock: ...
    def request(self, request: Request) -> AbstractContextManager[None]:
        """Operations within run as this API request. Without it each operation makes up a request id."""

    # Reading ------------------------------------------------------------------------------------------------------
    def get(self, kind: str, object_id: str) -> Obj:
        """The object, deleted customers as `{"id", "object", "deleted": true}`; StripeError 404 resource_missing."""

    def peek(self, object_id: str) -> Obj | None:
        """The object of an id by its prefix, None when there is none: for expansion."""

    def list(
        self,
        kind: str,
        filters: Params | None = None,
        *,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> Iterator[Obj]:
        """Lazily, newest first; with `ending_before` those newer than it, nearest first (turn a page of it round).

        Filters are the API's for that list (`status`, `customer`, `created: {gte, gt, lte, lt}`, `type`, `types`,
        `payment: {type, payment_intent}`, `customer_details: {email}`, ...), with its defaults (subscriptions without
        `status` leave out canceled ones; `all`, `ended`). A cursor that is unknown raises resource_missing.
        """

    def set_endpoint(self, *, down: bool) -> None:
        """From now on the client's webhook endpoint fails: events stay pending; or it works again, and gets those of
        three days.
        """

    def confirmation_secret(self, invoice: str) -> Obj | None:
        """`invoice.confirmation_secret`, served only when expanded."""

    def session_line_items(self, session: str) -> tuple[Obj, ...]:
        """`checkout.session.line_items`, served only when expanded."""

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """The charges that took money, in order."""

    def double_paid(self) -> tuple[str, ...]:
        """Invoices that money was taken for twice: a proof of harm."""

    def lock_targets(self, object_id: str) -> tuple[str, ...]:
        """The ids that Stripe locks while it writes this object: itself, its subscription, its customer."""

    def lock(self, object_id: str, seconds: int) -> None:
        """Locks an object as another process would, for this long on the engine's clock."""

    def locked(self, object_id: str) -> bool:
        """Whether one of the object's lock targets is locked now."""

    # Cells --------------------------------------------------------------------------------------------------------
    def child(self, seed: str, now: int, beliefs: Beliefs | None = None, ids: Ids | None = None) -> StripeEngine:
        """An empty engine with the same account, prices and products: to play a story in, then `export_cell`.

        `ids` makes the ids in place of the seed; code that wants marks for ids brings its own. An engine never cuts an
        id or takes it apart.
        """

    def export_cell(self) -> Cell: ...
    def adopt(self, cell: Cell) -> None: ...
    def release(self, cell: Cell) -> bool:
        """Forgets an adopted cell if nothing of it has changed since; False where it has."""

    # The account's own ----------------------------------------------------------------------------------------------
    def create_product(self, params: Params) -> Obj: ...
    def create_price(self, params: Params) -> Obj: ...
    def update_product(self, product: str, params: Params) -> Obj:
        """active, metadata, name."""

    def update_price(self, price: str, params: Params) -> Obj:
        """active, metadata, nickname."""

    def create_application(self, params: Params) -> Obj:
        """params: id (optional), name. A Connect platform such as HighLevel."""

    def account(self) -> Obj: ...

    # Test clocks ----------------------------------------------------------------------------------------------------
    def create_test_clock(self, params: Params) -> Obj:
        """frozen_time, name. Customers made with `test_clock` live by it, whatever the engine's own clock says."""

    def advance_test_clock(self, clock: str, params: Params) -> Obj:
        """frozen_time. It is `advancing` until `read_test_clock` has been asked twice."""

    def read_test_clock(self, clock: str) -> Obj:
        """As a request sees it."""

    def delete_test_clock(self, clock: str) -> Obj:
        """With its customers and all that is theirs."""

    # Customers and cards --------------------------------------------------------------------------------------------
    def create_customer(self, params: Params) -> Obj:
        """email, name, phone, description, metadata, payment_method, invoice_settings, source, address, test_clock."""

    def update_customer(self, customer: str, params: Params) -> Obj:
        """The same, and default_source."""

    def delete_customer(self, customer: str) -> Obj: ...
    def create_source(self, customer: str, params: Params) -> Obj:
        """A legacy card: `source`: a token. Becomes the default source when there is none."""

    def delete_source(self, customer: str, source: str) -> Obj: ...
    def issue_card(self, spec: CardSpec) -> str:
        """A bank issues a card: a token `tok_...` that `card[token]` and `source` take, any number of times."""

    def set_bank(self, card: str, spec: CardSpec) -> None:
        """From now on the bank treats the plastic behind this token, PaymentMethod or source so: funds arrive, card
        lost.
        """

    def bank(self, card: str) -> CardSpec:
        """How the bank treats it now."""

    def create_payment_method(self, params: Params) -> Obj:
        """type=card, card[token] (Stripe's test tokens or issued ones) or card[number,exp_month,exp_year];
        us_bank_account and sepa_debit with the same `card[token]` of an issued account.
        """

    def attach_payment_method(self, payment_method: str, params: Params) -> Obj:
        """customer. `pm_card_...` test ids make a new PaymentMethod."""

    def detach_payment_method(self, payment_method: str) -> Obj: ...
    def update_payment_method(self, payment_method: str, params: Params) -> Obj:
        """card[exp_month, exp_year], billing_details, metadata."""

    def renew_card_automatically(self, payment_method: str, params: Params) -> Obj:
        """The card network's updater: card[exp_month, exp_year]; event payment_method.automatically_updated."""

    # Set-ups and payments -------------------------------------------------------------------------------------------
    def create_setup_intent(self, params: Params) -> Obj:
        """customer, payment_method, usage, confirm, payment_method_types, metadata."""

    def confirm_setup_intent(self, setup_intent: str, params: Params) -> Obj:
        """payment_method or payment_method_data[card][token]. With 3DS it ends in requires_action: see authenticate."""

    def cancel_setup_intent(self, setup_intent: str, params: Params) -> Obj: ...
    def create_payment_intent(self, params: Params) -> Obj:
        """amount, currency, customer, payment_method, confirm, off_session, setup_future_usage, capture_method,
        metadata.
        """

    def confirm_payment_intent(self, payment_intent: str, params: Params) -> Obj: ...
    def capture_payment_intent(self, payment_intent: str, params: Params) -> Obj: ...
    def cancel_payment_intent(self, payment_intent: str, params: Params) -> Obj: ...
    def authenticate(self, intent: str, outcome: Literal["pass", "fail", "abandon"]) -> Obj:
        """The customer meets the 3DS challenge of a SetupIntent or PaymentIntent that is in requires_action."""

    def create_refund(self, params: Params) -> Obj:
        """charge or payment_intent, amount, reason."""

    def open_dispute(self, charge: str, params: Params) -> Obj:
        """reason, status (needs_response, warning_needs_response, ...), amount."""

    def close_dispute(self, dispute: str, params: Params) -> Obj:
        """status: won, lost, warning_closed, under_review (evidence sent)."""

    def warn_of_fraud(self, charge: str, params: Params) -> Obj:
        """fraud_type. An early fraud warning."""

    def set_mandate(self, mandate: str, params: Params) -> Obj:
        """status: inactive. The customer withdraws a mandate at his bank."""

    # Subscriptions and invoices -------------------------------------------------------------------------------------
    def create_subscription(self, params: Params) -> Obj:
        """customer, items[{price, quantity}], trial_end ("now" or epoch), trial_period_days, trial_settings,
        default_payment_method, default_source, payment_behavior (allow_incomplete, default_incomplete,
        error_if_incomplete), collection_method, days_until_due, off_session, payment_settings, metadata, description,
        cancel_at, cancel_at_period_end, automatic_tax[enabled].
        """

    def update_subscription(self, subscription: str, params: Params) -> Obj:
        """default_payment_method, default_source, pause_collection, cancel_at_period_end, cancel_at, trial_end,
        metadata, payment_settings, trial_settings, collection_method, days_until_due, description.
        """

    def cancel_subscription(self, subscription: str, params: Params) -> Obj:
        """cancellation_details[comment, feedback]."""

    def resume_subscription(self, subscription: str, params: Params) -> Obj: ...
    def pause_subscription(self, subscription: str, params: Params) -> Obj:
        """type: pause_requested or system. Status `paused` on somebody's wish."""

    def create_invoice(self, params: Params) -> Obj:
        """customer, subscription, auto_advance, collection_method; one line from `lines[{amount, description}]`."""

    def update_invoice(self, invoice: str, params: Params) -> Obj:
        """auto_advance, default_payment_method, default_source, metadata, description."""

    def finalize_invoice(self, invoice: str, params: Params) -> Obj: ...
    def pay_invoice(self, invoice: str, params: Params) -> Obj:
        """payment_method, source, off_session (default true), forgive, paid_out_of_band."""

    def void_invoice(self, invoice: str, params: Params) -> Obj: ...
    def mark_invoice_uncollectible(self, invoice: str, params: Params) -> Obj: ...
    def send_invoice(self, invoice: str, params: Params) -> Obj: ...
    def pay_hosted_invoice(self, invoice: str, params: Params) -> Obj:
        """The customer pays on the hosted page: card (token) or payment_method; authenticate: pass (default), fail,
        abandon. On-session. The card is attached and set up for off-session use when the payment succeeds.
        """

    # Pages ----------------------------------------------------------------------------------------------------------
    def create_checkout_session(self, params: Params) -> Obj:
        """mode (subscription, setup, payment), customer, customer_email, line_items[{price, quantity}],
        subscription_data, setup_intent_data, payment_intent_data, payment_method_collection, currency, success_url,
        cancel_url, metadata, client_reference_id, expires_at, ui_mode.
        """

    def expire_checkout_session(self, session: str) -> Obj: ...
    def complete_checkout_session(self, session: str, params: Params) -> Obj:
        """The customer fills the page in: card (a token, if one is collected), email, name, authenticate (as above)."""

    def create_portal_configuration(self, params: Params) -> Obj: ...
    def create_portal_session(self, params: Params) -> Obj:
        """customer, return_url, flow_data, configuration, after_expiration."""

    def portal_update_card(self, session: str, params: Params) -> Obj:
        """The customer enters a card in the portal: card, authenticate. Writes the customer's default; returns the
        customer.
        """

    def portal_cancel(self, session: str, subscription: str, params: Params) -> Obj:
        """The customer cancels at the period's end in the portal; returns the subscription."""
