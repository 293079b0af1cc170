"""One request, one key: what counts as an answer, and what is only silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.actions.keys import LONGEST, idempotency_key
from ghl_triage.actions.sending import REPLAYED, TRIES, Answer, send
from ghl_triage.clock import FixedClock
from ghl_triage.errors import TriageError
from ghl_triage.model import Outcome, PlannedRequest
from ghl_triage.sources.stripe_writes import StripeWriter

pytestmark = pytest.mark.anyio

PAY = PlannedRequest("POST", "/v1/invoices/in_1/pay", {"off_session": True}, "ghlt:retry:in_1:1:eff:p1", "pay in_1")
Reply = Callable[[httpx.Request], httpx.Response]


def says(status: int, body: Any, **headers: str) -> Reply:
    named = {"request-id": "req_1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return lambda _: httpx.Response(status, json=body, headers=named)


def refuses(status: int, code: str | None = None, message: str = "no", **more: Any) -> Reply:
    headers = more.pop("headers", {})
    return says(status, {"error": {"type": "x", "code": code, "message": message, **more}}, **headers)


def breaks(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


def is_silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("silence", request=request)


def html(request: httpx.Request) -> httpx.Response:
    return httpx.Response(502, text="<html>Bad Gateway</html>")


def cut_off(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b'{"id": "in_1", "sta', headers={"request-id": "req_1"})


OTHERS: tuple[Any, ...] = ([], None, "x", 5, {}, {"status": "ok"}, {"id": "in_2", "status": "paid"})
NO_OBJECT = [says(200, body) for body in OTHERS]
"""Answers of whatever stands between us and Stripe: that a payment was made is in none of them."""
NO_ERROR = [says(402, {"error": "x"}), says(400, {"error": [1]}), says(409, []), says(400, None)]
PAID = says(200, {"id": "in_1", "object": "invoice", "status": "paid"})
LIMITED = refuses(429, "rate_limit")
LOCKED = refuses(429, "lock_timeout")
IN_USE = refuses(409, "idempotency_key_in_use")
DECLINED = refuses(402, "card_declined", "Your card was declined.", decline_code="insufficient_funds")


class Asleep(FixedClock):
    """The clock of a machine that is put to sleep between two tries."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + 25 * 3_600)


async def sent(
    replies: Iterable[Reply], *, unsure: bool = False, clock: FixedClock | None = None
) -> tuple[Answer, list[httpx.Request]]:
    """The answer, and the requests that left; the last reply repeats."""
    left = list(replies)
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return (left.pop(0) if len(left) > 1 else left[0])(request)

    writer = StripeWriter("rk_test_secret", "https://stripe.test", handler=httpx.MockTransport(handler))
    try:
        return await send(writer, PAY, clock or FixedClock(0), unsure=unsure), seen
    finally:
        await writer.close()


class TestAnswers:
    async def test_a_yes(self) -> None:
        answer, seen = await sent([PAID])
        assert (answer.outcome, answer.request_id, answer.data["status"]) == (Outcome.DONE, "req_1", "paid")
        assert len(seen) == 1
        assert seen[0].headers["idempotency-key"] == PAY.idempotency_key
        assert seen[0].headers["stripe-version"] == "2026-10-28.endive"
        assert seen[0].content == b"off_session=true"
        assert "x-stripe-client-telemetry" not in seen[0].headers

    async def test_a_decline_says_its_code_and_is_tried_once(self) -> None:
        answer, seen = await sent([DECLINED])
        assert answer.outcome is Outcome.DECLINED
        assert answer.error == "insufficient_funds: Your card was declined."
        assert len(seen) == 1

    async def test_a_replayed_decline_is_the_same_attempt(self) -> None:
        replay = refuses(402, "card_declined", headers={"idempotent_replayed": "true"})
        answer, seen = await sent([is_silent, replay])
        assert (answer.outcome, answer.detail) == (Outcome.DECLINED, REPLAYED)
        assert len({request.headers["idempotency-key"] for request in seen}) == 1

    @pytest.mark.parametrize("silence", [breaks, is_silent, html, cut_off, refuses(500), IN_USE, *NO_OBJECT, *NO_ERROR])
    async def test_silence_is_followed_by_the_same_key(self, silence: Reply) -> None:
        answer, seen = await sent([silence, PAID])
        assert answer.outcome is Outcome.DONE
        assert [request.headers["idempotency-key"] for request in seen] == [PAY.idempotency_key] * 2

    @pytest.mark.parametrize(
        "silence", [breaks, is_silent, html, cut_off, refuses(500), IN_USE, refuses(409), *NO_OBJECT, *NO_ERROR]
    )
    async def test_lasting_silence_leaves_the_outcome_unknown(self, silence: Reply) -> None:
        answer, seen = await sent([silence])
        assert answer.outcome is Outcome.UNKNOWN
        assert len(seen) == TRIES

    async def test_a_fault_that_stripe_has_stored_is_not_asked_for_again(self) -> None:
        answer, seen = await sent([refuses(500, headers={"idempotent_replayed": "true"})])
        assert (answer.outcome, answer.stored_fault, len(seen)) == (Outcome.UNKNOWN, True, 1)

    @pytest.mark.parametrize("busy", [LIMITED, LOCKED, refuses(409, "lock_timeout")])
    async def test_a_request_that_was_never_let_in_failed_and_is_not_unknown(self, busy: Reply) -> None:
        answer, seen = await sent([busy])
        assert answer.outcome is Outcome.FAILED
        assert len(seen) == TRIES

    @pytest.mark.parametrize("no", [LIMITED, LOCKED, refuses(403), refuses(401), refuses(400, "resource_missing")])
    async def test_no_other_no_makes_an_unknown_outcome_known(self, no: Reply) -> None:
        answer, _ = await sent([is_silent, no])
        assert answer.outcome is Outcome.UNKNOWN
        assert (await sent([no], unsure=True))[0].outcome is Outcome.UNKNOWN

    @pytest.mark.parametrize("status", [401, 403])
    async def test_a_key_that_may_not_is_fatal_and_is_not_shown(self, status: int) -> None:
        answer, seen = await sent([refuses(status, message="Invalid API Key: rk_test_secret")])
        assert (answer.outcome, answer.fatal, len(seen)) == (Outcome.FAILED, True, 1)
        assert "rk_test_secret" not in (answer.error or "")

    @pytest.mark.parametrize(("first", "outcome"), [(is_silent, Outcome.UNKNOWN), (LIMITED, Outcome.FAILED)])
    async def test_what_slept_over_night_is_not_sent_again_by_itself(self, first: Reply, outcome: Outcome) -> None:
        """By morning Stripe may not know the key any more: the same request would be another attempt."""
        answer, seen = await sent([first, PAID], clock=Asleep(0))
        assert (answer.outcome, len(seen)) == (outcome, 1)

    @pytest.mark.parametrize(
        ("replies", "least", "most"),
        [([PAID], 0, 0), ([is_silent, PAID], 0.1, 4), ([LOCKED, PAID], 5, 30), ([refuses(409), PAID], 5, 30)],
    )
    async def test_a_lock_is_given_time_and_silence_is_asked_again_soon(
        self, replies: list[Reply], least: float, most: float
    ) -> None:
        clock = FixedClock(0)
        await sent(replies, clock=clock)
        assert least <= sum(clock.slept) <= most

    async def test_what_was_given_up_says_what_stripe_said_last_and_where_to_look(self) -> None:
        unknown, _ = await sent([is_silent, refuses(500)])
        assert (unknown.request_id, unknown.error) == ("req_1", "Stripe answered 500 and nothing usable.")
        busy, _ = await sent([LOCKED])
        assert busy.request_id == "req_1"
        assert (busy.error or "").startswith("Stripe was busy with this object: ")
        limited, _ = await sent([LIMITED])
        assert limited.error
        assert "busy with this object" not in limited.error


async def test_what_is_not_on_the_list_cannot_be_sent() -> None:
    writer = StripeWriter("rk_test_x", "https://stripe.test")
    for method, path in (("POST", "/v1/refunds"), ("DELETE", "/v1/customers/cus_1"), ("POST", "/v1/customers/cus_1/x")):
        with pytest.raises(TriageError):
            await writer.send(PlannedRequest(method, path, {}, "k", ""))
    await writer.close()


text = st.text(max_size=300)


@given(action=text, object_id=text, attempt=st.integers(1, 99), detail=text, salt=text)
def test_keys_fit_and_are_stable(action: str, object_id: str, attempt: int, detail: str, salt: str) -> None:
    key = idempotency_key(action, object_id, attempt, detail, salt)
    assert len(key) <= LONGEST
    assert key == idempotency_key(action, object_id, attempt, detail, salt)
    assert key != idempotency_key(action, object_id, attempt + 1, detail, salt)


def test_a_key_says_what_it_is_for() -> None:
    assert idempotency_key("retry", "in_1", 2, "", "p1") == "ghlt:retry:in_1:2:eff:p1"
    assert idempotency_key("retry", "in_1", 2, "pm_1", "p1") != idempotency_key("retry", "in_1", 2, "", "p1")
