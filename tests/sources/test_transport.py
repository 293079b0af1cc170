"""What all sources share on the wire: less after a limit, whose clock is believed, proxies, faults by their names."""

from __future__ import annotations

import asyncio
from email.utils import formatdate

import httpx
import pytest

from ghl_triage.clock import FixedClock, SystemClock
from ghl_triage.errors import Unreachable
from ghl_triage.sources.highlevel import highlevel_reader
from ghl_triage.sources.stripe import StripeReader, stripe_reader
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio
KEY = "rk_test_sandbox"


class Stripe:
    """Answers one request with this limit, all others with an object; counts how many are with it at once."""

    def __init__(self, reason: str) -> None:
        self.reason: str | None = reason
        self.in_flight = self.most = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
        if self.reason:
            headers, self.reason = {"Stripe-Rate-Limited-Reason": self.reason}, None
            return httpx.Response(429, json={"error": {"code": "rate_limit", "message": "no"}}, headers=headers)
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        await asyncio.sleep(0)
        self.in_flight -= 1
        return httpx.Response(200, json={"id": "ch_1"})

    def reader(self, clock: FixedClock, rate: float | None = None) -> StripeReader:
        return stripe_reader(
            KEY, "http://stripe.test", clock=clock, rate=rate, concurrency=8, handler=httpx.MockTransport(self)
        )


@pytest.mark.parametrize(("reason", "most"), [("global-concurrency", 4), ("global-rate", 8)])
async def test_too_many_at_once_means_fewer_at_once(reason: str, most: int) -> None:
    stripe = Stripe(reason)
    reader = stripe.reader(FixedClock(0))
    await reader.get("/v1/charges/ch_1")
    await asyncio.gather(*(reader.get("/v1/charges/ch_1") for _ in range(30)))
    assert stripe.most == most


async def test_too_many_in_a_second_means_fewer_in_a_second() -> None:
    waited = {}
    for reason in ("global-rate", "global-concurrency"):
        clock = FixedClock(0)
        reader = Stripe(reason).reader(clock, rate=10)
        await reader.get("/v1/charges/ch_1")
        before = sum(clock.slept)
        for _ in range(40):
            await reader.get("/v1/charges/ch_1")
        waited[reason] = sum(clock.slept) - before
    # The clock moves in whole seconds alone, so it is not quite twice as long.
    assert waited["global-rate"] > 1.25 * waited["global-concurrency"] > 0


def dated(at: float) -> httpx.MockTransport:
    """A server whose clock says this."""
    headers = {"Date": formatdate(at, usegmt=True)}
    return httpx.MockTransport(lambda _: httpx.Response(200, json={"data": [], "totalCount": 0}, headers=headers))


async def test_a_second_or_two_between_the_clocks_are_no_drift() -> None:
    clock = SystemClock()
    await stripe_reader(KEY, "http://stripe.test", clock=clock, handler=dated(clock.now() - 2)).get("/v1/account")
    assert clock.offset == 0


async def test_highlevels_clock_sets_nothing() -> None:
    clock = SystemClock()
    reader = highlevel_reader("pit-1", "http://ghl.test", "loc", clock=clock, rate=None, handler=dated(4_102_444_800))
    assert [page async for page in reader.subscriptions()] in ([], [[]])
    assert clock.offset == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_this_machine_itself_is_asked_past_any_proxy(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    reader = stripe_reader(KEY, sandbox.stripe_base.replace("127.0.0.1", host), clock=FixedClock(0), tries=1)
    try:
        assert (await reader.get("/v1/account"))["object"] == "account"
    finally:
        await reader.close()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (httpx.ConnectError("refused"), "Stripe (stripe.test) cannot be reached."),
        (httpx.ProxyError("403"), "Stripe (stripe.test) cannot be reached through the proxy."),
        (httpx.ReadError("reset"), "Stripe (stripe.test) broke the connection off."),
        (httpx.ReadTimeout("slow"), "Stripe (stripe.test) took too long to answer."),
    ],
)
async def test_a_fault_of_the_network_is_named(fault: Exception, said: str) -> None:
    def fails(_: httpx.Request) -> httpx.Response:
        raise fault

    handler = httpx.MockTransport(fails)
    with pytest.raises(Unreachable) as caught:
        await stripe_reader(KEY, "http://stripe.test", clock=FixedClock(0), tries=1, handler=handler).get("/v1/x")
    assert caught.value.message == said
