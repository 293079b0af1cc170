"""What only the consultant can decide, on the screen and against a sandbox: nothing of it is ever decided for him."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from ghl_triage.actions.catalogue import ACTIONS
from ghl_triage.clock import FixedClock
from ghl_triage.config import Settings, remember_database
from ghl_triage.model import Caps
from ghl_triage.sandbox.engine.api import CardSpec, Decline
from ghl_triage.store import filters
from ghl_triage.tui.app import Parts, TriageApp
from ghl_triage.tui.screens.choice import ChoiceScreen
from ghl_triage.tui.screens.plan import PlanScreen
from ghl_triage.tui.viewmodels.plan import Phase
from ghl_triage.tui.wiring import Actions, Database
from tests.actions.loading import load
from tests.actions.town import DAY, Town
from tests.sandbox_server import NOW, SandboxServer
from tests.tui import world
from tests.tui.driving import ready, screen_text, settled, the_plan, until

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def in_town(town: Town, folder: Path) -> AsyncIterator[tuple[Pilot[None], SandboxServer]]:
    """The app over a town that was loaded, with time standing still at NOW."""
    with town.now().served() as server:
        clock = FixedClock(NOW)
        settings = Settings(
            "rk_test_sandbox", server.stripe_base, False, folder, folder, rate=0, caps=Caps(payments_per_second=0)
        )
        path = remember_database(settings, "acct_town")
        await load(settings, path, clock)
        database = Database(settings, clock)
        actions = Actions(settings, clock, database)
        parts = Parts(settings, clock, world.readers(path), filters, actions, ACTIONS, database, database)
        async with TriageApp(parts).run_test(size=(120, 36)) as pilot:
            yield pilot, server


async def planned(pilot: Pilot[None], name: str, key: str) -> PlanScreen:
    """The checked plan of the one case of this name."""
    main = await ready(pilot)
    main.box.put(f"{name} stage:*")
    await settled(pilot)
    main.table.focus()
    await pilot.press(key)
    return await the_plan(pilot)


def unproven(town: Town, customer: str, last4: str) -> str:
    """A card that is attached and nothing more."""
    token = town.engine.issue_card(CardSpec(last4=last4))
    card = str(town.engine.create_payment_method({"type": "card", "card": {"token": token}})["id"])
    town.engine.attach_payment_method(card, {"customer": customer})
    return card


async def test_of_several_cards_the_chosen_one_becomes_the_default(tmp_path: Path) -> None:
    town = Town()
    customer, _ = town.customer("amy", card=None)
    cards = {last4: unproven(town, customer, last4) for last4 in ("5555", "6666")}
    town.trial(customer)
    async with in_town(town, tmp_path) as (pilot, _):
        screen = await planned(pilot, "amy", "D")
        text = screen_text(pilot.app)
        assert "Left out: 1 case" in text
        assert "m   choose the card" in text
        assert "Nothing to do as it stands.  m may help" in text
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen) and pilot.app.focused is not None)
        await pilot.pause()
        text = screen_text(pilot.app)
        assert "5555 (exp " in text
        assert "6666 (exp " in text
        assert text.count("no off-session proof") == 2
        await pilot.press("g", *(["j"] if text.index("6666") < text.index("5555") else []), "enter")
        await until(pilot, lambda: pilot.app.screen is screen)
        await until(pilot, lambda: bool(screen.state.to_do), "the plan with the card")
        await the_plan(pilot)
        assert pilot.app.focused is screen.query_one("#cancel", Button)
        text = screen_text(pilot.app)
        assert "5555 (exp " in text
        assert f"[default_payment_method]={cards['5555']}" in text
        assert town.engine.get("customer", customer)["invoice_settings"]["default_payment_method"] is None
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE, "the result")
        default = town.engine.get("customer", customer)["invoice_settings"]["default_payment_method"]
        assert default == cards["5555"]


async def test_a_retry_takes_another_card_and_what_was_paid_elsewhere_is_looked_at_first(tmp_path: Path) -> None:
    town = Town()
    customer, refused = town.customer("bob", default=True)
    assert refused is not None
    town.engine.set_bank(refused, CardSpec(charge=Decline(decline_code="insufficient_funds")))
    town.trial(customer)
    town.now(NOW - 10 * DAY)
    good = town.card(customer, town.engine.issue_card(CardSpec(last4="5555")))
    town.engine.create_payment_intent(
        {"amount": 9_700, "currency": "usd", "customer": customer, "payment_method": good, "confirm": True}
    )
    async with in_town(town, tmp_path) as (pilot, server):
        before = len(server.ledger())
        screen = await planned(pilot, "bob", "R")
        text = screen_text(pilot.app)
        assert "was paid elsewhere" in text
        assert "e   paid elsewhere was looked at" in text
        await pilot.press("e")
        await until(pilot, lambda: bool(screen.state.to_do), "the plan without that reason")
        await the_plan(pilot)
        assert "hold the case back again" in screen_text(pilot.app)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen) and pilot.app.focused is not None)
        await pilot.pause()
        assert "set up off-session" in screen_text(pilot.app)
        await pilot.press("g", "enter")
        await until(pilot, lambda: f"payment_method={good}" in screen_text(pilot.app), "the plan with the card")
        await the_plan(pilot)
        assert len(server.ledger()) == before
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE, "the result")
        assert len(server.ledger()) == before + 1
        assert server.double_paid() == []


async def test_a_key_that_no_choice_would_help_says_why_and_opens_nothing(tmp_path: Path) -> None:
    town = Town()
    town.trial(town.customer("cem", card=None)[0])
    async with in_town(town, tmp_path) as (pilot, _):
        main = await ready(pilot)
        await pilot.press("R")
        await until(pilot, lambda: bool(pilot.app._notifications), "the toast")
        await settled(pilot)
        assert pilot.app.screen is main
        (toast,) = pilot.app._notifications
        assert "R retry not now: no effective payment method" in toast.message
