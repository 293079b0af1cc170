"""No secret reaches the file, wherever it stood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.errors import StoreError
from ghl_triage.store.journal import Journal, JournalEntry, PlanRecord
from ghl_triage.store.reader import Reader
from ghl_triage.store.redact import redact
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, customer, expanded, open_payment, subscription

KEY = "sk_test_" + "PLANTED1abcdefgh"
LIVE = "rk_live_" + "PLANTED2abcdefgh"
HOOK = "whsec_PLANTED3abcdefgh"
TOKEN = "pit-PLANTED4-abcd-efgh"
SECRET = "pi_1_secret_PLANTED5"
LINK = "https://invoice.stripe.com/i/acct_1/PLANTED6"
PAGE = "https://pages.example.test/PLANTED7"
STREET = "PLANTED8 Main Street"


def planted() -> list[dict[str, Any]]:
    """Objects with something secret wherever it can stand."""
    whole = expanded()
    whole["latest_invoice"] |= {"hosted_invoice_url": LINK, "invoice_pdf": PAGE}
    whole["latest_invoice"]["confirmation_secret"] = {"client_secret": SECRET, "type": "payment_intent"}
    whole["customer"] |= {"address": {"line1": STREET}, "shipping": {"address": {"line1": STREET}, "name": "J"}}
    whole["pending_setup_intent"] |= {
        "client_secret": "seti_1_secret_PLANTED5",
        "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": PAGE}},
    }
    whole["metadata"] = {"key": KEY, TOKEN: "x", "note": f"pay here: {LINK} or with {SECRET}", "apiKey": "PLANTED9"}
    payment = open_payment()
    intent = payment["payment"]["payment_intent"]
    intent |= {"client_secret": SECRET, "description": f"Invalid API Key provided: {LIVE}"}
    intent["latest_charge"] |= {"receipt_url": PAGE, "billing_details": {"address": {"line1": STREET}, "name": "J"}}
    intent["last_payment_error"]["message"] = f"see {HOOK}"
    session = {"id": "cs_test_1", "object": "checkout.session", "customer": "cus_1", "url": PAGE, "mode": "setup"}
    return [whole, payment, session]


def test_nothing_planted_is_found_in_the_bytes(path: Path) -> None:
    event = {"id": "evt_1", "object": "event", "created": NOW, "data": {"object": planted()[0]}}
    transaction = {"_id": "t1", "chargeSnapshot": {"client_secret": SECRET, "receipt_url": PAGE}, "note": TOKEN}
    with Writer(path) as writer, Journal(path) as journal, Reader(path):
        writer.write_objects(planted(), fetched_at=NOW)
        writer.write_events([event], fetched_at=NOW)
        writer.write_highlevel("transaction", [transaction], fetched_at=NOW)
        writer.add_note("sub_1", f"the client sent {KEY}", NOW)
        journal.intend_all([], plan=PlanRecord("p1", "retry", False, {"summary": f"sent {LINK}"}, "cli", NOW))
        entry = JournalEntry(
            "p1", "sub_1", "retry", "POST", "/v1/invoices/in_1/pay", {}, "k1", f"x {SECRET}", "cli", NOW
        )
        number = journal.intend(entry)
        from ghl_triage.store.journal import EntryState

        journal.settle(number, EntryState.FAILED, at=NOW, error=f"bad key {LIVE}")
        bytes_of_all = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"PLANTED" not in bytes_of_all
    assert b"HighLevel" in bytes_of_all, "the rest is there"


@pytest.mark.parametrize(
    ("at", "params", "key"),
    [
        ("/v1/x", {"client_secret": "x"}, "k1"),
        ("/v1/x", {"a": {"b": [SECRET]}}, "k1"),
        ("/v1/x", {"key": KEY}, "k1"),
        ("/v1/x", {"to": LINK}, "k1"),
        (f"/v1/x/{SECRET}", {}, "k1"),
        ("/v1/x", {}, f"retry:{KEY}"),
    ],
)
def test_the_journal_refuses_requests_with_a_secret(path: Path, at: str, params: dict[str, Any], key: str) -> None:
    with Journal(path) as journal:
        entry = JournalEntry("p1", "sub_1", "retry", "POST", at, params, key, "", "cli", NOW)
        with pytest.raises(StoreError, match="secret"):
            journal.intend(entry)
        assert journal.entries() == []


def test_what_is_no_secret_stays() -> None:
    plain = {
        "url": "/v1/invoices/in_1/lines",
        "metadata": {"locationId": "abc", "altType": "location", "page": "https://acme.test/pricing"},
        "payment_method": "pm_1",
        "network_token": {"used": False},
        "description": "Secretary's plan, pit stop",
    }
    assert redact(plain) == plain


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([KEY, LIVE, HOOK, TOKEN, SECRET, LINK]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.just(TOKEN), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_JSON)
def test_secrets_are_found_at_any_depth(value: Any) -> None:
    assert "PLANTED" not in repr(redact({"metadata": value}))


def test_a_customer_without_secrets_is_stored_as_he_came(writer: Writer, reader: Reader) -> None:
    whole = customer(name="[/] [bold]x \x1b[31m\u202e 名前", metadata={"a": "b"})
    writer.write_objects([whole], fetched_at=NOW)
    assert reader.raw("cus_1") == whole


def test_no_column_holds_what_its_object_must_not(writer: Writer, path: Path) -> None:
    writer.write_objects(
        [customer(email=f"{KEY}@acme.test"), subscription(status=KEY, default_payment_method=SECRET)], fetched_at=NOW
    )
    writer.write_highlevel("contact", [{"id": "ct1", "email": f"{TOKEN}@acme.test"}], fetched_at=NOW)
    writer.close()
    assert b"planted" not in path.read_bytes().lower()
