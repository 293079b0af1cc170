"""What a Stripe key may do, as far as that is known, and what each action needs of it. Pure.

Rights are called as Stripe's Dashboard calls them; the `rak_` name is told where Stripe's own answer gave it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from ghl_triage.model import ActionKind, Case, Cause, Level, LinkKind, PlannedRequest


class Held(StrEnum):
    """Whether the key has a right."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Right:
    """One right of a restricted key. `slug` is Stripe's name for it without `rak_`; `purpose` is what we need it for.

    `path` is the collection that it opens. `needed`: without it something that matters is not seen, or cannot be done.
    """

    slug: str
    name: str
    purpose: str
    path: str
    needed: bool = True

    @property
    def writes(self) -> bool:
        """Whether it lets the key change things. Writing includes reading."""
        return self.slug.endswith("_write")


Answers: TypeAlias = Mapping[Right, tuple[Held, str]]
"""Whether the key has rights that were asked for, each with the name that Stripe gave it where it is missing."""

INVOICES = Right("invoice_write", "Invoices: Write", "retry a payment", "/v1/invoices")
CUSTOMERS = Right("customer_write", "Customers: Write", "make a card the customer's default", "/v1/customers")
SUBSCRIPTIONS = Right(
    "subscription_write",
    "Subscriptions: Write",
    "make a card the subscription's default, resume, cancel a duplicate",
    "/v1/subscriptions",
)
PORTAL = Right(
    "customer_portal_write",
    "Customer portal: Write",
    "make a link on which a customer changes the card",
    "/v1/billing_portal/sessions",
)
CHECKOUT = Right(
    "checkout_session_write",
    "Checkout Sessions: Write",
    "make a link that sets a card up, or sells anew",
    "/v1/checkout/sessions",
)
PAYMENT_METHODS = Right("payment_method_read", "PaymentMethods: Read", "the cards on file", "/v1/payment_methods")

WRITES = (INVOICES, CUSTOMERS, SUBSCRIPTIONS, PORTAL, CHECKOUT)
READS = (
    Right("subscription_read", "Subscriptions: Read", "every case", "/v1/subscriptions"),
    Right("invoice_read", "Invoices: Read", "what is owed, and how each attempt ended", "/v1/invoices"),
    Right("customer_read", "Customers: Read", "who it is, and his other customers", "/v1/customers"),
    PAYMENT_METHODS,
    Right("charge_read", "Charges: Read", "every attempt, and what the bank said", "/v1/charges"),
    Right("payment_intent_read", "PaymentIntents: Read", "why an attempt has no charge", "/v1/payment_intents"),
    Right(
        "setup_intent_read", "SetupIntents: Read", "whether a card was set up for later charges", "/v1/setup_intents"
    ),
    Right(
        "checkout_session_read", "Checkout Sessions: Read", "what was sold through Checkout", "/v1/checkout/sessions"
    ),
    Right("event_read", "Events: Read", "what changed since, and the history", "/v1/events"),
    Right("dispute_read", "Disputes: Read", "disputed payments", "/v1/disputes", needed=False),
    Right("radar_read", "Radar: Read", "early fraud warnings", "/v1/radar/early_fraud_warnings", needed=False),
)
RIGHTS = (*READS, *WRITES)
"""All that the program makes use of; domain: Stripe's page "Restricted API keys"."""

ADD_RIGHT = "Add it to the key in the Dashboard under Developers > API keys; the next sync sees it."

_BY_SLUG = {right.slug: right for right in RIGHTS}
_READ_BY_PATH = {right.path: right for right in READS} | {"/v1/invoice_payments": _BY_SLUG["invoice_read"]}
_PAGES = {
    LinkKind.PORTAL: PORTAL,
    LinkKind.SETUP_CHECKOUT: CHECKOUT,
    LinkKind.NEW_CHECKOUT: CHECKOUT,
}
_ANY_OF = {
    ActionKind.RETRY: (INVOICES,),
    ActionKind.FIX_DEFAULT: (CUSTOMERS, SUBSCRIPTIONS),
    ActionKind.RESUME_SUBSCRIPTION: (SUBSCRIPTIONS,),
    ActionKind.CANCEL_DUPLICATE: (SUBSCRIPTIONS,),
    ActionKind.UNDO: (CUSTOMERS, SUBSCRIPTIONS),
}
"""Where the key has none of these, no case can be done. A link may be an invoice's own page, which needs no right."""


def right_of_read(path: str) -> Right | None:
    """The right that a GET of this path needs."""
    if path.endswith("/payment_methods"):
        return PAYMENT_METHODS
    return next((right for prefix, right in _READ_BY_PATH.items() if _lies_in(path, prefix)), None)


def right_of_write(path: str) -> Right | None:
    """The right that changing this path needs."""
    return next((right for right in WRITES if _lies_in(path, right.path)), None)


def _lies_in(path: str, collection: str) -> bool:
    return path == collection or path.startswith(f"{collection}/")


def spoken(named: str) -> str:
    """A right that Stripe named (`rak_invoice_write`), as the Dashboard calls it too where that is known."""
    right = _BY_SLUG.get(named.removeprefix("rak_"))
    return f"{right.name} ({named})" if right else named


def wanted(kind: ActionKind, case: Case) -> tuple[Right, ...]:
    """The rights that an action on this case needs, all of them; none where only its plan can tell."""
    if kind is ActionKind.RESEND_LINK:
        return (_PAGES[case.link],) if case.link in _PAGES else ()
    if kind is ActionKind.FIX_DEFAULT:
        return _for_the_default(case)
    return () if kind is ActionKind.UNDO else _ANY_OF[kind]


def _for_the_default(case: Case) -> tuple[Right, ...]:
    """What `actions/defaults.py` would write to, as far as the verdict tells."""
    if case.effective_level is Level.INVOICE:
        return ()
    if case.effective_level not in (Level.SUBSCRIPTION, Level.SUBSCRIPTION_SOURCE) or case.status == "incomplete":
        return (CUSTOMERS,)
    return (SUBSCRIPTIONS, CUSTOMERS) if case.cause is Cause.DEFAULT_SHADOWED else (SUBSCRIPTIONS,)


@dataclass(frozen=True, slots=True)
class Rights:
    """What is known of one key. `held` goes by slug; `named` is what Stripe called a right that it missed.

    `at` is when the rights to write were last looked at (UTC epoch seconds, 0: not yet, or to be looked at again).
    `whole` is a secret key: it has every right.
    """

    held: Mapping[str, Held] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    at: int = 0
    whole: bool = False

    def has(self, right: Right) -> Held:
        """Whether the key has a right."""
        return Held.YES if self.whole else self.held.get(right.slug, Held.UNKNOWN)

    def lacks(self, right: Right) -> bool:
        """Whether the key is known not to have it. What is not known lets an action be tried."""
        return self.has(right) is Held.NO

    @property
    def read_only(self) -> bool:
        """Whether the key is known to have no right to write at all."""
        return all(self.lacks(right) for right in WRITES)

    @property
    def settled(self) -> bool:
        """Whether nothing is missing and nothing unknown that lets the program act."""
        return all(self.has(right) is Held.YES for right in WRITES)

    def label(self, right: Right) -> str:
        """A missing right as Stripe names it: `Invoices: Write (rak_invoice_write)`."""
        named = self.named.get(right.slug, "")
        if not named or named.removeprefix("rak_") in _BY_SLUG:
            return spoken(named) or right.name
        return f"{right.name} ({named})"

    def why_not(self, kind: ActionKind, case: Case) -> str | None:
        """Why the key does not let this be done to the case; None where it does, or where that is not known."""
        return self._reason(right for right in wanted(kind, case) if self.lacks(right)) or self.never(kind)

    def never(self, kind: ActionKind) -> str | None:
        """Why the key lets this be done to no case at all."""
        needs = _ANY_OF.get(kind, ())
        return self._reason(needs) if needs and all(self.lacks(right) for right in needs) else None

    def missing(self, requests: Iterable[PlannedRequest]) -> str | None:
        """Why these requests would be refused, by what they change; None where nothing is known against them."""
        rights = (right_of_write(request.path) for request in requests if request.method != "GET")
        return self._reason(right for right in rights if right is not None and self.lacks(right))

    def _reason(self, missing: Iterable[Right]) -> str | None:
        labels = dict.fromkeys(self.label(right) for right in missing)
        return f"the key lacks {' and '.join(labels)}" if labels else None

    def learned(self, slug: str, held: Held, named: str = "") -> Rights:
        """The same, with one right known."""
        names = {name: text for name, text in self.named.items() if name != slug}
        if held is Held.NO and named:
            names[slug] = named
        return replace(self, held={**self.held, slug: held}, named=names)

    def told(self, answers: Answers) -> Rights:
        """The same, with what was asked for and answered."""
        known = self
        for right, (held, named) in answers.items():
            known = known.learned(right.slug, held, named)
        return known

    def to_json(self) -> str:
        """For the store."""
        return json.dumps({"held": dict(self.held), "named": dict(self.named), "at": self.at, "whole": self.whole})

    @classmethod
    def from_json(cls, text: str | None) -> Rights:
        """What `to_json` wrote; nothing known where there is none."""
        if not text:
            return cls()
        kept = json.loads(text)
        held = {slug: Held(word) for slug, word in kept["held"].items() if slug in _BY_SLUG}
        return cls(held, kept["named"], int(kept["at"]), bool(kept["whole"]))


EVERY = Rights(whole=True)
"""A secret key's."""


def is_secret(key: str) -> bool:
    """Whether a key is a secret one, which may do all."""
    return key.startswith("sk_")
