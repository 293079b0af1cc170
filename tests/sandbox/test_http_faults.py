"""Faults on order, as an HTTP client meets them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from ghl_triage.sandbox.http.faults import Fault, Faults
from tests.sandbox.conftest import HEADERS
from tests.sandbox_server import SandboxServer


@pytest.fixture(scope="module")
def faulty() -> Iterator[SandboxServer]:
    """A world for this module: its tests leave no fault behind."""
    with SandboxServer() as server:
        yield server


@pytest.fixture
def client(faulty: SandboxServer) -> Iterator[httpx.Client]:
    """Speaks to its Stripe."""
    with httpx.Client(base_url=faulty.stripe_base, headers=HEADERS, trust_env=False) as speaker:
        yield speaker


LIST = {"match": "GET /v1/charges$"}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("429", (429, "rate_limit", "global-rate")),
        ("429-no-reason", (429, "rate_limit", None)),
        ("lock", (429, "lock_timeout", None)),
        ("409-lock", (409, "lock_timeout", None)),
        ("409-key", (409, "idempotency_key_in_use", None)),
        ("409-key-after", (409, "idempotency_key_in_use", None)),
        ("500", (500, None, None)),
        ("500-replayed", (500, None, None)),
    ],
)
def test_stripes_own_errors(
    client: httpx.Client, faulty: SandboxServer, kind: str, told: tuple[int, str | None, str | None]
) -> None:
    faulty.faults({**LIST, "kind": kind})
    faulty.reset_counters()
    struck = client.get("/v1/charges")
    code, reason = struck.json()["error"].get("code"), struck.headers.get("stripe-rate-limited-reason")
    assert (struck.status_code, code, reason) == told
    assert client.get("/v1/charges").status_code == 200
    assert faulty.counters()["stripe"] == {"GET /v1/charges": 2}


def test_what_is_no_answer_of_stripes(client: httpx.Client, faulty: SandboxServer) -> None:
    faulty.faults({**LIST, "kind": "502-html"})
    assert client.get("/v1/charges").text.startswith("<html>")
    faulty.faults({**LIST, "kind": "half-json"})
    with pytest.raises(ValueError, match=r"JSON|Unterminated|Expecting|delimiter"):
        client.get("/v1/charges").json()
    for kind in ("reset", "reset-mid-body", "truncated"):
        faulty.faults({**LIST, "kind": kind})
        with pytest.raises(httpx.TransportError):
            client.get("/v1/charges")
    faulty.faults({**LIST, "kind": "timeout-before"})
    with pytest.raises(httpx.ReadTimeout):
        client.get("/v1/charges", timeout=0.1)
    assert client.get("/v1/charges").status_code == 200


@pytest.mark.parametrize("kind", ["timeout-after", "500-after", "409-key-after", "reset-mid-body", "truncated"])
def test_a_write_may_be_carried_out_all_the_same(client: httpx.Client, faulty: SandboxServer, kind: str) -> None:
    customer = client.get("/v1/customers").json()["data"][0]["id"]
    faulty.faults({"match": "POST /v1/customers/", "kind": kind})
    sent = {"url": f"/v1/customers/{customer}", "data": {"metadata[n]": kind}, "headers": {"Idempotency-Key": kind}}
    try:
        assert client.post(**sent, timeout=0.3).status_code in (500, 409)  # type: ignore[arg-type]
    except httpx.TransportError:
        assert kind not in ("500-after", "409-key-after")
    assert client.get(f"/v1/customers/{customer}").json()["metadata"]["n"] == kind
    again = client.post(**sent)  # type: ignore[arg-type]
    assert again.headers["idempotent-replayed"] == "true"


def test_faults_reach_highlevel_too(faulty: SandboxServer) -> None:
    faulty.faults({"match": "GET /payments/", "kind": "502-html", "times": None})
    for _ in range(2):
        assert httpx.get(f"{faulty.highlevel_base}/payments/orders", trust_env=False).status_code == 502
    faulty.clear_faults()
    assert httpx.get(f"{faulty.highlevel_base}/payments/orders", trust_env=False).status_code == 401


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
