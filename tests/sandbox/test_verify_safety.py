"""`make verify-stripe` in the user's own account: keys, pace, secrets, and that nothing of it stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ghl_triage.sandbox.verify.__main__ import UNFINISHED
from ghl_triage.sandbox.verify.client import (
    Client,
    NotAllowed,
    Pace,
    Refused,
    Unreachable,
    check_base,
    check_key,
)
from ghl_triage.sandbox.verify.ledger import CLOCKS, Ledger, alone
from ghl_triage.sandbox.verify.plan import PRODUCT
from ghl_triage.sandbox.verify.run import account_of
from tests.sandbox.verifying import KEY, command, environment, left, serving, told
from tests.sandbox_server import NOW, SandboxServer


@pytest.fixture
def stripe() -> Iterator[SandboxServer]:
    """A Stripe that does as we believe."""
    with serving() as sandbox:
        yield sandbox


KEYS = (
    *("sk_live_51secret", "rk_live_51secret", "pk_test_51secret", "", "sk_test_", "51secret"),
    *("sk_test_51secret\n", "sk_test_51secré"),
)


@pytest.mark.parametrize("key", KEYS)
def test_only_a_test_mode_key_is_taken_and_none_is_printed(key: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_key(key)
    assert "secret" not in str(refusal.value)


def test_a_live_key_is_refused_before_anything_is_asked(stripe: SandboxServer, tmp_path: Path) -> None:
    result = command(stripe, tmp_path, "--yes", key="sk_live_sandbox")
    assert (result.exit_code, stripe.requests()) == (2, [])
    assert "live" in result.output
    assert "sk_live_sandbox" not in result.output


@pytest.mark.parametrize("base", ["https://api.stripe.com.evil.test", "http://10.0.0.7", "https://stripe.test", ""])
def test_the_key_goes_to_stripe_or_to_this_machine(base: str) -> None:
    with pytest.raises(NotAllowed):
        check_base(base)


def test_an_answer_from_live_mode_ends_everything(tmp_path: Path) -> None:
    asked: list[str] = []

    async def live(request: Request) -> Response:
        asked.append(f"{request.method} {request.url.path}")
        return JSONResponse({"object": "balance", "livemode": True})

    async def nothing(_: Request) -> Response:
        return JSONResponse([])

    routes = [Route("/_sandbox/requests", nothing), Route("/{path:path}", live, methods=["GET", "POST"])]
    with SandboxServer(app=Starlette(routes=routes)) as server:
        result = command(server, tmp_path, "--yes", "--story", "no_card_ever")
    assert (result.exit_code, asked) == (2, ["GET /stripe/v1/balance"])
    assert "live mode" in result.output


def test_requests_leave_at_an_even_pace() -> None:
    at, left = [0.0], []

    def sleep(seconds: float) -> None:
        at[0] += seconds

    pace = Pace(20, lambda: at[0], sleep)
    for _ in range(100):
        pace.wait()
        left.append(at[0])
    assert left[-1] == pytest.approx(99 / 20)
    assert all(sum(moment <= other < moment + 1 for other in left) <= 21 for moment in left)


@pytest.mark.slow
def test_a_run_says_what_it_makes_asks_and_leaves_nothing(stripe: SandboxServer, tmp_path: Path) -> None:
    unasked = command(stripe, tmp_path, "--story", "no_card_ever")
    assert unasked.exit_code == 2
    assert "1 test clock" in unasked.output
    assert all(request["method"] == "GET" for request in stripe.requests())
    result = command(stripe, tmp_path, "--story", "no_card_ever", "--yes", "--json", "--rate", "20")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["differences"], [story["name"] for story in document["stories"]]) == (0, ["no_card_ever"])
    assert KEY not in result.output
    assert left(stripe) == []
    assert all(write["idempotency_key"] for write in stripe.requests() if write["method"] == "POST")


def in_the_middle(stripe: SandboxServer, folder: Path) -> subprocess.Popen[str]:
    """A run whose request for a subscription is never answered."""
    stripe.faults({"match": "POST /v1/subscriptions", "kind": "timeout-after", "times": None})
    arguments = [sys.executable, "-m", "ghl_triage.sandbox.verify", "--yes", "--story", "no_card_ever", "--rate", "20"]
    surroundings = {**os.environ, **environment(stripe, folder)}
    run = subprocess.Popen(arguments, env=surroundings, stderr=subprocess.PIPE, text=True)
    while not any(request["path"] == "/v1/subscriptions" for request in stripe.requests()):
        assert run.poll() is None
    return run


@pytest.mark.slow
def test_a_stop_by_hand_removes_what_was_made(stripe: SandboxServer, tmp_path: Path) -> None:
    run = in_the_middle(stripe, tmp_path)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert (run.returncode, left(stripe)) == (UNFINISHED, [])
    assert "Stopped" in said
    assert "Traceback" not in said
    assert not (tmp_path / "home" / "verify-stripe.jsonl").exists()


@pytest.mark.slow
def test_a_second_run_leaves_the_first_one_s_things_alone(stripe: SandboxServer, tmp_path: Path) -> None:
    with alone(tmp_path / "home" / "verify-stripe.jsonl"):
        result = command(stripe, tmp_path, "--clean")
    assert (result.exit_code, stripe.requests()) == (UNFINISHED, [])
    assert "another run is under way" in result.output
    assert command(stripe, tmp_path, "--clean").exit_code == 0


@pytest.mark.slow
def test_what_a_kill_leaves_is_removed_later(stripe: SandboxServer, tmp_path: Path) -> None:
    run = in_the_middle(stripe, tmp_path)
    run.kill()
    run.communicate()
    stripe.clear_faults()
    assert len(left(stripe)) == 3
    book = tmp_path / "home" / "verify-stripe.jsonl"
    assert book.stat().st_mode & 0o777 == 0o600
    assert KEY not in book.read_text()
    result = command(stripe, tmp_path, "--clean")
    assert (result.exit_code, "Removed 3 things" in result.output) == (0, True)
    assert left(stripe) == []
    assert not book.exists()


def test_a_lost_answer_makes_nothing_twice(stripe: SandboxServer, tmp_path: Path) -> None:
    book = Ledger(tmp_path / "ledger.jsonl", "acct_1")
    stripe.faults({"match": f"POST {CLOCKS}$", "kind": "500-after", "times": 1})
    with Client(KEY, stripe.stripe_base, Pace(100_000, sleep=lambda _: None)) as client:
        clock = book.make(client, CLOCKS, {"frozen_time": NOW}, "a-clock")["id"]
        assert left(stripe) == [clock]
        stripe.faults({"match": f"POST {CLOCKS}$", "kind": "truncated", "times": None})
        with pytest.raises(Exception, match="6 times"):
            book.make(client, CLOCKS, {"frozen_time": NOW}, "another")
        stripe.clear_faults()
        assert len(left(stripe)) == 2
        assert Ledger(tmp_path / "ledger.jsonl", "acct_2").mine() == []
        assert Ledger(tmp_path / "ledger.jsonl", "acct_1").clean(client) == 2
    assert left(stripe) == []


def test_what_stripe_will_not_let_go_keeps_nothing_else(stripe: SandboxServer, tmp_path: Path) -> None:
    path = tmp_path / "home" / "verify-stripe.jsonl"
    with Client(KEY, stripe.stripe_base, Pace(100_000)) as client:
        book = Ledger(path, account_of(client))
        book.make(client, CLOCKS, {"frozen_time": NOW}, "a-clock")
        price = {"currency": "usd", "unit_amount": 100, "product_data": {"name": "Kept"}}
        book.make(client, "/v1/prices", price, "a-price")
        client.send("POST", "/v1/prices", price, "a-price-archive")  # now the key names another request
        book.make(client, "/v1/products", {"name": PRODUCT}, "a-product")
        assert book.clean(client) == 2
    result = command(stripe, tmp_path, "--clean")
    assert result.exit_code == UNFINISHED
    assert "1 thing could not be removed" in result.output


def test_what_was_made_is_found_when_stripe_has_forgotten_the_key(stripe: SandboxServer, tmp_path: Path) -> None:
    book = Ledger(tmp_path / "ledger.jsonl", "acct_1")
    made = ((CLOCKS, {"frozen_time": NOW}), ("/v1/products", {"name": PRODUCT}))
    with Client(KEY, stripe.stripe_base, Pace(100_000, sleep=lambda _: None)) as client:
        for path, params in made:
            stripe.faults({"match": f"POST {path}$", "kind": "truncated", "times": None})
            with pytest.raises(Unreachable):
                book.make(client, path, params, f"run-{path}")
        stripe.clear_faults()
        assert len(left(stripe)) == 2
        stripe.advance(2 * 86_400)
        assert Ledger(tmp_path / "ledger.jsonl", "acct_1").clean(client) == 2
    assert left(stripe) == []
    assert stripe.counters()["stripe"].get("POST /v1/products") == 6


@pytest.mark.slow
def test_a_lost_answer_to_a_cancel_is_no_difference(stripe: SandboxServer, tmp_path: Path) -> None:
    stripe.faults({"match": "DELETE ", "kind": "500-after", "times": None, "probability": 0.5})
    (outcome,) = told(stripe, tmp_path, "canceled_in_trial")
    assert (outcome.findings, left(stripe)) == ((), [])


@pytest.mark.slow
def test_a_right_that_is_missing_ends_the_run_at_once(stripe: SandboxServer, tmp_path: Path) -> None:
    key = "rk_test_sandbox_without_customer_write"
    result = command(stripe, tmp_path, "--yes", "--story", "no_card_ever", "--story", "good_trial", key=key)
    assert result.exit_code == UNFINISHED
    assert "rak_customer_write" in result.output
    assert stripe.counters()["stripe"]["POST /v1/customers"] == 1
    assert left(stripe) == []


def test_keys_that_may_not_name_their_account_share_nothing(stripe: SandboxServer) -> None:
    names = set()
    for key in ("rk_test_sandbox_a_without_account_read", "rk_test_sandbox_b_without_account_read", KEY):
        with Client(key, stripe.stripe_base) as client:
            names.add(account_of(client))
        assert all(key not in name for name in names)
    assert len(names) == 3


def test_what_stripe_says_is_told_without_secrets_and_on_one_line() -> None:
    said = "Use sk_test_51abc or pi_1_secret_2b at https://pay.test/x\n\x1b[31mred"
    told_of = str(Refused(400, {"message": said, "code": "bad"}))
    assert told_of == "400 bad: Use … or … at …  [31mred"
