"""The test cards of Stripe's that behave as a story's cards do."""

from __future__ import annotations

from collections.abc import Sequence

from ghl_triage.sandbox.engine.api import CardSpec, Decline
from ghl_triage.sandbox.verify.transcript import NotPlayable

_BRANDS = {"visa": "visa", "mastercard": "mastercard", "amex": "amex", "discover": "discover"}
_AUTHENTICATION = {
    "unless_set_up": "authenticationRequiredOnSetup",
    "always": "authenticationRequired",
    "set_up": "authenticationRequiredSetupForOffSession",
}
_LOST = "visa_chargeCustomerFailLostCard"
TOKENS_ALONE = frozenset({_LOST})
"""Words that Stripe has with `tok_` alone: for legacy sources, not for PaymentMethods."""

_FAR = 2_030
"""Stripe's test cards bring a last month of their own, some years ahead."""


def word(fate: Sequence[CardSpec]) -> str:
    """The word after `pm_card_` for plastic that its bank treats so, one after the other; NotPlayable without one.

    A card that turns bad before it is first charged is played as one that was bad all along: Stripe has cards that can
    be saved and are refused later.
    """
    first, *later = fate
    if len(later) > 1:
        raise NotPlayable("a card whose bank changes its mind twice")
    if later and _refusal(first.charge) is None:
        return _word(later[-1])
    return _word(first)


def _word(spec: CardSpec) -> str:
    if spec.type != "card":
        raise NotPlayable("a bank account, whose payments take days by the wall's clock")
    if spec.exp_year < _FAR:
        raise NotPlayable("a card with a last month of the story's choice")
    if spec.attach is not None:
        raise NotPlayable("a card that can't be saved")
    refused = _refusal(spec.charge)
    if refused is not None:
        return refused
    if spec.country == "IN":
        return "in"
    if spec.sca != "never":
        return _AUTHENTICATION[spec.sca]
    return _BRANDS.get(spec.brand, "visa")


def _refusal(decline: Decline | None) -> str | None:
    if decline is None:
        return None
    if decline.outcome_type == "blocked" and decline.reason == "highest_risk_level":
        return "radarBlock"
    if decline.outcome_type != "blocked" and decline.decline_code == "generic_decline" and decline.advice_code is None:
        return "chargeCustomerFail"
    if decline.decline_code == "lost_card":
        return _LOST
    raise NotPlayable(f"a card that is refused later with {decline.decline_code or decline.code}")
