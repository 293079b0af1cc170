"""Ids and answers from outside that would lead a request astray, or hide what it did."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ghl_triage.actions.planner import plan
from ghl_triage.errors import RequestRefused, TriageError
from ghl_triage.model import ActionKind, Case, LinkKind, PlannedRequest
from ghl_triage.sources.stripe_writes import StripeWriter
from tests.actions.given import NOW, case, customer, invoice, subject, subscription, without_default
from tests.hostile import unsafe

ODD = ("in_1/../../customers/cus_2", "in_1?amount=1", "..", "in_1#", "in_1/pay", "%2e%2e", "in 1", "\u202ein_1")


@pytest.mark.parametrize("odd", ODD)
def test_a_case_whose_id_would_lead_elsewhere_is_left_out_with_the_reason(odd: str) -> None:
    pay = subject(case(invoice=odd), invoices=(invoice(id=odd),), default="pm_good")
    default = subject(without_default(customer=odd))
    own = subject(
        case(subscription=odd, link=LinkKind.HOSTED_INVOICE, invoice=odd),
        sub=subscription(id=odd),
        invoices=(invoice(id=odd),),
    )
    for kind, of in ((ActionKind.RETRY, pay), (ActionKind.FIX_DEFAULT, default), (ActionKind.RESEND_LINK, own)):
        (step,) = plan(kind, [of], plan_id="p", now=NOW).steps
        assert step.requests == (), kind
        assert step.skipped is not None
        assert "signs that no id of Stripe's has" in step.skipped


def test_ids_that_sellers_chose_themselves_are_charged_like_others() -> None:
    chosen: Case = without_default(customer="user-1@acme.test")
    assert customer()["id"] == "cus_1"
    (step,) = plan(ActionKind.FIX_DEFAULT, [subject(chosen)], plan_id="p", now=NOW).steps
    assert [request.path for request in step.requests] == ["/v1/customers/user-1@acme.test"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.anyio
async def test_a_journal_cannot_send_a_request_to_another_object(odd: str) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"id": "x"})

    writer = StripeWriter("rk_test_x", "http://stripe.test", handler=httpx.MockTransport(answer))
    for request in (
        PlannedRequest("POST", f"/v1/invoices/{odd}/pay", {}, "key", ""),
        PlannedRequest("POST", f"/v1/customers/{odd}", {}, "key", ""),
        PlannedRequest("DELETE", f"/v1/subscriptions/{odd}", {}, "key", ""),
    ):
        with pytest.raises(TriageError, match="no request that ghl-triage makes"):
            await writer.send(request)
    assert asked == []


async def _sent(body: bytes, status: int = 200) -> Any:
    handler = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    request = PlannedRequest("POST", "/v1/invoices/in_1/pay", {"off_session": True}, "key", "")
    return await StripeWriter("rk_test_x", "http://stripe.test", handler=handler).send(request)


@pytest.mark.anyio
async def test_a_broken_character_does_not_hide_that_a_payment_came_through() -> None:
    for name in (b'"half \\ud83d"', b'"\xff\xfe"', '"\u202e\\u001b[31m"'.encode()):
        written = await _sent(b'{"id": "in_1", "object": "invoice", "status": "paid", "customer_name": %s}' % name)
        assert written.data["status"] == "paid"
        str(written.data["customer_name"]).encode()


@pytest.mark.anyio
async def test_a_decline_in_hostile_words_is_told_in_harmless_ones() -> None:
    said = b'{"error": {"type": "card_error", "code": "card_declined", "message": "no\\u001b[2J \\ud800 \xff\\u202e!"}}'
    with pytest.raises(RequestRefused) as refused:
        await _sent(said, 402)
    assert refused.value.code == "card_declined"
    assert unsafe(refused.value.message) == []
    assert "no" in refused.value.message
