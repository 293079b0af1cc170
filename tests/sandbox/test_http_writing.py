"""Writing to the sandbox's Stripe: idempotency, locks, pace, rights; never is an invoice paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from ghl_triage.sandbox.server import SandboxOptions
from tests.sandbox.conftest import HEADERS
from tests.sandbox_server import NOW, SandboxServer

_TAKEN: set[str] = set()


DECLINED = ("soft_decline", "generic_decline", "hard_decline")
"""Causes whose card goes on refusing."""


def open_invoice(stripe: httpx.Client, sandbox: SandboxServer, *causes: str) -> dict[str, Any]:
    """The invoice of a failing subscription whose story has one of these causes; each is given out once."""
    for subscription, label in sandbox.labels().items():
        taken = f"{sandbox.url} {subscription}"
        if label["stage"] == "failing" and label["cause"] in causes and taken not in _TAKEN:
            _TAKEN.add(taken)
            at = f"/v1/subscriptions/{subscription}"
            invoice: dict[str, Any] = stripe.get(at, params={"expand[]": "latest_invoice"}).json()["latest_invoice"]
            if invoice and invoice["status"] == "open":
                return invoice
    raise AssertionError(f"no open invoice of {causes}")


@pytest.fixture(scope="module")
def shared() -> Iterator[SandboxServer]:
    """A world for this module: each test takes invoices of its own."""
    with SandboxServer(SandboxOptions(customers=200, now=NOW, rate_limit=False)) as server:
        yield server


@pytest.fixture(scope="module")
def client(shared: SandboxServer) -> Iterator[httpx.Client]:
    """Speaks to its Stripe."""
    with httpx.Client(base_url=shared.stripe_base, headers=HEADERS, trust_env=False) as speaker:
        yield speaker


def pay(stripe: httpx.Client, invoice: str, key: str, **params: str) -> httpx.Response:
    """One attempt, under a key of this invoice."""
    return stripe.post(f"/v1/invoices/{invoice}/pay", data=params, headers={"Idempotency-Key": f"{key}-{invoice}"})


def test_a_decline_is_replayed_under_its_key(client: httpx.Client, shared: SandboxServer) -> None:
    invoice = open_invoice(client, shared, *DECLINED)["id"]
    first = pay(client, invoice, "one")
    again = pay(client, invoice, "one")
    assert (first.status_code, again.status_code) == (402, 402)
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"] != again.headers["request-id"]
    declined = first.json()["error"]
    assert declined["type"] == "card_error"
    assert declined["payment_intent"]["object"] == "payment_intent"
    other = pay(client, invoice, "two").json()["error"]
    assert other["charge"] != declined["charge"]


def test_a_payment_is_made_once_however_often_it_is_asked_for(client: httpx.Client, shared: SandboxServer) -> None:
    invoice = open_invoice(client, shared, "card_not_default")
    cards = client.get(f"/v1/customers/{invoice['customer']}/payment_methods").json()["data"]
    before = len(shared.ledger())
    answers = [pay(client, invoice["id"], "one", payment_method=cards[0]["id"]) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer.json()["status"] for answer in answers} == {"paid"}
    assert len(shared.ledger()) == before + 1
    assert shared.double_paid() == []
    paid_already = pay(client, invoice["id"], "two", payment_method=cards[0]["id"])
    assert paid_already.status_code == 400


def test_a_key_is_for_one_set_of_parameters(fresh_stripe: httpx.Client, fresh_sandbox: SandboxServer) -> None:
    invoice = open_invoice(fresh_stripe, fresh_sandbox, *DECLINED)["id"]
    pay(fresh_stripe, invoice, "one")
    other = pay(fresh_stripe, invoice, "one", off_session="false")
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    fresh_sandbox.advance(86_400)
    assert pay(fresh_stripe, invoice, "one", off_session="false").json()["error"]["type"] != "idempotency_error"


def test_a_refused_parameter_does_not_use_its_key_up(client: httpx.Client, shared: SandboxServer) -> None:
    invoice = open_invoice(client, shared, *DECLINED)["id"]
    assert pay(client, invoice, "one", amount="5").json()["error"]["code"] == "parameter_unknown"
    assert pay(client, invoice, "one").status_code == 402


def at_once(stripe: httpx.Client, invoice: str, keys: list[str]) -> list[httpx.Response]:
    """The same payment several times at the same moment, over connections of their own."""

    def one(key: str) -> httpx.Response:
        with httpx.Client(base_url=stripe.base_url, headers=stripe.headers, trust_env=False) as client:
            return pay(client, invoice, key)

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(one, keys))


def test_two_writes_on_one_customer_meet_in_a_lock(client: httpx.Client, shared: SandboxServer) -> None:
    invoice = open_invoice(client, shared, *DECLINED)
    shared.play("lock", object=invoice["customer"], seconds=30)
    locked = pay(client, invoice["id"], "one")
    assert (locked.status_code, locked.json()["error"]["code"]) == (429, "lock_timeout")
    assert "stripe-rate-limited-reason" not in locked.headers
    shared.advance(31)
    assert pay(client, invoice["id"], "one").status_code == 402


def test_of_many_at_once_some_are_locked_out(slow_sandbox: SandboxServer) -> None:
    with httpx.Client(
        base_url=slow_sandbox.stripe_base, headers={"Authorization": "Bearer sk_test_sandbox"}, trust_env=False
    ) as stripe:
        invoice = open_invoice(stripe, slow_sandbox, *DECLINED)["id"]
        same_key = at_once(stripe, invoice, ["one"] * 4)
        assert {answer.status_code for answer in same_key} == {402, 409}
        conflicts = [answer for answer in same_key if answer.status_code == 409]
        assert {answer.json()["error"]["code"] for answer in conflicts} == {"idempotency_key_in_use"}
        other_keys = at_once(stripe, invoice, ["a", "b", "c", "d"])
        assert {answer.status_code for answer in other_keys} == {402, 429}


@pytest.fixture(scope="module")
def slow_sandbox() -> Any:
    """Each answer takes a while, and Stripe's pace limit is on."""
    with SandboxServer(SandboxOptions(seed=3, customers=80, now=NOW, latency=0.4)) as server:
        yield server


def test_above_25_requests_a_second_stripe_says_so(slow_sandbox: SandboxServer) -> None:
    headers = {"Authorization": "Bearer sk_test_sandbox"}
    with httpx.Client(base_url=slow_sandbox.stripe_base, headers=headers, trust_env=False) as client:

        def one(_: int) -> httpx.Response:
            return client.get("/v1/account")

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(one, range(60)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.headers["stripe-rate-limited-reason"] for answer in refused} == {"global-rate"}
    assert {answer.json()["error"]["code"] for answer in refused} == {"rate_limit"}
    assert sum(answer.status_code == 200 for answer in answers) >= 25


def test_a_key_without_the_right_to_write_is_told_which_is_missing(client: httpx.Client, shared: SandboxServer) -> None:
    invoice = open_invoice(client, shared, *DECLINED)["id"]
    headers = {"Authorization": "Bearer rk_test_sandbox_readonly"}
    refused = client.post(f"/v1/invoices/{invoice}/pay", headers=headers)
    assert refused.status_code == 403
    assert "Having the 'rak_invoice_write' permission would allow this request" in refused.text


def test_what_a_customer_does_on_a_page_shows(client: httpx.Client, shared: SandboxServer) -> None:
    invoice = open_invoice(client, shared, *DECLINED)
    paid = shared.play("pay_hosted_invoice", invoice=invoice["id"])
    assert paid["status"] == "paid"
    assert client.get(f"/v1/invoices/{invoice['id']}").json()["status"] == "paid"
    customer = invoice["customer"]
    made = client.post(
        "/v1/checkout/sessions",
        data={"mode": "setup", "customer": customer, "currency": "usd", "success_url": "https://example.test/"},
    ).json()
    done = shared.play("complete_setup_checkout", session=made["id"])
    assert (done["status"], made["status"]) == ("complete", "open")


def test_counters_and_requests_tell_what_was_asked(client: httpx.Client, shared: SandboxServer) -> None:
    shared.reset_counters()
    client.get("/v1/charges", params={"limit": 3})
    client.get("/v1/charges/ch_gone")
    counted = shared.counters()
    assert counted["stripe"] == {"GET /v1/charges": 1, "GET /v1/charges/{id}": 1}
    assert (counted["total_stripe"], counted["total_highlevel"]) == (2, 0)
    assert [(row["method"], row["path"], row["query"]) for row in shared.requests()] == [
        ("GET", "/v1/charges", "limit=3"),
        ("GET", "/v1/charges/ch_gone", ""),
    ]


def test_time_moves_when_told(fresh_stripe: httpx.Client, fresh_sandbox: SandboxServer) -> None:
    trialing = fresh_stripe.get("/v1/subscriptions", params={"status": "trialing", "limit": 100}).json()["data"]
    assert fresh_sandbox.advance_to(NOW + 31 * 86_400) == NOW + 31 * 86_400
    later = fresh_stripe.get(f"/v1/subscriptions/{trialing[-1]['id']}").json()
    assert later["status"] != "trialing"
