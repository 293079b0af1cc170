"""One comparison: every story of the plan is told at Stripe, read back, compared, and cleaned up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ghl_triage.sandbox.verify import naming, reading
from ghl_triage.sandbox.verify.beliefs import ANSWER, bearing_on
from ghl_triage.sandbox.verify.client import HOPELESS, Client, Refused, Unreachable
from ghl_triage.sandbox.verify.compare import Difference, Side, differences, new_fields
from ghl_triage.sandbox.verify.ledger import Ledger
from ghl_triage.sandbox.verify.plan import PRODUCT, Plan, Played
from ghl_triage.sandbox.verify.replay import Replay, open_clock

_LATE_EVENTS = (1.0, 4.0, 15.0)
"""Seconds to wait before looking again for events that are not there yet: Stripe writes some late."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference, and the beliefs that it bears on."""

    difference: Difference
    beliefs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one story: what differed; or `failed`, why it could not be told to its end."""

    story: str
    findings: tuple[Finding, ...] = ()
    new_fields: Mapping[str, Iterable[str]] = field(default_factory=dict)
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What all stories of a run share. `ids` maps the sandbox's prices to Stripe's."""

    stripe: Client
    ledger: Ledger
    run: str
    ids: Mapping[str, str]
    sleep: Callable[[float], None] = time.sleep
    since: int = 0


def account_of(stripe: Client) -> str:
    """The account of the key; for a key that may not read it a name of its own, so that two such keys share nothing.

    Asks for the balance first: that says whether this is test mode, before anything is made. So does a product, for a
    key that may not read the balance.
    """
    if _allowed(stripe, "/v1/balance") is None:
        stripe.get("/v1/products", {"limit": 1})
    account = _allowed(stripe, "/v1/account")
    return f"unnamed-{stripe.owner}" if account is None else str(account["id"])


def _allowed(stripe: Client, path: str) -> dict[str, Any] | None:
    """What stands there; None where the key may not read it."""
    try:
        return stripe.get(path)
    except Refused as refusal:
        if refusal.status == 401:
            raise
        return None


def set_stage(
    stripe: Client, ledger: Ledger, plan: Plan, run: str, sleep: Callable[[float], None] = time.sleep
) -> Stage:
    """Makes the product and the prices that are sold."""
    product = str(ledger.make(stripe, "/v1/products", {"name": PRODUCT}, f"{run}-product")["id"])
    ids = {plan.shop.product: product}
    sold = {price for each in plan.played for price in each.prices()}
    for price in sorted(sold, key=lambda price_id: str(plan.shop.engine.get("price", price_id)["currency"])):
        ours = plan.shop.engine.get("price", price)
        params = {"product": product, "currency": ours["currency"], "unit_amount": ours["unit_amount"]}
        interval = {"recurring": {"interval": ours["recurring"]["interval"]}}
        ids[price] = str(ledger.make(stripe, "/v1/prices", {**params, **interval}, f"{run}-{len(ids)}")["id"])
    return Stage(stripe, ledger, run, ids, sleep, plan.shop.start - 60)


def tell(stage: Stage, plan: Plan) -> Iterator[Outcome]:
    """Story by story, each on a clock of its own that is deleted after it. A clock that does not go stays in the ledger
    for the end of the run.
    """
    for played in plan.played:
        clock = open_clock(stage.stripe, stage.ledger, f"{stage.run}-{played.tale.name}", plan.shop.start)
        yield _one(stage, played, clock, plan.shop.start)
        with suppress(Refused, Unreachable):
            stage.ledger.remove(stage.stripe, stage.ledger.of(clock))


def _one(stage: Stage, played: Played, clock: str, start: int) -> Outcome:
    story = played.tale.name
    replay = Replay(stage.stripe, f"{stage.run}-{story}", played.transcript, dict(stage.ids), clock, start, stage.sleep)
    try:
        told = replay.play()
        answers = [_answered(story, each.request, each.sandbox, each.stripe) for each in replay.answers]
        if not told:
            return Outcome(story, tuple(answers))
        return _compared(stage, played, replay, answers)
    except (Refused, Unreachable) as trouble:
        if isinstance(trouble, Refused) and trouble.status in HOPELESS:
            raise
        return Outcome(story, failed=str(trouble))


def _answered(story: str, request: str, sandbox: Any, stripe: Any) -> Finding:
    return Finding(Difference(ANSWER, request, "", sandbox, stripe), bearing_on(story, ANSWER))


def _compared(stage: Stage, played: Played, replay: Replay, answers: list[Finding]) -> Outcome:
    story, named, ids = played.tale.name, played.transcript.named, replay.ids
    cards = [card for card in named if card.startswith("pm_")]
    customers = [ids[customer] for customer in played.transcript.customers]
    ours = reading.left(reading.OfEngine(played.engine), played.transcript.customers, cards)
    source = reading.OfStripe(stage.stripe, stage.since)
    theirs = reading.left(source, customers, [ids[card] for card in cards if card in ids])
    sandbox = Side(ours, naming.names(ours, named))
    stripe = Side(theirs, naming.names(theirs, named, ids))
    found = differences(sandbox, stripe)
    for seconds in _LATE_EVENTS:
        if all(each.kind != "event" for each in found):
            break
        stage.sleep(seconds)
        stripe = Side({**theirs, "event": reading.events(source, customers)}, stripe.names)
        found = differences(sandbox, stripe)
    told = [Finding(each, bearing_on(story, each.place)) for each in found]
    return Outcome(story, (*answers, *told), new_fields(sandbox, stripe))
