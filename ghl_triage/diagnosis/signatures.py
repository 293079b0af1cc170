"""The signature of a subscription: what tells the sales of one seller from those of another (domain/stripe.md 4.1).

It is made of what stands there from the sign-up on, so that it stays as it is when the first charge comes: the
subscription's own marks and those of its sign-up; only where these say nothing, those of its first payment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.facts import Customer, Subscription
from ghl_triage.diagnosis.signs import SIGN_UP, Sign, signs
from ghl_triage.model import LearnedName, Signature

MOST_WORDS, MOST_CHARACTERS = 3, 32
"""How much of a description is its beginning."""
STRIPES_OWN = ("Subscription creation", "Subscription update")
"""How Stripe itself describes the payments of a subscription: no sign of who sold it."""
_NUMBER = re.compile(r"\d{2,}")
_OF_ONE = re.compile(r"[#@]|\d\D*\d|^\d+$")
"""A word that belongs to one sale: a number, a reference, an address."""


def signature(dossier: Dossier, sub: Subscription) -> Signature:
    """The signature of this subscription."""
    found = signs(dossier, sub)
    early = [sign for sign in found if sign.created <= sub.created + SIGN_UP]
    return Signature(
        application=next((sign.application for sign in found if sign.application), ""),
        metadata=_keys(early) or _keys(_first_with_keys(found)),
        description=_beginning(early, dossier.customer),
        price=next((item.price for item in sub.items if item.price), ""),
    )


def _keys(found: Iterable[Sign]) -> tuple[str, ...]:
    return tuple(sorted({_NUMBER.sub("#", key) for sign in found for key in sign.metadata}))


def _first_with_keys(found: Iterable[Sign]) -> list[Sign]:
    marked = [sign for sign in found if sign.metadata]
    return [min(marked, key=lambda sign: (sign.created, sign.object_id))] if marked else []


def _beginning(found: Iterable[Sign], customer: Customer) -> str:
    own = _words(customer.name) | _words(customer.email)
    for sign in found:
        if sign.description and not sign.description.startswith(STRIPES_OWN):
            return beginning(sign.description, own)
    return ""


def beginning(description: str, own: frozenset[str] = frozenset()) -> str:
    """The words that a description begins with, up to a number, a reference, or a word of the customer's own."""
    kept: list[str] = []
    for word in description.split()[:MOST_WORDS]:
        if _OF_ONE.search(word) or _words(word) & own or len(" ".join([*kept, word])) > MOST_CHARACTERS:
            break
        kept.append(word)
    return " ".join(kept)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.split(r"\W+", text.casefold()) if len(word) > 1)


def matches(name: LearnedName, found: Signature) -> bool:
    """Whether a signature agrees with all that a name says."""
    return (
        name.application in (None, found.application)
        and name.metadata in (None, found.metadata)
        and name.description in (None, found.description)
        and name.price in (None, found.price)
    )


def first_match(names: Iterable[LearnedName], found: Signature) -> LearnedName | None:
    """The name for a signature: the one that says most; of those that say as much, the first."""
    fitting = [name for name in names if matches(name, found)]
    return max(fitting, key=_said, default=None)


def _said(name: LearnedName) -> int:
    return sum(value is not None for value in (name.application, name.metadata, name.description, name.price))


def described(of: LearnedName | Signature, applications: Mapping[str, str] | None = None) -> str:
    """What a name or a signature says, in words: `application ca_… (Kajabi), metadata plan user_ref, price price_1`."""
    said = []
    if of.application:
        title = (applications or {}).get(of.application)
        said.append(f"application {of.application}{f' ({title})' if title else ''}")
    if of.metadata:
        said.append(f"metadata {' '.join(of.metadata)}")
    if of.description:
        said.append(f'description beginning "{of.description}"')
    if of.price:
        said.append(f"price {of.price}")
    return ", ".join(said) or "no application, no metadata, no description"
