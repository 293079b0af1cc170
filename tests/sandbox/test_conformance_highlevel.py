"""Everything that the sandbox's HighLevel says is what HighLevel's published documents allow.

They are loose: contacts/search and the SaaS lists have no schema at all, `status` is an object in words and a text in
fact (`conformance.LOOSE`), and real rows hold fields that the documents lack (`conformance.SEEN`). So much is checked,
no more.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

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


def test_requests_are_as_the_documents_say(highlevel: httpx.Client, sandbox: SandboxServer) -> None:
    location = {"altId": sandbox.info()["highlevel_location_id"], "altType": "location"}
    highlevel.get("/payments/subscriptions", params={**location, "limit": 100, "offset": 0})
    highlevel.get("/contacts/search/duplicate", params={"locationId": location["altId"], "email": "a@example.test"})
    asked = [request for request in sandbox.requests() if request["api"] == "highlevel"][-2:]
    for request in asked:
        check_recorded(request)


def check_recorded(request: dict[str, Any]) -> None:
    """A recorded request to HighLevel is one that its document allows."""
    name = {"payments": "payments", "contacts": "contacts", "saas": "saas-api"}[request["path"].split("/")[1]]
    params: dict[str, Any] = dict(parse_qsl(request["query"]))
    for number in ("limit", "offset", "page"):
        if number in params:
            params[number] = int(params[number])
    assert conformance.highlevel(name).request_errors(request["method"], request["path"], params) == []


def _untraced(body: dict[str, Any]) -> dict[str, Any]:
    """Without the trace id, which every response carries and no schema names."""
    return {name: value for name, value in body.items() if name != "traceId"}
