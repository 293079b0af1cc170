"""Everything that the sandbox's HighLevel says is what HighLevel's published documents allow.

They are loose: contacts/search and the SaaS lists have no schema at all, `status` is an object in words and a text in
fact (`conformance.LOOSE`), and real rows hold fields that the documents lack (`conformance.SEEN`). So much is checked,
no more.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests import conformance
from tests.sandbox_server import SandboxServer

conformance.require()


@pytest.mark.parametrize("kind", ["subscriptions", "transactions", "orders"])
def test_payments_are_as_the_document_says(highlevel: httpx.Client, sandbox: SandboxServer, kind: str) -> None:
    document = conformance.highlevel("payments")
    location = {"altId": sandbox.info()["highlevel_location_id"]} | (
        {"altType": "location"} if kind != "orders" else {}
    )
    page = highlevel.get(f"/payments/{kind}", params={**location, "limit": 100}).json()
    assert page["data"]
    assert document.response_errors("GET", f"/payments/{kind}", 200, _untraced(page)) == []
    for row in page["data"][:10] if kind == "subscriptions" else ():
        at = f"/payments/subscriptions/{row['_id']}"
        single = highlevel.get(at, params=location).json()
        assert document.response_errors("GET", at, 200, single) == [], single


def test_a_contact_is_as_the_document_says(highlevel: httpx.Client, sandbox: SandboxServer) -> None:
    location = {"altId": sandbox.info()["highlevel_location_id"], "altType": "location"}
    row = highlevel.get("/payments/subscriptions", params=location).json()["data"][0]
    at = f"/contacts/{row['contactId']}"
    answer = _untraced(highlevel.get(at).json())
    assert conformance.highlevel("contacts").response_errors("GET", at, 200, answer) == []


def test_what_belongs_to_the_agency_is_as_the_documents_say(sandbox: SandboxServer) -> None:
    """The present paths of the mapping have no schema: the deprecated ones of the same name do."""
    info = sandbox.info()
    company, location = info["highlevel_company_id"], info["highlevel_location_id"]
    wrong: list[tuple[str, str]] = []
    with httpx.Client(base_url=sandbox.highlevel_base, trust_env=False) as client:

        def ask(document: str, path: str, version: str, **params: str | int) -> Any:
            token = "pit-sandbox" if document == "workflows" else "pit-sandbox-agency"
            headers = {"Authorization": f"Bearer {token}", "Version": version}
            answer = client.get(path, params=params, headers=headers).raise_for_status().json()
            described = path.replace("/saas/", "/saas-api/public-api/")
            errors = conformance.highlevel(document).response_errors("GET", described, 200, _untraced(answer))
            wrong.extend((path, error) for error in errors)
            return answer

        listed = ask("saas-api", f"/saas/saas-locations/{company}", "2021-04-15", page=1)["locations"]
        for row in listed:
            at = f"/saas/get-saas-subscription/{row['locationId']}"
            record = ask("saas-api", at, "2021-04-15", companyId=company)
            assert record.get("subscriptionId") == row["subscriptionId"]
        assert listed
        assert ask("companies", f"/companies/{company}", "2021-07-28")["company"]["stripeConnectId"] == info["account"]
        assert ask("locations", f"/locations/{location}", "2021-07-28")["location"]["companyId"] == company
        assert ask("workflows", "/workflows/", "2021-07-28", locationId=location)["workflows"]
    assert wrong == []


@pytest.mark.parametrize(
    ("request_of_a_client", "text"),
    [
        ({"path": "/payments/orders", "query": "altId=x&altType=location"}, "'altType' was unexpected"),
        ({"path": "/payments/orders", "query": ""}, '"altId" is a required property'),
        ({"path": "/payments/orders", "query": "altId=x", "version": "2021-04-15"}, "Version: 2021-04-15"),
    ],
)
def test_a_request_that_the_document_does_not_allow_is_found(request_of_a_client: dict[str, str], text: str) -> None:
    recorded = {"api": "highlevel", "method": "GET", "json": "", "version": "2021-07-28", "status": 200}
    assert text in conformance.wrong_requests([{**recorded, **request_of_a_client}])


def _untraced(body: dict[str, Any]) -> dict[str, Any]:
    """Without the trace id, which every response carries and no schema names."""
    return {name: value for name, value in body.items() if name != "traceId"}
