"""What the tests of `make verify-stripe` share: a sandbox in the place of Stripe, and the program run against it."""

from __future__ import annotations

from pathlib import Path

import httpx
from click.testing import CliRunner, Result

from ghl_triage.sandbox.engine.beliefs import read
from ghl_triage.sandbox.server import SandboxOptions
from ghl_triage.sandbox.verify import plan as plans
from ghl_triage.sandbox.verify.__main__ import main
from ghl_triage.sandbox.verify.client import Client, Pace
from ghl_triage.sandbox.verify.ledger import CLOCKS, Ledger
from ghl_triage.sandbox.verify.run import Outcome, set_stage, tell
from tests.sandbox_server import NOW, SandboxServer

KEY = "sk_test_sandbox"


def serving(*settings: str) -> SandboxServer:
    """A sandbox that stands for Stripe, with these beliefs."""
    return SandboxServer(SandboxOptions(customers=12, now=NOW, rate_limit=False, beliefs=read(settings)))


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
