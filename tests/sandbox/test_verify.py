"""`make verify-stripe`, with a sandbox in the place of Stripe: then only what was set otherwise differs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.engine.beliefs import SWITCHES, read
from ghl_triage.sandbox.server import SandboxOptions
from ghl_triage.sandbox.verify import plan as plans
from ghl_triage.sandbox.verify.__main__ import main
from ghl_triage.sandbox.verify.beliefs import SETTLED
from ghl_triage.sandbox.verify.client import Client, NotAllowed, Pace, check_base, check_key
from ghl_triage.sandbox.verify.compare import Side, differences, new_fields
from ghl_triage.sandbox.verify.fields import FIELDS
from ghl_triage.sandbox.verify.ledger import CLOCKS, Ledger
from ghl_triage.sandbox.verify.run import Outcome, set_stage, tell
from tests.sandbox_server import NOW, SandboxServer

DOCUMENT = (Path(__file__).parents[2] / "docs" / "beliefs.md").read_text(encoding="utf-8")
KEY = "sk_test_sandbox"
OTHERWISE = {name: values[1] for name, values in SWITCHES.items()}
UNSETTLED = {
    "application_shown",
    "customer_search",
    "highlevel_past_due",
    "hosted_invoice_saves_card",
    "rights_before_existence",
}
"""The switches of which the stories tell nothing at Stripe."""
FEW = (
    "never_set_up",
    "page_left_open",
    "canceled_without_card",
    "detached_above_a_good_one",
    "set_up_not_default",
    "indian_card_charged",
    "refused_until_the_end",
    "set_up_confirmed_and_saved",
)


def serving(*settings: str) -> SandboxServer:
    """A sandbox that stands for Stripe, with these beliefs."""
    return SandboxServer(SandboxOptions(customers=12, now=NOW, rate_limit=False, beliefs=read(settings)))


@pytest.fixture
def stripe() -> Iterator[SandboxServer]:
    """A Stripe that does as we believe."""
    with serving() as sandbox:
        yield sandbox


def told(sandbox: SandboxServer, folder: Path, *names: str) -> list[Outcome]:
    """The stories of these names (all, where none is named), held against this sandbox."""
    plan = plans.make(names, NOW)
    book = Ledger(folder / "ledger.jsonl", "acct_1")
    with Client(KEY, sandbox.stripe_base, Pace(100_000)) as stripe:
        outcomes = list(tell(set_stage(stripe, book, plan, "run", lambda _: None), plan))
        book.clean(stripe)
    assert [outcome.failed for outcome in outcomes] == [None] * len(outcomes)
    return outcomes


def command(sandbox: SandboxServer, folder: Path, *arguments: str, key: str = KEY) -> Result:
    """The program as a user runs it."""
    return CliRunner().invoke(main, arguments, env=environment(sandbox, folder, key))


def environment(sandbox: SandboxServer, folder: Path, key: str = KEY) -> dict[str, str]:
    """What the program reads of its surroundings."""
    return {"STRIPE_API_KEY": key, "STRIPE_API_BASE": sandbox.stripe_base, "GHL_TRIAGE_HOME": str(folder / "home")}


def left(stripe: SandboxServer) -> list[str]:
    """What of a run is still there: test clocks, prices and products that can be sold."""
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=stripe.stripe_base, headers=headers, trust_env=False) as http:
        clocks = http.get(CLOCKS).json()["data"]
        products = http.get("/v1/products", params={"limit": 100}).json()["data"]
        ours = {product["id"]: product["active"] for product in products if product["name"] == plans.PRODUCT}
        prices = http.get("/v1/prices", params={"active": "true", "limit": 100}).json()["data"]
        sold = [price["id"] for price in prices if price["product"] in ours]
        return [clock["id"] for clock in clocks] + sold + [product for product, active in ours.items() if active]


def bearing(outcomes: list[Outcome]) -> dict[str, set[tuple[str, ...]]]:
    """By story: the beliefs that its differences bear on."""
    return {
        outcome.story: {finding.beliefs for finding in outcome.findings} for outcome in outcomes if outcome.findings
    }


def test_nothing_differs_where_stripe_does_as_we_believe(tmp_path: Path) -> None:
    with serving() as sandbox:
        outcomes = told(sandbox, tmp_path, *FEW[:2], *FEW[-2:])
    assert bearing(outcomes) == {}
    assert all(outcome.new_fields == {} for outcome in outcomes)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("switch", sorted(set(SWITCHES) - UNSETTLED))
def test_a_belief_that_is_otherwise_is_found_and_named(switch: str, tmp_path: Path) -> None:
    belief = next(each for each in SETTLED if each.name == switch)
    names = [name for name in FEW if name in belief.stories][:1]
    with serving(f"{switch}={OTHERWISE[switch]}") as sandbox:
        found = bearing(told(sandbox, tmp_path, *names))
    assert set(found) == set(names) != set()
    assert all(switch in beliefs for differences in found.values() for beliefs in differences)


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting", ["", "three_d_secure=requires_action", "detaching_clears_defaults=false", "retry_without_method=true"]
)
def test_of_all_stories_those_differ_that_the_belief_names(setting: str, tmp_path: Path) -> None:
    switch = setting.partition("=")[0]
    stories = {name for belief in SETTLED if belief.name == switch for name in belief.stories}
    with serving(*filter(None, [setting])) as sandbox:
        found = bearing(told(sandbox, tmp_path))
    assert stories >= set(found)
    assert bool(found) is bool(setting)
    assert all(switch in beliefs for differences in found.values() for beliefs in differences)


@pytest.fixture(scope="module")
def whole() -> plans.Plan:
    """All stories."""
    return plans.make((), NOW)


def test_every_story_that_a_belief_names_can_be_told_and_is_documented(whole: plans.Plan) -> None:
    names = {played.tale.name for played in whole.played}
    assert len(names) == len(whole.played) > 60
    for belief in SETTLED:
        assert names >= set(belief.stories), belief.name
        told_by = ", ".join(f"`{name}`" for name in belief.stories)
        assert f"| `{belief.name}` | {belief.says} | {told_by} |" in DOCUMENT
    assert {belief.name for belief in SETTLED} >= set(SWITCHES) - UNSETTLED
    assert all(f"`{name}`" in DOCUMENT.partition("It can't settle the rest")[2] for name in UNSETTLED)


def test_what_test_mode_cannot_play_is_left_out_with_its_reason(whole: plans.Plan) -> None:
    skipped = dict(whole.skipped)
    assert skipped["converted (highlevel)"].startswith("requests of another platform")
    assert skipped["converted (checkout)"].startswith("a Checkout page")
    assert skipped["bank_asks_all_the_same"].startswith("a bank's challenge")
    assert skipped["no_money"] == "a card that is refused later with insufficient_funds"
    assert "--after-retries cancel" in skipped["canceled_after_retries"]
    assert "converted" not in skipped


@pytest.mark.parametrize(
    "key", ["sk_live_51secret", "rk_live_51secret", "pk_test_51secret", "", "sk_test_", "51secret"]
)
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


def test_what_a_kill_leaves_is_removed_later(stripe: SandboxServer, tmp_path: Path) -> None:
    stripe.faults({"match": "POST /v1/subscriptions", "kind": "timeout-after", "times": None})
    arguments = [sys.executable, "-m", "ghl_triage.sandbox.verify", "--yes", "--story", "no_card_ever", "--rate", "20"]
    run = subprocess.Popen(arguments, env={**os.environ, **environment(stripe, tmp_path)}, stderr=subprocess.DEVNULL)
    while not any(request["path"] == "/v1/subscriptions" for request in stripe.requests()):
        assert run.poll() is None
    run.kill()
    run.wait()
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


def side(**fields: Any) -> Side:
    """One side that holds a single subscription."""
    left: dict[str, list[Obj]] = {kind: [] for kind in (*FIELDS, "event")}
    left["subscription"] = [{"id": "sub_1", "object": "subscription", "status": "active", **fields}]
    return Side(left, {"sub_1": "subscription 1"})


def test_times_may_lie_two_hours_apart_and_a_new_field_is_told_for_information() -> None:
    assert differences(side(trial_end=NOW), side(trial_end=NOW + 7_200)) == []
    (found,) = differences(side(trial_end=NOW), side(trial_end=NOW + 7_201))
    assert (found.name, found.place) == ("subscription 1", "subscription.trial_end")
    newer = side(moon_phase="full")
    assert differences(side(), newer) == []
    assert new_fields(side(), newer) == {"subscription": {"moon_phase"}}
