"""Any story: plans that wait, faults, deaths, a second ghl-triage, customers and banks that act, and time that passes.

Whatever happens, no invoice is paid twice, nothing is tried again within a day, and once all is quiet and `resume` has
run, every entry is final and says what Stripe knows of its key.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ghl_triage.actions.plan import Plan
from ghl_triage.actions.settle import IN_FLIGHT
from ghl_triage.errors import UsageError
from ghl_triage.model import ActionKind
from ghl_triage.sandbox.engine.api import StripeError
from ghl_triage.store.journal import OPEN_STATES, EntryState, Journal, JournalEntry
from tests.actions.doomed import DEATHS, Doomed, Told, session_of
from tests.actions.scenes import Resident
from tests.actions.trial import FAULTS, LASTING, staged
from tests.sandbox_server import NOW

STORIES = int(os.environ.get("GHL_TRIAGE_STORIES", "0"))
"""So many stories where somebody asks for them; else a few, always the same."""
HOUR = 3_600
WANTED = {
    "retry": 2,
    "retry_declined": 1,
    "default_customer": 2,
    "default_both": 1,
    "resume_subscription": 1,
    "cancel_duplicate": 1,
    "link_setup": 1,
    "link_checkout": 1,
    "finish": 1,
}
KINDS = tuple(kind for kind in ActionKind if kind not in ("link_highlevel", "extend_trial"))
kinds = st.sampled_from(KINDS)
who = st.lists(st.integers(0, sum(WANTED.values()) - 1), min_size=1, max_size=3, unique=True)
one = st.integers(0, sum(WANTED.values()) - 1)
faults = st.sampled_from(("", *(kind for kind in FAULTS if kind != "refused")))
times = st.sampled_from((1, LASTING))


class Story(RuleBasedStateMachine):
    """A workspace, its customers, and whatever may come."""

    @initialize()
    def begins(self) -> None:
        """A town of its own for each story."""
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.stage = self.open.enter_context(staged(folder, WANTED))
        self.residents: list[Resident] = [one for some in self.stage.peopled.residents.values() for one in some]
        self.now = NOW
        self.plans: list[Plan] = []

    def teardown(self) -> None:
        try:
            self.ends_well()
        finally:
            self.open.close()

    # What the consultant does

    @rule(kind=kinds, some=who)
    def opens_a_plan(self, kind: ActionKind, some: list[int]) -> None:
        session = session_of(self.stage.order("", self.now))

        async def drawn() -> Plan:
            return [plan async for plan in session.open_plan(kind, self.cases(some))][-1]

        self.plans = [asyncio.run(drawn()), *self.plans][:3]

    @rule(which=st.integers(0, 2), fault=faults, often=times)
    def says_yes(self, which: int, fault: str, often: int) -> None:
        if which >= len(self.plans):
            return
        plan, session = self.plans[which], session_of(self.stage.order("", self.now))
        self.strike(fault, often)

        async def results() -> set[str]:
            return {result.step.case async for result in session.run(plan, "story")}

        with suppress(UsageError):
            assert asyncio.run(results()) == {step.case for step in plan.steps}
        self.stage.server.clear_faults()

    @rule(kind=kinds, some=who, fault=faults, often=times, end=st.sampled_from(DEATHS))
    def is_killed(self, kind: ActionKind, some: list[int], fault: str, often: int, end: str) -> None:
        self.strike(fault, often)
        self.watch(Doomed(self.stage.order(kind, self.now, cases=self.cases(some), dies=end)))
        self.stage.server.clear_faults()

    @rule(kind=kinds, other=kinds, some=who)
    def two_at_once(self, kind: ActionKind, other: ActionKind, some: list[int]) -> None:
        orders = [self.stage.order(each, self.now, cases=self.cases(some)) for each in (kind, other)]
        for doomed in [Doomed(order) for order in orders]:
            told = self.watch(doomed)
            assert {case for case, _, _ in told} == set(self.cases(some)), told

    @rule(fault=faults, end=st.sampled_from(("", "", *DEATHS)))
    def resumes(self, fault: str, end: str) -> None:
        self.strike(fault, 1)
        self.watch(Doomed(self.stage.order("resume", self.now, dies=end)))
        self.stage.server.clear_faults()

    # What others do

    @rule(which=one)
    def customer_pays(self, which: int) -> None:
        invoice = self.stage.object("subscription", self.residents[which].subscription)["latest_invoice"]
        self.play("pay_hosted_invoice", invoice=invoice)

    @rule(which=one)
    def customer_sets_another_default(self, which: int) -> None:
        if not self.stage.object("customer", self.residents[which].customer).get("deleted"):
            self.stage.peopled.town.card(self.residents[which].customer, default=True)

    @rule(which=one)
    def customer_takes_his_card_away(self, which: int) -> None:
        customer = self.stage.object("customer", self.residents[which].customer)
        if card := customer["invoice_settings"]["default_payment_method"]:
            self.play("detach_payment_method", payment_method=card)

    @rule(which=one)
    def somebody_cancels(self, which: int) -> None:
        self.play("cancel_subscription", subscription=self.residents[which].subscription)

    @rule(which=one, refuses=st.booleans())
    def bank_changes_its_mind(self, which: int, refuses: bool) -> None:
        customer = self.stage.object("customer", self.residents[which].customer)
        if card := customer["invoice_settings"]["default_payment_method"]:
            self.play("set_bank", card=card, **({"charge": {}} if refuses else {}))

    @rule()
    def customers_complete_their_set_ups(self) -> None:
        for waiting in session_of(self.stage.order("", self.now)).finishes():
            self.play("complete_setup_checkout", session=waiting.session)

    @rule(hours=st.sampled_from((0.1, 1, 25)))
    def time_passes(self, hours: float) -> None:
        self.now = self.stage.server.advance(int(hours * HOUR))

    # What must hold

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        if hasattr(self, "stage"):
            assert self.stage.server.double_paid() == []

    def ends_well(self) -> None:
        if not hasattr(self, "stage"):
            return
        for _ in range(2):
            self.watch(Doomed(self.stage.order("resume", self.now)))
            self.now += IN_FLIGHT + 60
        entries, keys = self.stage.entries(), self.stage.server.keys()
        assert [entry for entry in entries if entry.state in OPEN_STATES] == []
        assert keys.keys() <= {entry.idempotency_key for entry in entries}
        for entry in entries:
            assert self.is_true(entry, keys), (entry, keys.get(entry.idempotency_key))
        self.none_is_tried_again_within_a_day(entries, keys)
        with Journal(self.stage.database) as journal:
            assert journal.verify().whole

    def is_true(self, entry: JournalEntry, keys: dict[str, int | None]) -> bool:
        """Whether the entry says what its key did, as far as anybody can know it."""
        status = keys.get(entry.idempotency_key)
        if entry.method == "DELETE":
            canceled = self.stage.object("subscription", entry.case)["status"] == "canceled"
            return canceled or entry.state is not EntryState.DONE
        if entry.state is EntryState.DONE:
            return status == 200
        if entry.state is EntryState.DECLINED:
            return status == 402
        page = entry.path.endswith("/sessions")
        return status not in (200, 402) or page

    def none_is_tried_again_within_a_day(self, entries: list[JournalEntry], keys: dict[str, int | None]) -> None:
        tried: dict[str, list[int]] = {}
        for entry in entries:
            if entry.path.endswith("/pay") and keys.get(entry.idempotency_key) in (200, 402):
                tried.setdefault(entry.path, []).append(entry.sent_at or 0)
        for moments in tried.values():
            assert all(later - before >= 24 * HOUR for before, later in pairwise(sorted(moments))), tried

    # The means

    def cases(self, some: list[int]) -> tuple[str, ...]:
        return tuple(self.residents[number].subscription for number in some)

    def strike(self, fault: str, often: int) -> None:
        if fault:
            self.stage.server.faults({"match": "(POST|DELETE) ", "kind": fault, "times": often})

    def watch(self, doomed: Doomed) -> list[Told]:
        told, _ = doomed.told()
        assert not [why for _, outcome, why in told if outcome == "fault"], told
        return told

    def play(self, act: str, **order: Any) -> None:
        """What the town refuses did not happen."""
        with suppress(RuntimeError, StripeError):
            self.stage.server.play(act, **order)


TestStory = pytest.mark.slow(Story.TestCase)
TestStory.settings = settings(
    max_examples=STORIES or 8,
    stateful_step_count=10,
    deadline=None,
    derandomize=not STORIES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
