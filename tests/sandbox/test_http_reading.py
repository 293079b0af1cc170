"""Reading from the sandbox's Stripe, as a client meets it: pages, filters, expansion, errors, headers."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.sandbox_server import NOW, SandboxServer


def everything(stripe: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """A whole list, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        cursor = {"starting_after": found[-1]["id"]} if found else {}
        page = stripe.get(path, params={"limit": 100, **params, **cursor}).json()
        found += page["data"]
        if not page["has_more"]:
            return found


def error(response: httpx.Response) -> dict[str, Any]:
    """The error of a refusal."""
    body: dict[str, Any] = response.json()["error"]
    return body


def test_pages_hang_together_newest_first(stripe: httpx.Client) -> None:
    whole = everything(stripe, "/v1/charges")
    in_sevens = everything(stripe, "/v1/charges", limit=37)
    assert [row["id"] for row in whole] == [row["id"] for row in in_sevens]
    created = [row["created"] for row in whole]
    assert created == sorted(created, reverse=True)
    assert len({row["id"] for row in whole}) == len(whole) > 100


def test_ending_before_gives_the_page_above(stripe: httpx.Client) -> None:
    first = stripe.get("/v1/charges", params={"limit": 30}).json()["data"]
    above = stripe.get("/v1/charges", params={"limit": 5, "ending_before": first[20]["id"]}).json()
    assert above["data"] == first[15:20]
    assert above["has_more"]
    top = stripe.get("/v1/charges", params={"ending_before": first[3]["id"]}).json()
    assert (top["data"], top["has_more"]) == (first[:3], False)


def test_a_page_is_ten_unless_asked(stripe: httpx.Client) -> None:
    page = stripe.get("/v1/charges").json()
    assert (len(page["data"]), page["object"], page["url"], page["has_more"]) == (10, "list", "/v1/charges", True)


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_a_limit_out_of_bounds_is_refused(stripe: httpx.Client, limit: str) -> None:
    refused = stripe.get("/v1/charges", params={"limit": limit})
    assert (refused.status_code, error(refused)["code"]) == (400, "parameter_invalid_integer")
    assert error(refused)["param"] == "limit"


def test_subscriptions_leave_canceled_ones_out_unless_asked(stripe: httpx.Client) -> None:
    plain, every = everything(stripe, "/v1/subscriptions"), everything(stripe, "/v1/subscriptions", status="all")
    ended = everything(stripe, "/v1/subscriptions", status="ended")
    assert "canceled" not in {row["status"] for row in plain}
    assert {row["status"] for row in ended} <= {"canceled", "incomplete_expired"}
    assert {"canceled", "trialing", "past_due"} <= {row["status"] for row in every}
    past_due = [row for row in every if row["status"] == "past_due"]
    assert everything(stripe, "/v1/subscriptions", status="past_due") == past_due


def test_created_takes_a_window(stripe: httpx.Client) -> None:
    whole = everything(stripe, "/v1/customers")
    low, high = NOW - 40 * 86_400, NOW - 20 * 86_400
    window = everything(stripe, "/v1/customers", **{"created[gte]": low, "created[lt]": high})
    assert window == [row for row in whole if low <= row["created"] < high]
    assert window


def test_lists_narrow_to_a_customer(stripe: httpx.Client) -> None:
    charge = stripe.get("/v1/charges").json()["data"][0]
    own = everything(stripe, "/v1/charges", customer=charge["customer"])
    assert charge in own
    assert {row["customer"] for row in own} == {charge["customer"]}


def test_both_spellings_of_expand_and_nothing_else_change_the_answer(stripe: httpx.Client) -> None:
    paths = ["data.customer.invoice_settings.default_payment_method", "data.latest_invoice.payments"]
    brackets = stripe.get("/v1/subscriptions", params={"expand[]": paths}).json()
    numbers = stripe.get("/v1/subscriptions", params={f"expand[{n}]": path for n, path in enumerate(paths)}).json()
    assert brackets == numbers
    plain = stripe.get("/v1/subscriptions").json()["data"]
    for row, listed in zip(brackets["data"], plain, strict=True):
        assert row["customer"]["object"] == "customer"
        assert row["customer"]["id"] == listed["customer"]
        assert {**row, "customer": 0, "latest_invoice": 0} == {**listed, "customer": 0, "latest_invoice": 0}
        if row["latest_invoice"]:
            assert row["latest_invoice"]["payments"]["object"] == "list"


def test_the_decline_of_open_invoices_is_four_levels_away(stripe: httpx.Client) -> None:
    params = {"status": "open", "limit": "100", "expand[]": "data.payment.payment_intent.latest_charge"}
    rows = stripe.get("/v1/invoice_payments", params=params).json()["data"]
    charges = [row["payment"]["payment_intent"]["latest_charge"] for row in rows]
    assert {"failed"} <= {charge["status"] for charge in charges if charge} <= {"failed", "pending"}


def test_some_fields_exist_only_when_expanded(stripe: httpx.Client) -> None:
    invoice = stripe.get("/v1/invoices", params={"status": "open"}).json()["data"][0]
    assert not {"payments", "confirmation_secret"} & invoice.keys()
    at = f"/v1/invoices/{invoice['id']}"
    expanded = stripe.get(at, params={"expand[]": ["payments", "confirmation_secret"]}).json()
    assert expanded["payments"]["data"]
    assert expanded["confirmation_secret"]["type"] == "payment_intent"


@pytest.mark.parametrize(
    ("path", "params", "code", "text"),
    [
        (
            "/v1/subscriptions",
            {"expand[]": "data.latest_invoice.payments.data.payment.payment_intent"},
            "property_expansion_max_depth",
            "You cannot expand more than 4 levels of a property",
        ),
        ("/v1/subscriptions", {"expand[]": "data.plan"}, None, "This property cannot be expanded (data.plan)"),
        ("/v1/charges", {"invoice": "in_1"}, "parameter_unknown", "Received unknown parameter: invoice"),
        ("/v1/setup_attempts", {}, "parameter_missing", "Missing required param: setup_intent."),
        ("/v1/charges", {"starting_after": "ch_gone"}, "resource_missing", "No such charge: 'ch_gone'"),
        ("/v1/subscriptions", {"customer": "cus_gone"}, "resource_missing", "No such customer: 'cus_gone'"),
    ],
)
def test_refusals_say_what_stripe_says(
    stripe: httpx.Client, path: str, params: dict[str, str], code: str | None, text: str
) -> None:
    refused = stripe.get(path, params=params)
    assert refused.status_code == 400
    assert error(refused).get("code") == code
    assert text in error(refused)["message"]
    assert error(refused)["type"] == "invalid_request_error"


def test_a_missing_object_is_404_and_an_unknown_address_too(stripe: httpx.Client) -> None:
    gone = stripe.get("/v1/customers/cus_gone")
    assert (gone.status_code, error(gone)["code"]) == (404, "resource_missing")
    assert error(gone)["message"] == "No such customer: 'cus_gone'"
    unknown = stripe.get("/v1/unheard_of")
    assert unknown.status_code == 404
    assert "Unrecognized request URL (GET: /v1/unheard_of)" in error(unknown)["message"]


def test_more_than_twenty_event_types_are_refused(stripe: httpx.Client) -> None:
    assert stripe.get("/v1/events", params={"types[]": ["invoice.paid"] * 20}).status_code == 200
    assert stripe.get("/v1/events", params={"types[]": ["invoice.paid"] * 21}).status_code == 400


def test_headers_carry_the_request_and_the_sandboxs_time(stripe: httpx.Client) -> None:
    answers = [stripe.get("/v1/account"), stripe.get("/v1/customers/cus_gone")]
    assert len({answer.headers["request-id"] for answer in answers}) == 2
    for answer in answers:
        assert answer.headers["request-id"].startswith("req_")
        assert answer.headers["stripe-version"] == "2026-10-28.endive"
        assert parsedate_to_datetime(answer.headers["date"]).timestamp() == NOW
    assert answers[1].headers["request-id"] in error(answers[1])["request_log_url"]


@pytest.mark.parametrize(
    ("key", "status", "text"),
    [
        (None, 401, "You did not provide an API key"),
        ("sk_test_other", 401, "Invalid API Key provided"),
        ("rk_test_sandbox_expired", 401, "Expired API Key provided"),
        ("rk_test_sandbox_readonly", 200, ""),
        ("sk_test_sandbox", 200, ""),
        ("rk_test_sandbox_without_charge_read", 403, "Having the 'rak_charge_read' permission would allow"),
    ],
)
def test_keys_open_what_they_may(sandbox: SandboxServer, key: str | None, status: int, text: str) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = httpx.get(f"{sandbox.stripe_base}/v1/charges", headers=headers, trust_env=False)
    assert answer.status_code == status
    assert text in answer.text
    assert key is None or f"'{key}'" not in answer.text


def test_an_expanded_object_wants_its_own_right(sandbox: SandboxServer) -> None:
    headers = {"Authorization": "Bearer rk_test_sandbox_without_customer_read"}
    at = f"{sandbox.stripe_base}/v1/subscriptions"
    assert httpx.get(at, headers=headers, trust_env=False).status_code == 200
    refused = httpx.get(at, headers=headers, params={"expand[]": "data.customer"}, trust_env=False)
    assert refused.status_code == 403
    assert "rak_customer_read" in refused.text


def test_a_live_key_finds_nothing_and_is_told_why(sandbox: SandboxServer, stripe: httpx.Client) -> None:
    customer = stripe.get("/v1/customers").json()["data"][0]["id"]
    headers = {"Authorization": "Bearer rk_live_sandbox"}
    assert httpx.get(f"{sandbox.stripe_base}/v1/customers", headers=headers, trust_env=False).json()["data"] == []
    refused = httpx.get(f"{sandbox.stripe_base}/v1/customers/{customer}", headers=headers, trust_env=False)
    assert refused.status_code == 404
    assert "a similar object exists in test mode, but a live mode key was used" in error(refused)["message"]


def test_another_api_version_is_refused(stripe: httpx.Client) -> None:
    assert stripe.get("/v1/account", headers={"Stripe-Version": "2020-08-27"}).status_code == 400
