"""Test clocks over HTTP: time that stands still until it is moved, for three customers and all that is theirs."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox_server import NOW

CLOCKS = "/v1/test_helpers/test_clocks"
DAY = 86_400


def made(stripe: httpx.Client, path: str, **form: Any) -> dict[str, Any]:
    """What a request makes."""
    response = stripe.post(path, data=form)
    assert response.status_code == 200, response.text
    return dict(response.json())


def ids(stripe: httpx.Client, path: str, **query: Any) -> list[str]:
    """The ids of a list, newest first."""
    response = stripe.get(path, params=query)
    assert response.status_code == 200, response.text
    return [str(obj["id"]) for obj in response.json()["data"]]


@pytest.fixture
def clock(fresh_stripe: httpx.Client) -> str:
    """A clock that stands where the world does."""
    return str(made(fresh_stripe, CLOCKS, frozen_time=NOW, name="Trial")["id"])


def sold(stripe: httpx.Client, clock: str, interval: str = "month") -> tuple[str, str]:
    """A customer on the clock, and his trial of thirty days with a good default card."""
    customer = str(made(stripe, "/v1/customers", email="jane@acme.test", test_clock=clock)["id"])
    card = made(stripe, "/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    made(stripe, f"/v1/customers/{customer}", **{"invoice_settings[default_payment_method]": card})
    price = made(
        stripe,
        "/v1/prices",
        currency="usd",
        unit_amount=9700,
        **{"recurring[interval]": interval, "product_data[name]": "Course"},
    )
    trial = {"items[0][price]": price["id"], "trial_period_days": 30}
    return customer, str(made(stripe, "/v1/subscriptions", customer=customer, **trial)["id"])


def test_what_lives_by_a_clock_stands_in_no_plain_list(fresh_stripe: httpx.Client, clock: str) -> None:
    customer, subscription = sold(fresh_stripe, clock)
    assert customer not in ids(fresh_stripe, "/v1/customers", limit=100)
    assert ids(fresh_stripe, "/v1/customers", test_clock=clock) == [customer]
    assert subscription not in ids(fresh_stripe, "/v1/subscriptions", limit=100)
    assert ids(fresh_stripe, "/v1/subscriptions", test_clock=clock) == [subscription]
    assert ids(fresh_stripe, "/v1/subscriptions", customer=customer) == [subscription]
    found = fresh_stripe.get(f"/v1/subscriptions/{subscription}", params={"expand[]": "latest_invoice"}).json()
    assert (found["test_clock"], found["latest_invoice"]["test_clock"]) == (clock, clock)


def test_an_advance_is_under_way_until_it_is_ready(fresh_stripe: httpx.Client, clock: str) -> None:
    customer, subscription = sold(fresh_stripe, clock)
    moved = made(fresh_stripe, f"{CLOCKS}/{clock}/advance", frozen_time=NOW + 31 * DAY)
    assert (moved["status"], moved["frozen_time"]) == ("advancing", NOW)
    refused = fresh_stripe.post(f"/v1/customers/{customer}", data={"name": "Jane"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        429,
        f"Test clock advancement underway - cannot perform modifications: {clock}",
    )
    assert fresh_stripe.get(f"{CLOCKS}/{clock}").json()["status"] == "advancing"
    ready = fresh_stripe.get(f"{CLOCKS}/{clock}").json()
    assert (ready["status"], ready["frozen_time"]) == ("ready", NOW + 31 * DAY)
    assert fresh_stripe.get(f"/v1/subscriptions/{subscription}").json()["status"] == "active"
    (charge,) = ids(fresh_stripe, "/v1/charges", customer=customer)
    assert charge not in ids(fresh_stripe, "/v1/charges", limit=100)
    told = fresh_stripe.get("/v1/events", params={"type": "charge.succeeded", "limit": 1}).json()["data"]
    assert told[0]["data"]["object"]["id"] == charge


def test_events_of_clocks_page_with_those_of_the_account(fresh_stripe: httpx.Client, clock: str) -> None:
    sold(fresh_stripe, clock)
    whole = ids(fresh_stripe, "/v1/events", limit=20)
    assert ids(fresh_stripe, "/v1/events", limit=10, starting_after=whole[4]) == whole[5:15]
    assert ids(fresh_stripe, "/v1/events", limit=10, ending_before=whole[4]) == whole[:4]


@pytest.mark.parametrize(("interval", "days"), [("week", 15), ("month", 63)])
def test_a_clock_goes_two_periods_at_a_time(fresh_stripe: httpx.Client, clock: str, interval: str, days: int) -> None:
    sold(fresh_stripe, clock, interval)
    too_far = fresh_stripe.post(f"{CLOCKS}/{clock}/advance", data={"frozen_time": NOW + days * DAY})
    back = fresh_stripe.post(f"{CLOCKS}/{clock}/advance", data={"frozen_time": NOW})
    assert [(answer.status_code, answer.json()["error"]["param"]) for answer in (too_far, back)] == [
        (400, "frozen_time")
    ] * 2


def test_a_clock_takes_three_customers_and_takes_them_along(fresh_stripe: httpx.Client, clock: str) -> None:
    customers = [made(fresh_stripe, "/v1/customers", test_clock=clock)["id"] for _ in range(3)]
    assert fresh_stripe.post("/v1/customers", data={"test_clock": clock}).status_code == 400
    assert fresh_stripe.delete(f"{CLOCKS}/{clock}").json() == {
        "id": clock,
        "object": "test_helpers.test_clock",
        "deleted": True,
    }
    assert fresh_stripe.get(f"/v1/customers/{customers[0]}").status_code == 404
    assert fresh_stripe.get(f"{CLOCKS}/{clock}").status_code == 404
