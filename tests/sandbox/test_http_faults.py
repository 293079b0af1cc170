"""Faults on order, as an HTTP client meets them."""

from __future__ import annotations

import httpx
import pytest

from ghl_triage.sandbox.http.faults import Fault, Faults
from tests.sandbox_server import SandboxServer

LIST = {"match": "GET /v1/charges$"}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("429", (429, "rate_limit", "global-rate")),
        ("429-no-reason", (429, "rate_limit", None)),
        ("lock", (429, "lock_timeout", None)),
        ("500", (500, None, None)),
    ],
)
def test_stripes_own_errors(
    fresh_stripe: httpx.Client, fresh_sandbox: SandboxServer, kind: str, told: tuple[int, str | None, str | None]
) -> None:
    fresh_sandbox.faults({**LIST, "kind": kind})
    struck = fresh_stripe.get("/v1/charges")
    code, reason = struck.json()["error"].get("code"), struck.headers.get("stripe-rate-limited-reason")
    assert (struck.status_code, code, reason) == told
    assert fresh_stripe.get("/v1/charges").status_code == 200


def test_what_is_no_answer_of_stripes(fresh_stripe: httpx.Client, fresh_sandbox: SandboxServer) -> None:
    fresh_sandbox.faults({**LIST, "kind": "502-html"})
    assert fresh_stripe.get("/v1/charges").text.startswith("<html>")
    fresh_sandbox.faults({**LIST, "kind": "half-json"})
    with pytest.raises(ValueError, match=r"JSON|Unterminated|Expecting|delimiter"):
        fresh_stripe.get("/v1/charges").json()
    for kind in ("reset", "reset-mid-body", "truncated"):
        fresh_sandbox.faults({**LIST, "kind": kind})
        with pytest.raises(httpx.TransportError):
            fresh_stripe.get("/v1/charges")
    fresh_sandbox.faults({**LIST, "kind": "timeout-before"})
    with pytest.raises(httpx.ReadTimeout):
        fresh_stripe.get("/v1/charges", timeout=0.1)
    assert fresh_stripe.get("/v1/charges").status_code == 200


@pytest.mark.parametrize("kind", ["timeout-after", "500-after", "reset-mid-body", "truncated"])
def test_a_write_may_be_carried_out_all_the_same(
    fresh_stripe: httpx.Client, fresh_sandbox: SandboxServer, kind: str
) -> None:
    customer = fresh_stripe.get("/v1/customers").json()["data"][0]["id"]
    fresh_sandbox.faults({"match": "POST /v1/customers/", "kind": kind})
    sent = {"url": f"/v1/customers/{customer}", "data": {"metadata[n]": kind}, "headers": {"Idempotency-Key": kind}}
    try:
        assert fresh_stripe.post(**sent, timeout=0.3).status_code == 500  # type: ignore[arg-type]
    except httpx.TransportError:
        assert kind != "500-after"
    assert fresh_stripe.get(f"/v1/customers/{customer}").json()["metadata"]["n"] == kind
    again = fresh_stripe.post(**sent)  # type: ignore[arg-type]
    assert again.headers["idempotent-replayed"] == "true"


def test_faults_reach_highlevel_too(fresh_sandbox: SandboxServer) -> None:
    fresh_sandbox.faults({"match": "GET /payments/", "kind": "502-html", "times": None})
    for _ in range(2):
        assert httpx.get(f"{fresh_sandbox.highlevel_base}/payments/orders", trust_env=False).status_code == 502
    fresh_sandbox.clear_faults()
    assert httpx.get(f"{fresh_sandbox.highlevel_base}/payments/orders", trust_env=False).status_code == 401


def test_a_fault_waits_strikes_and_is_spent() -> None:
    faults = Faults(1, [Fault.read({"match": "GET /v1/a", "kind": "500", "after": 1, "times": 2})])
    assert [faults.strike("GET", "/v1/a") for _ in range(4)] == [None, "500", "500", None]
    assert faults.strike("POST", "/v1/a") is None


def test_chance_is_the_seeds() -> None:
    order = {"match": ".", "kind": "429", "times": None, "probability": 0.3}
    runs = [[Faults(seed, [Fault.read(order)]).strike("GET", "/") for _ in range(1)] for seed in (1, 1)]
    assert runs[0] == runs[1]
    struck = Faults(5, [Fault.read(order)])
    assert 200 < sum(struck.strike("GET", "/") is not None for _ in range(1000)) < 400


@pytest.mark.parametrize("order", [{"kind": "400"}, {"kind": "500", "often": 1}, {"kind": "500", "match": "("}])
def test_a_fault_that_makes_no_sense_is_refused(order: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"no such fault|bad pattern"):
        Fault.read(order)
