"""Stripe's test cards, and what a bank does with the plastic behind a PaymentMethod."""

from __future__ import annotations

from calendar import timegm
from dataclasses import replace

from ghl_triage.sandbox.engine.api import CardSpec, Decline, Params, StripeError
from ghl_triage.sandbox.engine.params import group, integer, text
from ghl_triage.sandbox.engine.state import State


def _no(
    decline_code: str, network: str | None, advice: str | None, message: str, code: str = "card_declined"
) -> Decline:
    return Decline(code, decline_code, message, advice, network)


GENERIC = Decline()
INSUFFICIENT_FUNDS = _no("insufficient_funds", "51", "try_again_later", "Your card has insufficient funds.")
LOST = _no("lost_card", "41", "do_not_try_again", "Your card was declined.")
STOLEN = _no("stolen_card", "43", "do_not_try_again", "Your card was declined.")
EXPIRED = Decline("expired_card", None, "Your card has expired.", "do_not_try_again", "54")
INCORRECT_CVC = Decline("incorrect_cvc", None, "Your card's security code is incorrect.", "confirm_card_data", "N7")
PROCESSING_ERROR = Decline(
    "processing_error",
    None,
    "An error occurred while processing your card. Try again in a little bit.",
    "try_again_later",
    "96",
)
VELOCITY = _no(
    "card_velocity_exceeded",
    "61",
    "try_again_later",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    None,
    "1A",
)
RADAR_RULE = Decline(
    "card_declined", "fraudulent", "Your card was declined.", None, None, None, "blocked", "rule", "normal"
)
RADAR_HIGHEST = replace(RADAR_RULE, reason="highest_risk_level", risk_level="highest")

#: Codes after which automatic retries wait for another payment method.
HARD_CODES = frozenset(
    {
        "incorrect_number",
        "lost_card",
        "pickup_card",
        "stolen_card",
        "revocation_of_authorization",
        "revocation_of_all_authorizations",
        "authentication_required",
        "highest_risk_level",
        "transaction_not_allowed",
    }
)

GOOD = CardSpec()
_BY_NUMBER: dict[str, CardSpec] = {
    "4242424242424242": GOOD,
    "4000056655665556": CardSpec("5556", funding="debit"),
    "5555555555554444": CardSpec("4444", brand="mastercard"),
    "5105105105105100": CardSpec("5100", brand="mastercard", funding="prepaid"),
    "378282246310005": CardSpec("0005", brand="amex"),
    "6011111111111117": CardSpec("1117", brand="discover"),
    "4000003560000008": CardSpec("0008", country="IN", funding="debit"),
    "4000000000000341": CardSpec("0341", charge=GENERIC),
    "4000000000000002": CardSpec("0002", attach=GENERIC, charge=GENERIC),
    "4000000000009995": CardSpec("9995", attach=INSUFFICIENT_FUNDS, charge=INSUFFICIENT_FUNDS),
    "4000000000009987": CardSpec("9987", attach=LOST, charge=LOST),
    "4000000000009979": CardSpec("9979", attach=STOLEN, charge=STOLEN),
    "4000000000000069": CardSpec("0069", attach=EXPIRED, charge=EXPIRED),
    "4000000000000127": CardSpec("0127", attach=INCORRECT_CVC, charge=INCORRECT_CVC),
    "4000000000000119": CardSpec("0119", attach=PROCESSING_ERROR, charge=PROCESSING_ERROR),
    "4000000000006975": CardSpec("6975", attach=VELOCITY, charge=VELOCITY),
    "4000002760003184": CardSpec("3184", country="DE", sca="always"),
    "4000002500003155": CardSpec("3155", country="FR", sca="unless_set_up"),
    "4000003800000446": CardSpec("0446", country="GB", sca="set_up"),
    "4000008260003178": CardSpec("3178", country="GB", sca="always", charge=INSUFFICIENT_FUNDS),
    "4100000000000019": CardSpec("0019", charge=RADAR_HIGHEST),
    "4000000000004954": CardSpec("4954", charge=replace(RADAR_RULE, risk_level="highest")),
    "4000000000009235": CardSpec("9235"),
}
_TOKENS: dict[str, str] = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "mastercard_prepaid": "5105105105105100",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "in": "4000003560000008",
    "chargeCustomerFail": "4000000000000341",
    "visa_chargeDeclined": "4000000000000002",
    "chargeDeclined": "4000000000000002",
    "visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedLostCard": "4000000000009987",
    "visa_chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "visa_chargeDeclinedVelocityLimitExceeded": "4000000000006975",
    "authenticationRequired": "4000002760003184",
    "authenticationRequiredOnSetup": "4000002500003155",
    "authenticationRequiredSetupForOffSession": "4000003800000446",
    "authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
    "radarBlock": "4100000000000019",
}
#: Cards that attach and then fail, each with a reason of its own.
_FAIL_LATER: dict[str, Decline] = {
    "visa_chargeCustomerFailLostCard": LOST,
    "visa_chargeCustomerFailStolenCard": STOLEN,
    "visa_chargeCustomerFailInsufficientFunds": INSUFFICIENT_FUNDS,
    "visa_chargeCustomerFailExpiredCard": EXPIRED,
}


def test_card(name: str) -> CardSpec | None:
    """The test card behind a number, `tok_...` or `pm_card_...`."""
    if name in _BY_NUMBER:
        return _BY_NUMBER[name]
    word = name.removeprefix("pm_card_").removeprefix("tok_")
    if word in _FAIL_LATER:
        return CardSpec("0341", charge=_FAIL_LATER[word])
    number = _TOKENS.get(word)
    return _BY_NUMBER[number] if number else None


def issue(state: State, spec: CardSpec) -> str:
    """New plastic; returns the token that stands for it."""
    token = state.ids.other("tok_1", 23)
    state.private.plastics[token] = fingerprint = state.ids.characters(16)
    state.private.banks[fingerprint] = spec
    return token


def plastic(state: State, params: Params) -> str:
    """The fingerprint of the plastic that `card[token]` or `card[number]` names; new plastic for a test card."""
    card = group(params, "card") or params
    name = text(card, "token") or text(card, "number")
    known = state.private.plastics.get(name or "")
    if known:
        return known
    spec = test_card(name or "")
    if spec is None:
        raise StripeError(f"No such token: '{name}'", code="resource_missing", param="card[token]")
    month, year = integer(card, "exp_month"), integer(card, "exp_year")
    if month and year:
        spec = replace(spec, exp_month=month, exp_year=year)
    fingerprint = state.ids.characters(16)
    state.private.banks[fingerprint] = spec
    return fingerprint


def fingerprint_of(state: State, card: str) -> str:
    """The plastic behind a token, PaymentMethod, legacy card or fingerprint."""
    fingerprint = state.private.plastics.get(card, card)
    if fingerprint not in state.private.banks:
        raise StripeError(f"No such token: '{card}'", code="resource_missing", param="card")
    return fingerprint


def bank(state: State, card: str) -> CardSpec:
    """How the bank treats it now."""
    return state.private.banks[fingerprint_of(state, card)]


def expires(month: int, year: int) -> int:
    """The first second after a card's last month."""
    return timegm((year + month // 12, month % 12 + 1, 1, 0, 0, 0))


def refusal(spec: CardSpec, month: int, year: int, now: int) -> Decline | None:
    """How a charge of this card is refused now, authentication left aside; None where the bank pays."""
    if spec.charge is not None and spec.charge.outcome_type == "blocked":
        return spec.charge
    if spec.type == "card" and expires(month, year) <= now:
        return EXPIRED
    return spec.charge
