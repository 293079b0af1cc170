"""The sandbox's HighLevel, as a client meets it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ghl_triage.sandbox.highlevel.rules import MOST, WINDOW, Window
from tests.sandbox_server import SandboxServer


@pytest.fixture
def location(sandbox: SandboxServer) -> dict[str, str]:
    """The parameters that every list of payments wants."""
    return {"altId": sandbox.info()["highlevel_location_id"], "altType": "location"}


def everything(highlevel: httpx.Client, path: str, location: dict[str, str]) -> list[dict[str, Any]]:
    """A whole list, a hundred rows at a time."""
    found: list[dict[str, Any]] = []
    while True:
        page = highlevel.get(path, params={**location, "limit": 100, "offset": len(found)}).json()
        found += page["data"]
        if len(found) >= page["totalCount"]:
            return found


def test_only_what_highlevel_sold_is_listed(
    highlevel: httpx.Client, stripe: httpx.Client, sandbox: SandboxServer, location: dict[str, str]
) -> None:
    rows = everything(highlevel, "/payments/subscriptions", location)
    labels = sandbox.labels()
    listed = {row["subscriptionId"] for row in rows} & labels.keys()
    assert listed
    assert {labels[subscription]["path"] for subscription in listed} == {"highlevel"}
    assert len({row["_id"] for row in rows}) == len(rows)
    row = next(row for row in rows if row["subscriptionId"] in listed)
    at_stripe = stripe.get(f"/v1/subscriptions/{row['subscriptionId']}").json()
    price = at_stripe["items"]["data"][0]["price"]
    if price["currency"] != "jpy":
        assert row["amount"] * 100 == pytest.approx(price["unit_amount"])


def test_past_due_reads_incomplete(highlevel: httpx.Client, stripe: httpx.Client, location: dict[str, str]) -> None:
    rows = {row["subscriptionId"]: row for row in everything(highlevel, "/payments/subscriptions", location)}
    past_due = stripe.get("/v1/subscriptions", params={"status": "past_due", "limit": 100}).json()["data"]
    both = [rows[row["id"]]["status"] for row in past_due if row["id"] in rows]
    assert set(both) <= {"incomplete"}
    assert "past_due" not in {row["status"] for row in rows.values()}


def test_pages_go_by_offset(highlevel: httpx.Client, location: dict[str, str]) -> None:
    whole = everything(highlevel, "/payments/transactions", location)
    page = highlevel.get("/payments/transactions", params={**location, "limit": 3, "offset": 2}).json()
    assert page["data"] == whole[2:5]
    assert page["totalCount"] == len(whole)
    assert len(highlevel.get("/payments/transactions", params=location).json()["data"]) == 10


def test_a_single_record_holds_more(highlevel: httpx.Client, location: dict[str, str]) -> None:
    row = highlevel.get("/payments/subscriptions", params=location).json()["data"][0]
    single = highlevel.get(f"/payments/subscriptions/{row['_id']}", params=location).json()
    assert single["subscriptionId"] == row["subscriptionId"]
    assert single["paymentProvider"]["connectedAccount"]["accountId"].startswith("acct_")
    assert highlevel.get("/payments/subscriptions/000000000000000000000000", params=location).status_code == 404


def test_transactions_narrow_to_a_subscription(highlevel: httpx.Client, location: dict[str, str]) -> None:
    rows = everything(highlevel, "/payments/transactions", location)
    wanted = next(row["subscriptionId"] for row in rows if row.get("subscriptionId"))
    narrowed = highlevel.get("/payments/transactions", params={**location, "subscriptionId": wanted, "limit": 100})
    assert narrowed.json()["data"] == [row for row in rows if row.get("subscriptionId") == wanted]


def test_contacts_are_found_by_e_mail_in_any_case(
    highlevel: httpx.Client, sandbox: SandboxServer, location: dict[str, str]
) -> None:
    row = highlevel.get("/payments/subscriptions", params=location).json()["data"][0]
    at = sandbox.info()["highlevel_location_id"]
    email = row["contactEmail"].upper()
    duplicate = highlevel.get("/contacts/search/duplicate", params={"locationId": at, "email": email}).json()
    assert duplicate["contact"]["email"].lower() == email.lower()
    found = highlevel.get(f"/contacts/{row['contactId']}").json()["contact"]
    assert found["id"] == row["contactId"]
    leaves = [{"field": "email", "operator": "eq", "value": value} for value in (email, "nobody@example.test")]
    body = {"locationId": at, "pageLimit": 100, "filters": [{"group": "OR", "filters": leaves}]}
    searched = highlevel.post("/contacts/search", json=body).json()
    assert row["contactId"] in {contact["id"] for contact in searched["contacts"]}
    none = {"locationId": at, "email": "nobody@example.test"}
    assert highlevel.get("/contacts/search/duplicate", params=none).json()["contact"] is None


@pytest.mark.parametrize(
    ("path", "version", "token", "status"),
    [
        ("/saas/saas-locations/{company}?page=1", "2021-07-28", "pit-sandbox-agency", 400),
        ("/saas/saas-locations/{company}?page=1", "2021-04-15", "pit-sandbox-agency_without_saas/company.read", 401),
        ("/saas/saas-locations/{company}", "2021-04-15", "pit-sandbox-agency", 422),
        ("/saas/saas-locations/another?page=1", "2021-04-15", "pit-sandbox-agency", 403),
        ("/saas/get-saas-subscription/nowhere?companyId={company}", "2021-04-15", "pit-sandbox-agency", 404),
        ("/companies/{company}", "2021-07-28", "pit-sandbox", 403),
        ("/companies/{company}", "2021-07-28", "pit-sandbox-agency", 200),
        ("/locations/{location}", "2021-07-28", "pit-sandbox", 200),
        ("/locations/another", "2021-07-28", "pit-sandbox-agency", 403),
        ("/workflows/?locationId={location}", "2021-07-28", "pit-sandbox_without_workflows.readonly", 401),
        ("/workflows/?locationId={location}", "2021-07-28", "pit-sandbox-agency", 403),
    ],
)
def test_whose_token_may_read_what(sandbox: SandboxServer, path: str, version: str, token: str, status: int) -> None:
    info = sandbox.info()
    at = path.format(company=info["highlevel_company_id"], location=info["highlevel_location_id"])
    headers = {"Authorization": f"Bearer {token}", "Version": version}
    answer = httpx.get(f"{sandbox.highlevel_base}{at}", headers=headers, trust_env=False)
    assert answer.status_code == status


def test_the_agency_sees_its_locations(sandbox: SandboxServer) -> None:
    info = sandbox.info()
    at = f"{sandbox.highlevel_base}/saas/saas-locations/{info['highlevel_company_id']}"
    headers = {"Authorization": "Bearer pit-sandbox-agency", "Version": "2021-04-15"}
    page = httpx.get(at, params={"page": 1}, headers=headers, trust_env=False).json()
    assert page["pagination"]["page"] == 1
    assert len(page["locations"]) == min(10, page["pagination"]["total"])
    headers["Authorization"] = "Bearer pit-sandbox"
    assert httpx.get(at, params={"page": 1}, headers=headers, trust_env=False).status_code == 403


@pytest.mark.parametrize(
    ("path", "headers", "drop", "status", "text"),
    [
        ("/payments/subscriptions", {"Version": ""}, (), 400, "version header"),
        ("/payments/subscriptions", {"Version": "2021-04-15"}, (), 400, "version header"),
        ("/payments/subscriptions", {"Authorization": "Bearer pit-wrong"}, (), 401, "access token is invalid"),
        ("/payments/subscriptions", {}, ("altId",), 422, "altId should not be empty"),
        ("/payments/subscriptions", {}, ("altType",), 422, "altType should not be empty"),
        ("/payments/subscriptions", {"x-param": "status"}, (), 422, "property status should not exist"),
        (
            "/payments/orders",
            {"Authorization": "Bearer pit-sandbox_without_payments/orders.readonly"},
            (),
            401,
            "scope",
        ),
        ("/contacts/search/duplicate", {}, ("altId", "altType"), 422, "locationId should not be empty"),
    ],
)
def test_what_highlevel_refuses(
    highlevel: httpx.Client,
    location: dict[str, str],
    path: str,
    headers: dict[str, str],
    drop: tuple[str, ...],
    status: int,
    text: str,
) -> None:
    params = {name: value for name, value in location.items() if name not in drop}
    if unknown := headers.pop("x-param", None):
        params[unknown] = "1"
    request = highlevel.build_request("GET", path, params=params, headers={k: v for k, v in headers.items() if v})
    if headers.get("Version") == "":
        del request.headers["Version"]
    refused = highlevel.send(request)
    assert refused.status_code == status
    assert text in refused.text
    assert refused.json()["statusCode"] == status


def test_another_location_is_forbidden(highlevel: httpx.Client) -> None:
    other = {"altId": "x" * 20, "altType": "location"}
    refused = highlevel.get("/payments/subscriptions", params=other)
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        "The token does not have access to this location.",
    )


def test_every_answer_counts_down(highlevel: httpx.Client, location: dict[str, str]) -> None:
    answers = [highlevel.get("/payments/orders", params=location) for _ in range(2)]
    assert {answer.headers["x-ratelimit-max"] for answer in answers} == {"100"}
    assert {answer.headers["x-ratelimit-interval-milliseconds"] for answer in answers} == {"10000"}
    daily = [int(answer.headers["x-ratelimit-daily-remaining"]) for answer in answers]
    assert daily[1] == daily[0] - 1


def test_a_hundred_in_ten_seconds_and_no_more() -> None:
    time = [0.0]
    window = Window(limited=True, monotonic=lambda: time[0])
    assert all(window.take() for _ in range(MOST))
    assert not window.take()
    assert window.headers()["X-RateLimit-Remaining"] == "0"
    time[0] = WINDOW
    assert window.take()
