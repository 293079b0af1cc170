"""Reading Stripe: what is retried, what is said when it fails, and that no secret is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from ghl_triage.clock import FixedClock, SystemClock
from ghl_triage.errors import (
    NotAuthenticated,
    NotFound,
    NotPermitted,
    RateLimited,
    RequestRefused,
    SourceError,
    Unreachable,
)
from ghl_triage.sources.stripe import API_VERSION, StripeReader, flatten, stripe_reader

pytestmark = pytest.mark.anyio

KEY = "rk_test_51Secret"
GOOD = {"object": "list", "data": [{"id": "ch_1", "object": "charge", "created": 5}], "has_more": False}
Reply = httpx.Response | Exception


class Script:
    """Answers in turn, the last one for ever, and keeps the requests."""

    def __init__(self, *replies: Reply | Callable[[httpx.Request], Reply]) -> None:
        self.replies = list(replies)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if not isinstance(reply, httpx.Response | Exception):
            reply = reply(request)
        if isinstance(reply, Exception):
            raise reply
        return reply


def reader(script: Script, clock: FixedClock | None = None, **options: Any) -> StripeReader:
    return stripe_reader(
        KEY,
        "http://stripe.test/stripe/",
        clock=clock or FixedClock(1_000),
        handler=httpx.MockTransport(script),
        **options,
    )


def failed(status: int, code: str | None = None, message: str = "no", **headers: str) -> httpx.Response:
    error = {"type": "api_error", "code": code, "message": message}
    return httpx.Response(status, json={"error": error}, headers=headers)


def limited(reason: str | None) -> httpx.Response:
    return failed(429, "rate_limit", **({"Stripe-Rate-Limited-Reason": reason} if reason else {}))


FAULTS: dict[str, Reply] = {
    "429 rate": limited("global-rate"),
    "429 endpoint": limited("endpoint-rate"),
    "429 concurrency": limited("global-concurrency"),
    "429 resource": limited("resource-specific"),
    "429 without reason": limited(None),
    "lock": failed(429, "lock_timeout"),
    "500": failed(500),
    "502 with a page": httpx.Response(502, text="<html>bad gateway</html>"),
    "timeout": httpx.ReadTimeout("slow"),
    "no connection in time": httpx.ConnectTimeout("slow"),
    "refused": httpx.ConnectError("refused"),
    "reset": httpx.ReadError("reset by peer"),
    "cut off": httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
    "cut off JSON": httpx.Response(200, content=b'{"object": "list", "data": [{"id"'),
    "a log-in page": httpx.Response(200, text="<html>Welcome to the hotel</html>"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_passing_fault_costs_a_wait_and_nothing_else(name: str) -> None:
    script, clock = Script(FAULTS[name], FAULTS[name], httpx.Response(200, json=GOOD)), FixedClock(1_000)
    page = await reader(script, clock).list_page("/v1/charges")
    assert [row["id"] for row in page.data] == ["ch_1"]
    assert len(script.requests) == 3
    assert len([pause for pause in clock.slept if pause >= 0]) >= 2


@pytest.mark.parametrize("name", FAULTS)
async def test_a_lasting_fault_is_told_without_secrets(name: str) -> None:
    script = Script(FAULTS[name])
    with pytest.raises((Unreachable, RateLimited)) as caught:
        await reader(script, tries=3).get("/v1/charges/ch_1")
    assert len(script.requests) == 3
    assert KEY not in str(caught.value)
    assert str(caught.value).startswith("Stripe")
    assert caught.value.__cause__ is None


async def test_a_lock_is_waited_for_longer_than_a_busy_second() -> None:
    waits = {}
    for name in ("lock", "429 rate"):
        clock = FixedClock(0)
        await reader(Script(FAULTS[name], httpx.Response(200, json={"id": "x"})), clock).get("/v1/charges/x")
        waits[name] = sum(clock.slept)
    assert waits["lock"] >= 5
    assert waits["429 rate"] <= 1


async def test_a_wait_that_the_server_names_is_kept() -> None:
    clock = FixedClock(0)
    script = Script(failed(429, "rate_limit", **{"Retry-After": "17"}), httpx.Response(200, json={"id": "x"}))
    await reader(script, clock).get("/v1/charges/x")
    assert sum(clock.slept) >= 17


REFUSALS: list[tuple[int, str | None, str, type[SourceError], str]] = [
    (401, None, f"Invalid API Key provided: {KEY}", NotAuthenticated, "does not accept the key"),
    (401, "api_key_expired", "Expired API Key", NotAuthenticated, "Expired"),
    (
        403,
        None,
        f"The provided key '{KEY}' does not have the required permissions. Having the 'rak_charge_read' permission "
        "would allow this request to continue.",
        NotPermitted,
        "rak_charge_read",
    ),
    (404, "resource_missing", "No such charge: 'ch_9'", NotFound, "ch_9"),
    (400, "property_expansion_max_depth", "You cannot expand more than 4 levels", RequestRefused, "4 levels"),
    (402, "card_declined", "Your card was declined.", RequestRefused, "declined"),
]


@pytest.mark.parametrize(("status", "code", "message", "kind", "said"), REFUSALS)
async def test_a_refusal_is_final_and_says_what_to_do(
    status: int, code: str | None, message: str, kind: type[SourceError], said: str
) -> None:
    script = Script(failed(status, code, message, **{"Request-Id": "req_7"}))
    with pytest.raises(kind) as caught:
        await reader(script).get("/v1/charges/ch_9")
    assert len(script.requests) == 1
    assert said in str(caught.value)
    assert "req_7" in str(caught.value)
    assert KEY not in str(caught.value)


async def test_a_page_that_takes_too_long_is_asked_for_at_half_the_size() -> None:
    def answer(request: httpx.Request) -> Reply:
        slow = request.url.params["limit"] == "100"
        return httpx.ReadTimeout("slow") if slow else httpx.Response(200, json=GOOD)

    script = Script(answer)
    page = await reader(script, tries=2).list_page("/v1/subscriptions", {"expand": ["data.customer"]})
    assert [row["id"] for row in page.data] == ["ch_1"]
    assert [request.url.params["limit"] for request in script.requests] == ["100", "100", "50"]


async def test_requests_carry_the_pinned_version_and_the_key_in_the_header_alone() -> None:
    script = Script(httpx.Response(200, json=GOOD))
    await reader(script).list_page("/v1/charges", {"created": {"gte": 5}, "expand": ["data.x"], "status": None})
    request = script.requests[0]
    assert request.headers["stripe-version"] == API_VERSION
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in str(request.url)
    assert dict(request.url.params) == {"limit": "100", "created[gte]": "5", "expand[]": "data.x"}
    assert request.url.path == "/stripe/v1/charges"


async def test_pages_follow_one_another_to_the_end() -> None:
    def answers() -> Iterator[httpx.Response]:
        for number in range(3):
            rows = [{"id": f"ch_{number}", "object": "charge", "created": number}]
            yield httpx.Response(200, json={"object": "list", "data": rows, "has_more": number < 2})

    script = Script(*answers())
    pages = [page async for page in reader(script).iter_pages("/v1/charges")]
    assert [page.data[0]["id"] for page in pages] == ["ch_0", "ch_1", "ch_2"]
    assert [request.url.params.get("starting_after") for request in script.requests] == [None, "ch_0", "ch_1"]


async def test_the_time_of_a_page_is_when_its_request_left() -> None:
    clock = FixedClock(1_000)

    def answer(_: httpx.Request) -> Reply:
        clock.at += 30
        return httpx.Response(200, json=GOOD)

    assert (await reader(Script(answer), clock).list_page("/v1/charges")).fetched_at == 1_000


async def test_stripes_clock_sets_ours_right() -> None:
    clock = SystemClock()
    date = "Fri, 01 Jan 2100 00:00:00 GMT"
    script = Script(httpx.Response(200, json=GOOD, headers={"Date": date}))
    stripe = stripe_reader(KEY, "http://stripe.test", clock=clock, handler=httpx.MockTransport(script))
    await stripe.list_page("/v1/charges")
    assert abs(clock.now() - 4_102_444_800) <= 3


async def test_an_answer_that_took_long_moves_no_clock() -> None:
    clock = SystemClock()

    def slow(_: httpx.Request) -> httpx.Response:
        date = formatdate(clock.now(), usegmt=True)
        clock.offset += 40  # as if so many seconds went by on the way
        return httpx.Response(200, json=GOOD, headers={"Date": date})

    stripe = stripe_reader(KEY, "http://stripe.test", clock=clock, handler=httpx.MockTransport(slow))
    await stripe.list_page("/v1/charges")
    assert clock.offset == 40


@pytest.mark.parametrize("asked", [b"86400", "²".encode("latin-1"), b"-1", b"soon"])
async def test_no_pause_that_an_api_asks_for_is_endless(asked: bytes) -> None:
    clock, limit = FixedClock(0), failed(429)
    limit.headers = httpx.Headers([(b"retry-after", asked)])
    await reader(Script(limit, httpx.Response(200, json=GOOD)), clock).list_page("/v1/charges")
    assert sum(clock.slept) < 61


async def test_a_quick_question_waits_for_silence_once() -> None:
    script = Script(httpx.ReadTimeout("silence"))
    with pytest.raises(Unreachable, match="took too long"):
        await reader(script).get("/v1/account", tries=4)
    assert len(script.requests) == 1


async def test_what_was_cut_off_names_the_request() -> None:
    script = Script(httpx.Response(200, content=b'{"data": [', headers={"Request-Id": "req_cut"}))
    with pytest.raises(Unreachable, match="req_cut"):
        await reader(script).list_page("/v1/charges")


async def test_an_answer_of_another_shape_is_no_crash() -> None:
    bodies: list[Any] = [[], {"object": "list"}, "x"]
    for body in bodies:
        with pytest.raises(Unreachable):
            await reader(Script(httpx.Response(200, json=body))).list_page("/v1/charges")


def test_parameters_are_written_as_stripes_form_has_them() -> None:
    assert flatten({"a": {"b": {"c": 1}}, "d": [1, 2], "e": True, "f": None}) == [
        ("a[b][c]", "1"),
        ("d[]", "1"),
        ("d[]", "2"),
        ("e", "true"),
    ]
