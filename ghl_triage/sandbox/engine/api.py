"""What the engine and the rooms that use it speak in: objects, parameters, refusals, cards, cells.

Stored objects are plain dicts in the shape of API version 2026-10-28.endive, with ids where Stripe has expandable
references. They are *never changed in place*: a change stores a new dict, and an event keeps the one of its time. So
treat what `get`, `list` and the operations return as frozen; copy before you add or expand anything.

Parameters are nested dicts as decoded from Stripe's form encoding. Numbers and flags may be strings ("97", "true") or
Python values; `""` and `None` both mean "unset this field".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

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
