"""A right that is missing costs what it stands for, not the list."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ghl_triage.errors import NotPermitted
from ghl_triage.sync.expansions import Expansions
from ghl_triage.sync.plan import E1, E2

pytestmark = pytest.mark.anyio


class Server:
    """Refuses requests that expand what `rights` do not cover; `base` is refused whatever is expanded."""

    def __init__(self, missing: dict[str, str], base: str | None = None) -> None:
        self.missing = missing
        self.base = base
        self.asked: list[list[str]] = []

    async def __call__(self, expand: Sequence[str]) -> list[str]:
        self.asked.append(list(expand))
        for segment, right in self.missing.items():
            if any(segment in path.split(".") for path in expand):
                raise NotPermitted(f"The Stripe key lacks the right {right}.")
        if self.base:
            raise NotPermitted(f"The Stripe key lacks the right {self.base}.")
        return list(expand)


async def test_only_what_the_right_stands_behind_is_left_out() -> None:
    told: list[str] = []
    expansions = Expansions(told.append)
    got = await expansions.ask(E2, Server({"latest_charge": "rak_charge_read"}))
    assert got == ["data.invoice", "data.payment.payment_intent", "data.payment.payment_intent.payment_method"]
    assert told == ["The Stripe key lacks the right rak_charge_read."]


@pytest.mark.parametrize(
    ("expand", "segment", "left"),
    [
        (E2, "payment_intent", ["data.invoice"]),
        (("data.customer.invoice_settings.default_payment_method",), "default_payment_method", ["data.customer"]),
        (("invoice_settings.default_payment_method", "default_source"), "default_payment_method", ["default_source"]),
    ],
)
async def test_no_path_is_left_that_ends_where_there_is_no_object(
    expand: Sequence[str], segment: str, left: list[str]
) -> None:
    right = {"payment_intent": "rak_payment_intent_read", "default_payment_method": "rak_payment_method_read"}[segment]
    assert await Expansions(lambda _: None).ask(expand, Server({segment: right})) == left


async def test_what_was_refused_once_is_not_asked_for_again() -> None:
    told: list[str] = []
    expansions = Expansions(told.append)
    server = Server({"application": "rak_account_read", "pending_setup_intent": "rak_setup_intent_read"})
    first = await expansions.ask(E1, server)
    second = await expansions.ask(E1, server)
    assert first == second
    assert len(server.asked) == 4
    assert len(told) == 2


async def test_where_the_list_itself_is_refused_it_says_so() -> None:
    told: list[str] = []
    with pytest.raises(NotPermitted, match="rak_subscription_read"):
        await Expansions(told.append).ask(E1, Server({}, base="rak_subscription_read"))
    assert told == []


@pytest.mark.parametrize("right", ["(unnamed)", "rak_that_came_later_read"])
@pytest.mark.parametrize("segment", ["application", "default_source"])
async def test_a_refusal_that_names_no_right_we_know_costs_what_is_dispensable_first(segment: str, right: str) -> None:
    server = Server({segment: right})
    got = await Expansions(lambda _: None).ask(E1, server)
    assert not [path for path in got if segment in path.split(".")]
    assert "data.customer.invoice_settings.default_payment_method" in got
    assert len(server.asked) == 2
