"""The cards of the stories: what their banks do, by the name of what will happen."""

from __future__ import annotations

from dataclasses import replace

from ghl_triage.sandbox.engine.api import CardSpec, Decline

GOOD_CARDS = (
    CardSpec("4242", "visa", "US", "credit", 8, 2034),
    CardSpec("4444", "mastercard", "US", "debit", 3, 2033),
    CardSpec("0005", "amex", "US", "credit", 11, 2032),
    CardSpec("5556", "visa", "GB", "debit", 5, 2031),
    CardSpec("8210", "mastercard", "DE", "debit", 1, 2033),
    CardSpec("0505", "jcb", "JP", "credit", 9, 2034),
    CardSpec("1117", "discover", "US", "credit", 6, 2032),
    CardSpec("0094", "visa", "FR", "credit", 12, 2033),
    CardSpec("2222", "mastercard", "BR", "prepaid", 7, 2031),
)


_DECLINED = "Your card was declined."


def _decline(
    decline_code: str | None,
    network: str | None = "05",
    advice: str | None = None,
    code: str = "card_declined",
    message: str = _DECLINED,
) -> Decline:
    return Decline(code, decline_code, message, advice, network)


def _blocked(reason: str, decline_code: str = "generic_decline", risk: str = "normal") -> Decline:
    return Decline("card_declined", decline_code, _DECLINED, None, None, None, "blocked", reason, risk)


FUNDS = _decline("insufficient_funds", "51", "try_again_later", message="Your card has insufficient funds.")
SOFT = (
    FUNDS,
    _decline("card_velocity_exceeded", "65", "try_again_later"),
    _decline("issuer_not_available", "91"),
    _decline(
        "processing_error", "96", code="processing_error", message="An error occurred while processing your card."
    ),
    _decline("do_not_honor", "05", "try_again_later"),
    _decline("withdrawal_count_limit_exceeded", "65"),
)
GENERIC = (
    _decline("generic_decline"),
    _decline("do_not_honor"),
    _decline("call_issuer", "01"),
    _decline("service_not_allowed", "57"),
    _decline("no_action_taken", "21"),
)
HARD = (
    _decline("lost_card", "41", "do_not_try_again"),
    _decline("stolen_card", "43", "do_not_try_again"),
    _decline("pickup_card", "04", "do_not_try_again"),
    _decline("fraudulent", "59", "do_not_try_again"),
    _decline("transaction_not_allowed", "57"),
    _decline("revocation_of_authorization", "R1", "do_not_try_again"),
    _decline("card_not_supported", "57"),
    _decline("generic_decline", "14", "do_not_try_again"),
)
LOST_CARD = HARD[0]
DATA = (
    _decline(None, "N7", "confirm_card_data", "incorrect_cvc", "Your card's security code is incorrect."),
    _decline(None, "14", "confirm_card_data", "incorrect_number", "Your card number is incorrect."),
    _decline("generic_decline", "14", "confirm_card_data"),
)
EXPIRED = _decline(None, "54", "confirm_card_data", "expired_card", "Your card has expired.")
BLOCKED = (
    _blocked("highest_risk_level", "fraudulent", "highest"),
    _blocked("rule", "fraudulent", "elevated"),
    _blocked("previously_declined_do_not_retry"),
    _blocked("low_probability_of_authorization"),
)
DUPLICATE = _decline(
    "duplicate_transaction", "94", message="The same amount was submitted for this card very recently."
)
SILENT = _decline(None, None)
UNHEARD = (
    _decline("issuer_policy_refusal_v3", "7X"),
    _decline("testmode_decline", None, message="Your request was in test mode, but used a card that is no test card."),
)


def refusing(decline: Decline, card: CardSpec = GOOD_CARDS[0]) -> CardSpec:
    """A card that can be saved, and whose charges are then refused so."""
    return replace(card, charge=decline)


def expiring(card: CardSpec, year: int, month: int) -> CardSpec:
    """The same card with another last month."""
    return replace(card, exp_year=year, exp_month=month)


SCA_UNSAVED = CardSpec("3155", "visa", "FR", "credit", 10, 2034, sca="unless_set_up")
"""Works off-session after a set-up alone."""
SCA_ALWAYS = CardSpec("3184", "visa", "DE", "debit", 4, 2034, sca="always")
"""Its bank wants the customer there each time, set up or not."""
INDIAN = CardSpec("0123", "visa", "IN", "credit", 2, 2034, charge=GENERIC[1])
BANK_ACCOUNT = CardSpec("6789", "", "US", "", type="us_bank_account")
SEPA_ACCOUNT = CardSpec("3000", "", "DE", "", type="sepa_debit")
