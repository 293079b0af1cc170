"""A plan before its yes: drawn from the store, checked at Stripe, and what the consultant decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on

from ghl_triage.actions.plan import Choices
from ghl_triage.tui.keys import PLAN, Group
from ghl_triage.tui.messages import PlanDrawn, PlanFailed
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.viewmodels.plan import Phase, PlanState, card_entries
from ghl_triage.tui.views import ActionView, CutOffView


class DrawingScreen(TriageScreen):
    """What a yes would mean, drawn anew with each decision."""

    GROUPS: ClassVar[tuple[Group, ...]] = (PLAN,)

    def __init__(
        self,
        action: ActionView,
        shown: Sequence[str],
        hidden: Sequence[str] = (),
        *,
        gone: int = 0,
        rest: CutOffView | None = None,
    ) -> None:
        """`gone` rows were selected and are no more; `rest` is the cut-off plan that this one goes on with."""
        super().__init__()
        self._action = action
        self._shown, self._hidden = list(shown), list(hidden)
        self._rest = rest
        self._choices = Choices()
        self._work: Future[None] | None = None
        self._drawing = 0
        self.state = PlanState(action, livemode=False, asked=len(self._shown), hidden=len(self._hidden), gone=gone)

    def show(self) -> None:
        """Paint the state as it is now."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self._choices = Choices(return_url=self.home.settings.return_url)
        self.state = replace(self.state, livemode=self.home.livemode, keymap=self.home.settings.keymap)
        self._draw()

    def on_unmount(self) -> None:
        if self._work is not None and self.state.phase is Phase.CHECKING:
            self._work.cancel()

    def _draw(self) -> None:
        if self._work is not None:
            self._work.cancel()
        self.state = replace(
            self.state, asked=len(self._shown), hidden=len(self._hidden), phase=Phase.CHECKING, plan=None
        )
        self._drawing += 1
        check = self._check(tuple(self._shown), self._choices, self._drawing)
        self._work = self.backstage(check, partial(PlanFailed, self._drawing))
        self.show()

    async def _check(self, subscriptions: Sequence[str], choices: Choices, drawing: int) -> None:
        actions = self.home.actions
        if self._rest is None:
            plans = actions.open_plan(self._action.kind, subscriptions, choices)
        else:
            plans = actions.open_rest(self._rest, choices if drawing > 1 else None)
        async for plan in plans:
            self.post_message(PlanDrawn(plan, drawing))

    @on(PlanDrawn)
    def _drawn(self, event: PlanDrawn) -> None:
        # What was drawn before another choice was made is not what a yes would mean now.
        if event.drawing != self._drawing or self.state.phase not in (Phase.CHECKING, Phase.READY):
            return
        phase = Phase.READY if event.plan.checked else Phase.CHECKING
        asked = self.home.actions.confirmation(event.plan)
        self.state = replace(
            self.state, plan=event.plan, livemode=event.plan.livemode, phase=phase, confirmation=asked, armed=False
        )
        self.show()
        self.refresh_bindings()

    @on(PlanFailed)
    def _not_drawn(self, event: PlanFailed) -> None:
        if event.drawing == self._drawing:
            self.state = replace(self.state, phase=Phase.FAILED, fault=event.reason)
            self.show()

    # Deciding

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's own
        offers = self.state.offers
        applies = {
            "card": bool(offers and offers.cards),
            "reviving": bool(offers and offers.reviving),
            "elsewhere": bool(offers and offers.paid_elsewhere),
        }
        return applies.get(action, True)

    def action_card(self) -> None:
        from ghl_triage.tui.screens.choice import ChoiceScreen

        if self.state.offers and self.state.offers.cards:
            entries = card_entries(self.state.offers)
            self.app.push_screen(ChoiceScreen("Choose the card", entries), self._card_chosen)

    def _card_chosen(self, card: str | None) -> None:
        # The plan went on meanwhile: the choice may have been taken from it.
        offers = self.state.offers
        if card is not None and offers and card != offers.card and any(one.id == card for one in offers.cards):
            self._decide(replace(self._choices, payment_method=card))

    def action_reviving(self) -> None:
        if self.state.offers and self.state.offers.reviving:
            self._decide(replace(self._choices, also_reviving=not self._choices.also_reviving))

    def action_elsewhere(self) -> None:
        if self.state.offers and self.state.offers.paid_elsewhere:
            self._decide(replace(self._choices, waived=self._choices.waived ^ frozenset(self._shown)))

    def _decide(self, choices: Choices) -> None:
        """Have the plan drawn and checked anew; a yes is asked for again."""
        self._choices = choices
        self._draw()

    def action_hidden(self) -> None:
        if self._hidden and self.state.phase in (Phase.CHECKING, Phase.READY):
            # What was decided for one case holds for that one alone.
            self._choices = Choices(return_url=self._choices.return_url)
            self._shown, self._hidden = self._shown + self._hidden, []
            self._draw()
