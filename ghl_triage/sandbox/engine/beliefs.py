"""What Stripe's and HighLevel's documents leave open, as switches. docs/beliefs.md says why each has its default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

SwitchValue = bool | int | str


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How automatic collection goes on after a first failure, and how it ends. Times in seconds after that failure."""

    offsets: tuple[int, ...] = (3 * 86_400, 5 * 86_400, 7 * 86_400, 14 * 86_400)
    end: Literal["cancel", "unpaid", "past_due"] = "past_due"


@dataclass(frozen=True, slots=True)
class Beliefs:
    """How this sandbox behaves where no document says how Stripe does."""

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    #: False: objects that a Connect platform makes carry `application: null`.
    application_shown: bool = True
    #: True: an invoice that was tried without any payment method shows a next attempt all the same.
    retry_without_method: bool = False
    #: An automatic first charge of an Indian card without a mandate: tried and declined, or not tried at all.
    indian_cards: Literal["declined", "skipped"] = "declined"
    #: `auto_advance` of an open invoice whose retries are over.
    auto_advance_after_retries: bool = True
    #: `auto_advance` of the first invoice of a subscription that waits for its first payment.
    auto_advance_on_incomplete: bool = True
    #: False: a default goes on naming a card that was detached; charging it is tried and makes no charge.
    detaching_clears_defaults: bool = True
    #: How Stripe's own attempt ends where the bank wants 3-D Secure: a failed charge, or a challenge that waits.
    three_d_secure: Literal["declined", "requires_action"] = "declined"
    #: `cancellation_details.reason` of a trial that ends without a payment method and says `cancel`.
    cancel_at_trial_end: Literal["null", "payment_failed"] = "null"
    #: Whether a card that pays on the hosted invoice page stays with the customer, set up for later.
    hosted_invoice_saves_card: bool = True
    #: What HighLevel calls a subscription that Stripe calls past due.
    highlevel_past_due: Literal["incomplete", "past_due"] = "incomplete"
    #: How search compares e-mail addresses, and that it is closed to merchants in India.
    customer_search: Literal["ignores_case", "exact", "closed"] = "ignores_case"
    #: Whether a key's right is looked at before the object that is to be changed.
    rights_before_existence: bool = True
    #: Seconds from a renewal's draft to its finalisation and first charge.
    finalize_after: int = 3_600
    event_lifetime: int = 30 * 86_400


SWITCHES: Mapping[str, tuple[SwitchValue, ...]] = {
    "application_shown": (True, False),
    "retry_without_method": (False, True),
    "indian_cards": ("declined", "skipped"),
    "auto_advance_after_retries": (True, False),
    "auto_advance_on_incomplete": (True, False),
    "detaching_clears_defaults": (True, False),
    "three_d_secure": ("declined", "requires_action"),
    "cancel_at_trial_end": ("null", "payment_failed"),
    "hosted_invoice_saves_card": (True, False),
    "highlevel_past_due": ("incomplete", "past_due"),
    "customer_search": ("ignores_case", "exact", "closed"),
    "rights_before_existence": (True, False),
}
"""By name: the settings that each switch has, the default first."""
_NUMBERS = ("finalize_after", "event_lifetime")


def shown(beliefs: Beliefs) -> dict[str, SwitchValue]:
    """Every switch and number by its name, as it is set."""
    return {name: getattr(beliefs, name) for name in (*SWITCHES, *_NUMBERS)}


def with_belief(beliefs: Beliefs, name: str, value: SwitchValue) -> Beliefs:
    """The beliefs with one switch set."""
    changes: dict[str, Any] = {name: value}
    return replace(beliefs, **changes)


def read(settings: Iterable[str]) -> Beliefs:
    """Beliefs from `name=value` texts; ValueError names what there is where one cannot be read."""
    beliefs = Beliefs()
    for setting in settings:
        name, _, word = setting.partition("=")
        beliefs = with_belief(beliefs, name, _value(name, word.strip().lower()))
    return beliefs


def _value(name: str, word: str) -> SwitchValue:
    if name in _NUMBERS:
        if not word.isdecimal():
            raise ValueError(f"{name} takes a number of seconds, not {word or 'nothing'}")
        return int(word)
    if name not in SWITCHES:
        raise ValueError(f"no such belief: {name}; there are {', '.join((*SWITCHES, *_NUMBERS))}")
    words = {str(value).lower(): value for value in SWITCHES[name]}
    if word not in words:
        raise ValueError(f"{name} is one of {', '.join(words)}, not {word or 'nothing'}")
    return words[word]
