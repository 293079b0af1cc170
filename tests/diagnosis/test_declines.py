"""The table of decline codes."""

from __future__ import annotations

from collections import Counter

import pytest

from ghl_triage.diagnosis.decline_table import ROWS
from ghl_triage.diagnosis.declines import Category, advice, category, listed, may_retry, meaning, shown_to_customers
from ghl_triage.model import Cause
from tests.diagnosis.build import refused

ANSWERED = {
    Category.RETRYABLE: {Cause.SOFT_DECLINE},
    Category.SOFT_FUNDS: {Cause.SOFT_DECLINE},
    Category.CUSTOMER_ISSUER: {Cause.GENERIC_DECLINE, Cause.HARD_DECLINE},
    Category.CUSTOMER_AUTH: {Cause.AUTHENTICATION_REQUIRED},
    Category.CUSTOMER_DATA: {Cause.CARD_DATA_WRONG},
    Category.CUSTOMER_NEW_METHOD: {Cause.HARD_DECLINE, Cause.CARD_EXPIRED},
    Category.CARD_PRESENT: {Cause.HARD_DECLINE},
    Category.HARD: {Cause.HARD_DECLINE, Cause.BLOCKED_BY_STRIPE},
    Category.HARD_HIDDEN: {Cause.HARD_DECLINE},
    Category.CHECK_FIRST: {Cause.CHECK_FIRST},
    Category.RADAR: {Cause.BLOCKED_BY_STRIPE},
    Category.CONFIG: {Cause.UNKNOWN},
}


def test_every_code_is_listed_once_with_a_known_category() -> None:
    assert max(Counter(row.code for row in ROWS).values()) == 1
    for row in ROWS:
        assert Category(row.category) is not Category.UNKNOWN
        assert row.retry in ("yes", "later", "no")
        assert row.meaning
        assert advice(row.code)


@pytest.mark.parametrize("code", [row.code for row in ROWS])
def test_every_code_leads_to_the_cause_of_its_category(code: str) -> None:
    case = refused(code).case()
    assert case.cause in ANSWERED[category(code)]
    assert case.decline_code == code


def test_an_unlisted_code_is_unknown() -> None:
    assert category("moon_phase") is Category.UNKNOWN
    assert category(None) is Category.UNKNOWN
    assert may_retry("moon_phase") is None
    assert listed("") is None
    assert "does not know" in meaning("moon_phase")
    assert advice("moon_phase") is None


def test_customers_never_read_the_hidden_codes() -> None:
    for code in ("fraudulent", "lost_card", "stolen_card", "merchant_blacklist"):
        assert shown_to_customers(code) == "generic_decline"
    assert shown_to_customers("insufficient_funds") == "insufficient_funds"
    assert shown_to_customers("moon_phase") == "moon_phase"
