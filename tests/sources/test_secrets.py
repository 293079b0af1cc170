"""Nothing secret stays in a text that came from outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.secrets.known import hold
from ghl_triage.sources.secrets import HIDDEN, mask
from ghl_triage.store.split import make_row
from tests.secrets.planting import AGENCY_TOKEN, FORMS, HIGHLEVEL_TOKEN

SECRETS = [
    "sk_live_51HabcDEF",
    "rk_test_sandbox",
    "rk_test_****************abcd",
    "pit-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "pi_3Abc_secret_Def",
    "seti_1Abc_secret_Def",
    "https://invoice.stripe.com/i/acct_1/test_YWNjdA",
    "https://billing.stripe.com/p/session/test_abc",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_every_kind_of_secret_is_hidden(secret: str) -> None:
    assert mask(f"Invalid API Key provided: {secret} (see there)") == f"Invalid API Key provided: {HIDDEN} (see there)"


@pytest.mark.parametrize("form", FORMS)
def test_whatever_can_be_planted_is_hidden_in_sentences_and_in_stored_objects(form: str) -> None:
    hold(HIGHLEVEL_TOKEN, AGENCY_TOKEN)
    assert "PLANTED" not in mask(f"HighLevel said: {form}, and more")
    stored = {"id": "cus_1", "object": "customer", "metadata": {"note": f"a\n{form}.", form: "x"}}
    row = make_row(stored, 1)
    assert "PLANTED" not in row.json
    assert "note" in row.json


def test_a_secret_glued_to_other_text_is_found() -> None:
    for text in ("oldsk_live_PLANTEDabcdefghijk", r"\nrk_live_PLANTED", "%20whsec_PLANTED", "(pit-PLANTED-1)"):
        assert "PLANTED" not in mask(text)


def test_what_an_error_body_names_as_a_secret_is_hidden_and_its_sentence_stays() -> None:
    assert mask('{"token": "a1b2c3d4e5f6g7", "x-api-key":"a1b2c3d4e5f6g7"}') == (
        '{"token": "[hidden]", "x-api-key":"[hidden]"}'
    )
    assert mask("Invalid token: the session is over") == "Invalid token: the session is over"


@given(before=st.text(max_size=40), secret=st.sampled_from(SECRETS), after=st.text(max_size=40))
def test_no_text_around_a_secret_lets_it_through(before: str, secret: str, after: str) -> None:
    assert secret not in mask(f"{before} {secret} {after}")


def test_a_bearer_header_loses_its_token() -> None:
    assert "abc123" not in mask("authorization: Bearer abc123")


def test_a_known_secret_is_hidden_whatever_its_form() -> None:
    assert mask("token tok-1 refused", secrets=["tok-1", ""]) == f"token {HIDDEN} refused"


def test_control_characters_and_length_are_tamed() -> None:
    assert mask("a\x1b[31m\nb\u202ec") == "a [31m b c"
    assert len(mask("x" * 1_000)) == 300


@pytest.mark.parametrize(
    "text",
    [
        "No such customer: 'cus_123'; see https://docs.stripe.com/api",
        "https://dashboard.stripe.com/test/customers/cus_123",
        "client_secret_null_logged: the client secret was null",
        "task_test_abc, disk_live_x, Basic Subscription, spit-shine, pit stop",
        "https://acme.test/pricing/month",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert mask(text) == text
