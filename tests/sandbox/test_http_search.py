"""Search over customers, and what the events tell of their deliveries, as a client meets them."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox_server import SandboxServer

SEARCH = "/v1/customers/search"


def found(stripe: httpx.Client, query: str, **params: str) -> list[str]:
    answer = stripe.get(SEARCH, params={"query": query, **params})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["object"] == "search_result"
    return [each["id"] for each in body["data"]]


def test_addresses_are_compared_without_case_by_search_and_with_it_by_the_list(stripe: httpx.Client) -> None:
    one, other = stripe.get("/v1/customers", params={"limit": 2}).json()["data"]
    assert one["id"] in found(stripe, f'email:"{one["email"].swapcase()}"')
    assert stripe.get("/v1/customers", params={"email": one["email"].swapcase()}).json()["data"] == []
    both = found(stripe, f"email:'{one['email']}' OR email:'{other['email']}'", limit="100")
    assert {one["id"], other["id"]} <= set(both)
    assert found(stripe, f'email:"{one["email"]}" AND email:"nobody@acme.test"') == []
    assert one["id"] in found(stripe, f'email~"{one["email"][3:]}" -name:"nobody"', limit="100")


def test_pages_of_a_search_follow_by_name(stripe: httpx.Client) -> None:
    first = stripe.get(SEARCH, params={"query": 'email~".test"', "limit": 3}).json()
    assert first["has_more"]
    second = stripe.get(SEARCH, params={"query": 'email~".test"', "limit": 3, "page": first["next_page"]}).json()
    assert not {each["id"] for each in first["data"]} & {each["id"] for each in second["data"]}


def test_cards_and_subscriptions_come_along(stripe: httpx.Client) -> None:
    sold = stripe.get("/v1/subscriptions", params={"status": "active", "limit": 1, "expand[]": "data.customer"}).json()
    customer = sold["data"][0]["customer"]
    expand = ["data.invoice_settings.default_payment_method", "data.subscriptions"]
    answer = stripe.get(SEARCH, params={"query": f'email:"{customer["email"]}"', "expand[]": expand}).json()
    same = next(each for each in answer["data"] if each["id"] == customer["id"])
    assert sold["data"][0]["id"] in {each["id"] for each in same["subscriptions"]["data"]}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "jane@acme.test",
        'email:"a" AND email:"b" OR email:"c"',
        'phone:"1"',
        'email~"ab"',
        'email:"a',
        " OR ".join(f'email:"{number}@acme.test"' for number in range(11)),
    ],
)
def test_what_stripe_does_not_understand_is_refused(stripe: httpx.Client, query: str) -> None:
    assert stripe.get(SEARCH, params={"query": query}).status_code == 400
    assert stripe.get(SEARCH).status_code == 400


def test_a_new_customer_is_found_a_minute_later(fresh_sandbox: SandboxServer, fresh_stripe: httpx.Client) -> None:
    made = fresh_stripe.post("/v1/customers", data={"email": "new@acme.test"}).json()
    assert found(fresh_stripe, 'email:"new@acme.test"') == []
    fresh_sandbox.advance(60)
    assert found(fresh_stripe, 'email:"new@acme.test"') == [made["id"]]


def test_a_changed_address_is_found_a_minute_later(fresh_sandbox: SandboxServer, fresh_stripe: httpx.Client) -> None:
    made = fresh_stripe.post("/v1/customers", data={"email": "old@acme.test"}).json()["id"]
    fresh_sandbox.advance(120)
    for email in ("between@acme.test", "new@acme.test"):
        fresh_stripe.post(f"/v1/customers/{made}", data={"email": email})
    lookups = [f'email:"{name}@acme.test"' for name in ("old", "between", "new")]
    assert [found(fresh_stripe, query) for query in lookups] == [[made], [], []]
    fresh_sandbox.advance(60)
    assert [found(fresh_stripe, query) for query in lookups] == [[], [], [made]]


def test_an_endpoint_that_is_down_takes_nothing(fresh_sandbox: SandboxServer, fresh_stripe: httpx.Client) -> None:
    def waiting() -> list[str]:
        answer = fresh_stripe.get("/v1/events", params={"delivery_success": "false", "types[]": "customer.created"})
        return [each["data"]["object"]["email"] for each in answer.json()["data"]]

    fresh_stripe.post("/v1/customers", data={"email": "one@acme.test"})
    assert waiting() == ["one@acme.test"], "just made, still on its way"
    fresh_sandbox.advance(60)
    assert waiting() == []
    fresh_sandbox.play("endpoint", down=True)
    fresh_stripe.post("/v1/customers", data={"email": "two@acme.test"})
    fresh_sandbox.advance(7_200)
    assert waiting() == ["two@acme.test"]
    event = fresh_stripe.get("/v1/events", params={"delivery_success": "false", "limit": 1}).json()["data"][0]
    assert fresh_stripe.get(f"/v1/events/{event['id']}").json()["pending_webhooks"] == event["pending_webhooks"] == 1
    fresh_sandbox.play("endpoint", down=False)
    assert waiting() == []
