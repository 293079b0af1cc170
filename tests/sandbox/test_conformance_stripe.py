"""Everything that the sandbox's Stripe says is what Stripe's published document allows, field by field.

Objects are closed: a field that the document lacks fails, but for the newer ones that `tests/conformance.py` names.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import stripe as sdk

from ghl_triage.sandbox.http import parameters
from ghl_triage.sandbox.http.endpoints import ENDPOINTS
from ghl_triage.sandbox.http.expansions import EXPANSIONS
from tests import conformance
from tests.sandbox.test_http_expand import BULK_PAYMENTS, BULK_SUBSCRIPTIONS
from tests.sandbox_server import SandboxServer

conformance.require()

LISTS: dict[str, dict[str, Any]] = {
    "/v1/subscriptions": {"status": "all", "expand[]": BULK_SUBSCRIPTIONS},
    "/v1/invoices": {"expand[]": ["data.payments", "data.customer", "data.confirmation_secret"]},
    "/v1/invoice_payments": {"expand[]": BULK_PAYMENTS},
    "/v1/setup_intents": {"expand[]": ["data.latest_attempt", "data.mandate", "data.payment_method"]},
    "/v1/checkout/sessions": {"expand[]": ["data.line_items", "data.setup_intent", "data.subscription"]},
    "/v1/charges": {"expand[]": ["data.payment_intent", "data.refunds", "data.customer"]},
    "/v1/customers": {"expand[]": ["data.sources", "data.subscriptions", "data.tax_ids"]},
    "/v1/events": {},
    "/v1/disputes": {"expand[]": ["data.charge"]},
    "/v1/payment_intents": {"expand[]": ["data.latest_charge", "data.application"]},
    "/v1/prices": {"expand[]": ["data.product"]},
}
"""Each list with the expansions that our clients, and tests, ask for."""

PAGES = 3


def pages(stripe: httpx.Client, path: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    """The first pages of a list."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    for _ in range(PAGES):
        page = stripe.get(path, params={**params, **cursor, "limit": 100}).json()
        found.append(page)
        if not page.get("has_more"):
            break
        cursor = {"starting_after": page["data"][-1]["id"]}
    return found


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_as_the_document_says(stripe: httpx.Client, path: str) -> None:
    document = conformance.stripe()
    for params in ({key: value for key, value in LISTS[path].items() if key != "expand[]"}, LISTS[path]):
        for page in pages(stripe, path, params):
            assert page.get("data"), page
            assert document.response_errors("GET", path, 200, page) == []


@pytest.mark.parametrize("path", LISTS)
def test_single_objects_are_as_the_document_says(stripe: httpx.Client, path: str) -> None:
    document = conformance.stripe()
    expand = [entry.removeprefix("data.") for entry in LISTS[path].get("expand[]", ())]
    for listed in stripe.get(path, params={"limit": 8}).json()["data"]:
        at = f"{path}/{listed['id']}"
        single = stripe.get(at).json()
        assert single == listed
        assert document.response_errors("GET", at, 200, single) == []
        expanded = stripe.get(at, params={"expand[]": expand}).json()
        assert document.response_errors("GET", at, 200, expanded) == []


def test_the_rest_is_as_the_document_says(stripe: httpx.Client) -> None:
    document = conformance.stripe()
    customers = {row["customer"] for row in stripe.get("/v1/subscriptions", params={"limit": 30}).json()["data"]}
    paths = ["/v1/account", "/v1/balance", *(f"/v1/customers/{customer}/payment_methods" for customer in customers)]
    for page in pages(stripe, "/v1/setup_intents", {}):
        paths += [f"/v1/mandates/{intent['mandate']}" for intent in page["data"] if intent["mandate"]]
        for intent in page["data"][:10]:
            paths += [f"/v1/payment_methods/{intent['payment_method']}"] if intent["payment_method"] else []
            paths += [f"/v1/setup_attempts?setup_intent={intent['id']}"]
    seen = set()
    for path in paths:
        answer = stripe.get(path)
        wrong = document.response_errors("GET", path.partition("?")[0], answer.status_code, answer.json())
        assert (answer.status_code, wrong) == (200, []), path
        seen.add(path.split("/")[2].partition("?")[0])
    assert seen == {"account", "balance", "customers", "mandates", "payment_methods", "setup_attempts"}


def test_the_objects_inside_events_are_as_the_document_says(stripe: httpx.Client) -> None:
    document = conformance.stripe()
    wrong = []
    for page in pages(stripe, "/v1/events", {}):
        for event in page["data"]:
            inside = event["data"]["object"]
            if document.has(inside["object"]):
                wrong.append((event["type"], document.object_errors(inside["object"], inside)))
    assert conformance.problems(wrong) == ""


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET", "/v1/customers/cus_gone", {}),
        ("GET", "/v1/subscriptions", {"expand[]": "data.status"}),
        ("GET", "/v1/subscriptions", {"foo": "1"}),
        ("POST", "/v1/invoices/in_gone/pay", {}),
    ],
)
def test_errors_are_as_the_document_says(stripe: httpx.Client, method: str, path: str, params: dict[str, str]) -> None:
    sent = {"params": params} if method == "GET" else {"data": params}
    answer = stripe.request(method, path, **sent)  # type: ignore[arg-type]
    assert answer.status_code in (400, 404)
    assert conformance.stripe().response_errors(method, path, answer.status_code, answer.json()) == []


def test_writes_and_refusals_are_as_the_document_says(fresh_stripe: httpx.Client, fresh_sandbox: SandboxServer) -> None:
    document, statuses = conformance.stripe(), set()
    open_invoices = fresh_stripe.get("/v1/invoices", params={"status": "open", "limit": 100}).json()["data"]
    subscription = fresh_stripe.get("/v1/subscriptions", params={"status": "trialing"}).json()["data"][0]
    customer = subscription["customer"]
    price = subscription["items"]["data"][0]["price"]["id"]
    ends = {"success_url": "https://example.test/done"}
    requests: list[tuple[str, str, dict[str, str]]] = [
        *(("POST", f"/v1/invoices/{invoice['id']}/pay", {"off_session": "true"}) for invoice in open_invoices[:15]),
        ("POST", f"/v1/customers/{customer}", {"metadata[note]": "seen"}),
        ("POST", f"/v1/subscriptions/{subscription['id']}", {"metadata[note]": "seen"}),
        ("POST", "/v1/billing_portal/sessions", {"customer": customer, "flow_data[type]": "payment_method_update"}),
        ("POST", "/v1/checkout/sessions", {"mode": "setup", "customer": customer, "currency": "usd", **ends}),
        (
            "POST",
            "/v1/checkout/sessions",
            {"mode": "subscription", "line_items[0][price]": price, "line_items[0][quantity]": "1", **ends},
        ),
    ]
    for method, path, data in requests:
        answer = fresh_stripe.request(method, path, data=data)
        statuses.add(answer.status_code)
        wrong = document.response_errors(method, path, answer.status_code, answer.json())
        assert wrong == [], (path, answer.text[:800])
    session = answer.json()["id"]
    for method, path in (
        ("POST", f"/v1/checkout/sessions/{session}/expire"),
        ("DELETE", f"/v1/subscriptions/{subscription['id']}"),
    ):
        answer = fresh_stripe.request(method, path)
        assert (answer.status_code, document.response_errors(method, path, 200, answer.json())) == (200, [])
    assert {200, 402} <= statuses


def test_a_fraud_warning_is_as_the_document_says(fresh_stripe: httpx.Client, fresh_sandbox: SandboxServer) -> None:
    document, path = conformance.stripe(), "/v1/radar/early_fraud_warnings"
    charges = fresh_stripe.get("/v1/charges", params={"limit": 100}).json()["data"]
    charge = next(charge["id"] for charge in charges if charge["status"] == "succeeded")
    made = fresh_sandbox.play("warn_of_fraud", charge=charge)
    listed = fresh_stripe.get(path, params={"charge": charge, "expand[]": "data.charge"}).json()
    assert [(row["id"], row["charge"]["id"]) for row in listed["data"]] == [(made["id"], charge)]
    assert document.response_errors("GET", path, 200, listed) == []
    assert document.response_errors("GET", f"{path}/x", 200, fresh_stripe.get(f"{path}/{made['id']}").json()) == []


@pytest.mark.parametrize(
    ("request_of_a_client", "text"),
    [
        ({"path": "/v1/charges", "query": "limit=100&invoice=in_1"}, "'invoice' was unexpected"),
        ({"path": "/v1/charges", "query": "limit=many"}, "limit"),
        ({"path": "/v1/setup_attempts", "query": ""}, '"setup_intent" is a required property'),
    ],
)
def test_a_request_that_the_document_does_not_allow_is_found(request_of_a_client: dict[str, str], text: str) -> None:
    recorded = {"api": "stripe", "method": "GET", "form": "", "status": 200, **request_of_a_client}
    assert text in conformance.wrong_requests([recorded])
    assert conformance.wrong_requests([{**recorded, "status": 400}]) == ""


def test_the_table_of_parameters_is_the_documents() -> None:
    document = conformance.stripe()
    for endpoint in ENDPOINTS:
        path = endpoint.template.replace("{id}", "x_1")
        known = document.parameters(endpoint.method, path)
        assert set(parameters.table()[endpoint.name]) <= known, endpoint.name


def test_the_newer_fields_are_those_of_the_sdk() -> None:
    classes: dict[str, Any] = {
        "billing_portal.session": sdk.billing_portal.Session,
        "charge": sdk.Charge,
        "checkout.session": sdk.checkout.Session,
        "dispute": sdk.Dispute,
        "invoice": sdk.Invoice,
        "payment_intent": sdk.PaymentIntent,
        "payment_method_details_card": sdk.Charge.PaymentMethodDetails.Card,
        "setup_intent": sdk.SetupIntent,
        "subscription": sdk.Subscription,
        "subscription_item": sdk.SubscriptionItem,
    }
    assert conformance.NEWER.keys() == classes.keys()
    for schema, fields in conformance.NEWER.items():
        assert set(fields) <= set(classes[schema].__annotations__), schema


def test_the_table_of_expansions_is_the_documents() -> None:
    document = conformance.stripe()
    for kind, fields in EXPANSIONS.items():
        for name, mark in fields.items():
            newer = name in conformance.NEWER.get(kind, ())
            assert newer or document.expandable(kind, name), (kind, name, mark)
