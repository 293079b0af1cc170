"""Writing to Stripe: the stored request leaves exactly as it was stored, once, and every answer is told apart."""

from __future__ import annotations

from urllib.parse import parse_qs

import httpx
import pytest

from ghl_triage.errors import NotPermitted, RateLimited, RequestRefused, SourceError, TriageError, Unreachable
from ghl_triage.model import PlannedRequest
from ghl_triage.sources.stripe import API_VERSION
from ghl_triage.sources.stripe_writes import StripeWriter

pytestmark = pytest.mark.anyio

KEY = "rk_test_51Secret"
PAY = PlannedRequest("POST", "/v1/invoices/in_1/pay", {"off_session": True, "expand": ["payments"]}, "key-1", "")


class Server:
    """Gives one answer to everything, and keeps the requests."""

    def __init__(self, reply: httpx.Response | Exception) -> None:
        self.reply = reply
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


def writer(server: Server) -> StripeWriter:
    return StripeWriter(KEY, "http://stripe.test/stripe", handler=httpx.MockTransport(server))


def answer(status: int, body: dict[str, object], **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={"Request-Id": "req_1", **headers})


async def test_a_planned_request_leaves_as_it_was_stored() -> None:
    server = Server(answer(200, {"id": "in_1", "object": "invoice", "lines": {"data": [{"id": "il_1"}]}}))
    written = await writer(server).send(PAY)
    request = server.requests[0]
    assert (request.method, request.url.path) == ("POST", "/stripe/v1/invoices/in_1/pay")
    assert request.headers["idempotency-key"] == "key-1"
    assert request.headers["stripe-version"] == API_VERSION
    assert "x-stripe-client-telemetry" not in request.headers
    assert parse_qs(request.content.decode()) == {"off_session": ["true"], "expand[0]": ["payments"]}
    assert written.data == {"id": "in_1", "object": "invoice", "lines": {"data": [{"id": "il_1"}]}}
    assert (written.request_id, written.replayed) == ("req_1", False)


async def test_an_empty_default_is_sent_so_that_it_clears() -> None:
    server = Server(answer(200, {"id": "sub_1", "object": "subscription"}))
    await writer(server).update_subscription("sub_1", {"default_payment_method": ""}, idempotency_key="k")
    assert server.requests[0].content == b"default_payment_method="


async def test_a_decline_tells_its_codes_and_whether_it_is_an_old_answer() -> None:
    error = {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "advice_code": "try_again_later",
        "message": "Your card has insufficient funds.",
    }
    server = Server(answer(402, {"error": error}, **{"Idempotent-Replayed": "true"}))
    with pytest.raises(RequestRefused) as caught:
        await writer(server).send(PAY)
    fault = caught.value
    assert (fault.code, fault.decline_code, fault.advice_code) == (
        "card_declined",
        "insufficient_funds",
        "try_again_later",
    )
    assert (fault.status, fault.request_id, fault.replayed) == (402, "req_1", True)


FAULTS: list[tuple[httpx.Response | Exception, type[SourceError]]] = [
    (httpx.ReadTimeout("slow"), Unreachable),
    (httpx.ReadError("reset"), Unreachable),
    (answer(500, {"error": {"type": "api_error", "message": "oops"}}), Unreachable),
    (httpx.Response(502, text="<html>bad gateway</html>"), Unreachable),
    (answer(429, {"error": {"code": "lock_timeout", "message": "locked"}}), RateLimited),
    (answer(403, {"error": {"message": f"{KEY} lacks 'rak_invoice_write'"}}), NotPermitted),
]


@pytest.mark.parametrize(("reply", "kind"), FAULTS)
async def test_a_fault_is_told_apart_after_a_single_try(
    reply: httpx.Response | Exception, kind: type[SourceError]
) -> None:
    server = Server(reply)
    with pytest.raises(kind) as caught:
        await writer(server).send(PAY)
    assert len(server.requests) == 1
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "request_",
    [
        PlannedRequest("POST", "/v1/refunds", {}, "k", ""),
        PlannedRequest("DELETE", "/v1/customers/cus_1", {}, "k", ""),
        PlannedRequest("POST", "/v1/invoices/in_1/void", {}, "k", ""),
    ],
)
async def test_what_no_plan_makes_is_not_sent(request_: PlannedRequest) -> None:
    server = Server(answer(200, {}))
    with pytest.raises(TriageError):
        await writer(server).send(request_)
    assert server.requests == []
