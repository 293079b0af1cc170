"""A small world of hand-made cases in a real store, the same for every test of the screens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any
from zoneinfo import ZoneInfo

import anyio

from ghl_triage.actions.bookkeeping import CutOff
from ghl_triage.actions.catalogue import ACTIONS
from ghl_triage.actions.confirm import Confirmation
from ghl_triage.actions.finish import Finished
from ghl_triage.actions.plan import Choices, Offers
from ghl_triage.actions.settle import Settled
from ghl_triage.clock import FixedClock
from ghl_triage.config import Settings
from ghl_triage.errors import StoreError, TriageError
from ghl_triage.model import (
    ActionKind,
    Actor,
    CardView,
    Case,
    Cause,
    Confidence,
    Coverage,
    CustomerView,
    Evidence,
    Finding,
    HighLevelView,
    Level,
    Likeness,
    LinkKind,
    OpenSubscription,
    Outcome,
    PartState,
    Path,
    PlannedRequest,
    PlanStep,
    Stage,
    StepResult,
    SyncPart,
    SyncProgress,
)
from ghl_triage.report.document import Document
from ghl_triage.store import filters
from ghl_triage.store.journal import EntryState, Finish, JournalEntry
from ghl_triage.store.reader import Reader
from ghl_triage.store.state import Account
from ghl_triage.store.writer import Writer
from ghl_triage.tui.app import Parts, TriageApp
from ghl_triage.tui.ports import LessonsPort, SyncPort

NOW = 1_763_712_000
"""2025-11-21 08:00 UTC."""
DAY = 86_400
HOSTILE = "[/] [bold]x\x1b[31m\x1b]0;owned\x07 \u202eevil"
"""A name that breaks whatever takes it for markup or for harmless."""

_PEOPLE = (
    ("kim@lake.test", "Kim Okafor", "no"),
    ("jane@acme.test", "Jane Roe", ""),
    ("bob@river.test", "Bob Rivers", ""),
    ("hostile@x.test", HOSTILE, ""),
    ("山田@例え.test", "山田 太郎", "jpy"),
    ("zoe+🎉@party.test", "Zoë 🎉 Müller", "eur"),
    ("a.very.long.address.that.never.seems.to.end@subdomain.of.some.company.test", "Long Name", ""),
    ("omar@souk.test", "عمر الخطيب", ""),
    ("ana@sol.test", "Ana María López", "eur"),
    ("lee@tower.test", "Lee Park", ""),
    ("max@forge.test", "Max Schmidt", "eur"),
    ("nia@grove.test", "Nia Adeyemi", ""),
)
_CAUSES = (
    (Cause.CARD_NOT_DEFAULT, "past_due", Actor.CONSULTANT, (ActionKind.FIX_DEFAULT, ActionKind.RETRY)),
    (Cause.NO_OFF_SESSION_SETUP, "past_due", Actor.CUSTOMER, (ActionKind.RESEND_LINK,)),
    (Cause.SOFT_DECLINE, "past_due", Actor.NOBODY, (ActionKind.RETRY,)),
    (Cause.CARD_EXPIRED, "unpaid", Actor.CUSTOMER, (ActionKind.RESEND_LINK,)),
    (Cause.ALREADY_FIXED, "past_due", Actor.CONSULTANT, (ActionKind.RETRY,)),
    (Cause.TRIAL_ENDED_WITHOUT_CARD, "paused", Actor.CUSTOMER, (ActionKind.RESEND_LINK,)),
    (Cause.DISPUTED, "past_due", Actor.CONSULTANT, ()),
    (Cause.FIRST_PAYMENT_INCOMPLETE, "incomplete", Actor.CUSTOMER, (ActionKind.RESEND_LINK,)),
)
_PATHS = (Path.API, Path.API, Path.CHECKOUT, Path.HIGHLEVEL, Path.API, Path.UNKNOWN)


def card(number: int) -> CardView:
    """A card on file, set up off-session, that is no default."""
    return CardView(
        id=f"pm_{number:06}",
        type="card",
        brand="visa",
        last4="4242",
        exp_month=8,
        exp_year=2028,
        funding="credit",
        country="US",
        fingerprint=f"fp{number}",
        created=NOW - 31 * DAY,
        off_session_proof=True,
    )


def case(number: int, **changes: Any) -> Case:
    """One failing case; every number gives another one, always the same."""
    email, name, currency = _PEOPLE[number % len(_PEOPLE)]
    if number >= len(_PEOPLE):
        email, name = f"{email.split('@')[0]}.{number}@{email.split('@')[1]}", f"{name} {number}"
    cause, status, actor, recommended = _CAUSES[number % len(_CAUSES)]
    blocked = {} if ActionKind.RETRY in recommended[:1] else {ActionKind.RETRY: "no usable payment method"}
    if cause is Cause.CARD_NOT_DEFAULT:
        blocked = {ActionKind.RETRY: "no effective payment method: make the card the default first (D)"}
    made = Case(
        subscription=f"sub_1SandboxTriage{number:06}",
        customer=f"cus_Triage{number:04}",
        email=email,
        name=name,
        path=_PATHS[number % len(_PATHS)],
        path_confidence=Confidence.STRONG,
        path_evidence="no Checkout Session, no application, not in HighLevel",
        status=status,
        stage=Stage.FAILING,
        cause=cause,
        findings=(Finding.NOT_IN_HIGHLEVEL,) if number % 3 == 0 else (),
        actor=actor,
        recommended=recommended,
        blocked=blocked,
        amount_at_risk=980_000 // 100 if currency == "jpy" else 9700 + 10_000 * (number % 3 == 0),
        currency=currency if len(currency) == 3 else "usd",
        invoice=f"in_1SandboxTriage{number:06}",
        attempts=number % 4,
        next_retry_at=NOW + DAY * (number % 5) if number % 3 == 1 else None,
        effective_payment_method=None,
        effective_level=None,
        candidate_payment_method=f"pm_{number:06}",
        decline_code="insufficient_funds" if cause is Cause.SOFT_DECLINE else None,
        advice_code=None,
        trial_end=NOW - DAY * (1 + number % 9),
        failed_at=NOW - DAY * (1 + number % 9) + 3600,
        created=NOW - 31 * DAY - number * 3600,
        livemode=False,
        link=LinkKind.HOSTED_INVOICE,
        price="price_course",
        evidence=(
            Evidence("cus_Triage", "invoice_settings.default_payment_method", "null", NOW - 31 * DAY),
            Evidence(f"pm_{number:06}", "attached", "true", NOW - 31 * DAY + 240),
        ),
        payment_methods=(card(number),),
        highlevel=HighLevelView(contact="c0ntact") if number % 2 == 0 else HighLevelView(),
    )
    return replace(made, **changes)


def with_duplicate(made: Case) -> Case:
    """The same case, its card on another customer of the same address whom HighLevel lists."""
    own = CustomerView(made.customer, made.email, made.name, made.created, metadata=("app_user",), cards_read=True)
    other = CustomerView(
        id="cus_TriageOld42",
        email=made.email.upper(),
        name=f"{made.name} (old)",
        created=made.created - 200 * DAY,
        alike=(Likeness.EMAIL, Likeness.CARD),
        application="HighLevel",
        metadata=("contactId", "locationId"),
        cards=(card(1), replace(card(2), brand="amex", last4="0005")),
        cards_read=True,
        default=card(1).id,
        subscriptions=(
            OpenSubscription("sub_1SandboxTriageOld", "active", "price_other", made.created, highlevel=True),
        ),
        highlevel=True,
    )
    mine = OpenSubscription(made.subscription, made.status, made.price, made.created)
    own = replace(own, subscriptions=(mine,))
    cause = Cause.CARD_ON_DUPLICATE_CUSTOMER
    return replace(made, cause=cause, payment_methods=(), duplicates=(other,), own_customer=own)


def at_risk(number: int) -> Case:
    """A trial whose first charge will fail."""
    return case(
        number,
        status="trialing",
        stage=Stage.AT_RISK,
        cause=Cause.NO_PAYMENT_METHOD,
        actor=Actor.CUSTOMER,
        recommended=(ActionKind.RESEND_LINK,),
        blocked={},
        trial_end=NOW + DAY * (1 + number % 12),
        failed_at=None,
        next_retry_at=None,
        attempts=0,
        invoice=None,
        candidate_payment_method=None,
        payment_methods=(),
        link=LinkKind.SETUP_CHECKOUT,
    )


def world() -> list[Case]:
    """Thirty failing cases, ten at risk, and a few that are lost, recovered, ended and healthy."""
    done: dict[str, Any] = {
        "cause": None,
        "actor": Actor.NOBODY,
        "recommended": (),
        "blocked": {},
        "next_retry_at": None,
        "link": None,
    }
    quiet = [
        case(60, status="canceled", stage=Stage.LOST, cause=Cause.CANCELED_FOR_NONPAYMENT, next_retry_at=None),
        case(61, status="active", stage=Stage.RECOVERED, **done),
        case(62, status="active", stage=Stage.RECOVERED, **done),
        case(63, status="canceled", stage=Stage.ENDED, **done),
        case(64, status="active", stage=Stage.HEALTHY, effective_level=Level.CUSTOMER, **done),
    ]
    pending = case(30, cause=None, pending="cards not read yet", recommended=(), actor=Actor.NOBODY)
    return [*(case(number) for number in range(30)), pending, *(at_risk(number) for number in range(40, 50)), *quiet]


def objects_of(made: Case) -> list[dict[str, Any]]:
    """The API objects behind a case, as far as its timeline needs them."""
    began = made.created
    customer = {"id": made.customer, "object": "customer", "created": began, "email": made.email, "name": made.name}
    customer |= {"invoice_settings": {"default_payment_method": None}, "livemode": False, "metadata": {}}
    method = {
        "id": made.candidate_payment_method or f"pm_{made.customer}",
        "object": "payment_method",
        "type": "card",
        "created": began + 240,
        "customer": made.customer,
        "card": {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2028, "fingerprint": "fp"},
    }
    subscription = {
        "id": made.subscription,
        "object": "subscription",
        "created": began + 300,
        "start_date": began + 300,
        "customer": made.customer,
        "status": made.status,
        "trial_start": began + 300,
        "trial_end": made.trial_end,
        "collection_method": "charge_automatically",
        "currency": made.currency,
        "default_payment_method": None,
        "latest_invoice": made.invoice,
        "items": {"object": "list", "data": [_item(made)]},
        "metadata": {},
    }
    invoice = {
        "id": made.invoice,
        "object": "invoice",
        "created": (made.failed_at or NOW) - 3600,
        "customer": made.customer,
        "status": "open",
        "currency": made.currency,
        "amount_due": made.amount_at_risk,
        "amount_remaining": made.amount_at_risk,
        "attempted": True,
        "attempt_count": 1,
        "billing_reason": "subscription_cycle",
        "status_transitions": {"finalized_at": made.failed_at},
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": made.subscription}},
    }
    return [customer, method, subscription, *([invoice] if made.invoice else [])]


def _item(made: Case) -> dict[str, Any]:
    price = {"id": "price_course", "object": "price", "unit_amount": 9700, "currency": made.currency}
    price["recurring"] = {"interval": "month", "interval_count": 1}
    return {"id": "si_1", "object": "subscription_item", "quantity": 1, "price": price}


def fill(path: FilePath, cases: Sequence[Case], *, status: SyncProgress | None = None, livemode: bool = False) -> None:
    """Write a store with these cases and the objects of the first few."""
    with Writer(path) as writer:
        writer.set_account(Account("acct_1Course", "Course Creator 360", livemode))
        since = NOW - 90 * DAY
        writer.save_coverage(Coverage(since, since, since, highlevel_subscriptions_read=True))
        writer.write_objects([obj for one in cases[:12] for obj in objects_of(one)], fetched_at=NOW)
        writer.save_cases(cases)
        if status is not None:
            writer.save_sync_status(status)


def synced(seconds_ago: int = 12) -> SyncProgress:
    """A sync that came through."""
    parts = tuple(SyncPart(name, PartState.DONE, 40) for name in ("subscriptions", "invoices", "charges"))
    return SyncProgress("tick", parts, 40, 1200, 46, NOW - seconds_ago, finished=True)


@dataclass(slots=True)
class QuietSync:
    """A sync that tells what it is given, and then stays silent."""

    told: Sequence[SyncProgress] = ()
    asked: int = 0
    stopped: bool = False

    async def __aiter__(self) -> AsyncIterator[SyncProgress]:
        for progress in self.told:
            yield progress
        await anyio.sleep_forever()

    async def sync_now(self) -> None:
        self.asked += 1

    async def stop(self) -> None:
        self.stopped = True


@dataclass(frozen=True, slots=True)
class SmallPlan:
    """A plan with just what the screen shows."""

    id: str
    action: ActionKind
    steps: tuple[PlanStep, ...]
    livemode: bool = False
    offers: Offers = field(default_factory=Offers)
    gone: tuple[PlanStep, ...] = ()

    @property
    def checked(self) -> bool:
        return all(step.checked for step in self.steps)

    @property
    def totals(self) -> dict[str, int]:
        sums: dict[str, int] = {}
        for step in self.steps:
            if step.skipped is None and step.amount:
                sums[step.currency] = sums.get(step.currency, 0) + step.amount
        return sums


@dataclass(slots=True)
class ScriptedActions:
    """Plans and results by a simple rule: a disputed case is skipped, the second one is declined, the others go well.

    `never_checked` leaves a plan unchecked; `hold_after` holds the run before that step until it is canceled.
    """

    cases: dict[str, Case]
    livemode: bool = False
    never_checked: bool = False
    hold_after: int | None = None
    opened: list[tuple[ActionKind, tuple[str, ...]]] = field(default_factory=list)
    chosen: list[Choices] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    by: str = ""
    canceled: bool = False
    paused: bool = False
    finished: list[Finished] = field(default_factory=list)
    settles: list[Settled] = field(default_factory=list)
    continued: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    offered: Offers = field(default_factory=Offers)

    def offers(self, kind: ActionKind, subscription: str) -> Offers:
        assert self.cases[subscription].blocked.get(kind), "asked only where the action is refused"
        return self.offered

    async def open_plan(
        self, kind: ActionKind, subscriptions: Sequence[str], choices: Choices
    ) -> AsyncIterator[SmallPlan]:
        self.opened.append((kind, tuple(subscriptions)))
        self.chosen.append(choices)
        steps = tuple(self._step(kind, self.cases[one]) for one in subscriptions)
        offered = replace(self.offered, also_reviving=choices.also_reviving) if len(steps) == 1 else Offers()
        yield SmallPlan("plan_1", kind, steps, self.livemode, offered)
        if self.never_checked:
            await anyio.sleep_forever()
        yield SmallPlan("plan_1", kind, tuple(replace(step, checked=True) for step in steps), self.livemode, offered)

    def _step(self, kind: ActionKind, made: Case) -> PlanStep:
        step = PlanStep(made.subscription, made.email, made.name, kind)
        if made.cause is Cause.DISPUTED:
            return replace(step, skipped="a dispute is open: a retry would make it worse")
        requests = {
            ActionKind.RETRY: (f"/v1/invoices/{made.invoice}/pay", f"pay {made.invoice} with Visa 4242 (exp 08/28)"),
            ActionKind.FIX_DEFAULT: (
                f"/v1/customers/{made.customer}",
                "make Visa 4242 (exp 08/28) the customer's default",
            ),
        }
        path, summary = requests.get(kind, ("/v1/billing_portal/sessions", "make a link to the hosted invoice"))
        request = PlannedRequest("POST", path, {}, "key_1", summary)
        amount = made.amount_at_risk if kind is ActionKind.RETRY else 0
        return replace(step, requests=(request,), amount=amount, currency=made.currency)

    def confirmation(self, plan: SmallPlan) -> Confirmation:
        count = sum(step.skipped is None for step in plan.steps)
        if plan.livemode and count > 1:
            return Confirmation("typed", "", f"{plan.action.replace('_', '-')} {count}", loud=True)
        return Confirmation("yes", "", loud=plan.livemode)

    def cancel(self, plan: SmallPlan) -> None:  # noqa: ARG002 - the port's own
        self.canceled = True

    def pause(self, plan: SmallPlan, paused: bool) -> None:  # noqa: ARG002
        self.paused = paused

    async def settle(self) -> AsyncIterator[Settled]:
        for settled in self.settles:
            yield settled

    async def open_rest(self, old: CutOff, choices: Choices | None = None) -> AsyncIterator[SmallPlan]:
        self.continued.append(old.plan)
        async for plan in self.open_plan(old.action, old.rest, choices or Choices()):
            yield plan

    async def discard(self, old: CutOff) -> None:
        self.discarded.append(old.plan)

    async def run_finishes(self) -> AsyncIterator[Finished]:
        for finished in self.finished:
            yield finished

    async def run(self, plan: SmallPlan, by: str) -> AsyncIterator[StepResult]:
        self.by = by
        for number, step in enumerate(one for one in plan.steps if one.skipped is None):
            while (number == self.hold_after or self.paused) and not self.canceled:
                await anyio.sleep(0.001)
            if self.canceled:
                yield StepResult(step, Outcome.SKIPPED, error="canceled before it was sent")
                continue
            self.ran.append(step.case)
            yield self._result(number, step)

    def _result(self, number: int, step: PlanStep) -> StepResult:
        if step.action is ActionKind.RESEND_LINK:
            link = f"https://invoice.stripe.test/i/acct_1/{step.case}?s=ap"
            return StepResult(step, Outcome.DONE, f"req_{number}", link=link)
        if number == 1:
            return StepResult(step, Outcome.DECLINED, f"req_{number}", error="Your card has insufficient funds.")
        return StepResult(step, Outcome.DONE, f"req_{number}", detail="paid; the subscription is active")


def actions_for(cases: Sequence[Case], *, livemode: bool = False) -> ScriptedActions:
    """Plans over these cases."""
    return ScriptedActions({one.subscription: one for one in cases}, livemode=livemode)


@dataclass(slots=True)
class Pages:
    """A journal and the notes, kept in memory."""

    path: FilePath | None = None
    lines: list[JournalEntry] = field(default_factory=list)
    waiting: list[Finish] = field(default_factory=list)
    cut_off: list[CutOff] = field(default_factory=list)

    def hanging(self) -> list[CutOff]:
        return self.cut_off

    def finishes(self) -> list[Finish]:
        return self.waiting

    def entries(self, limit: int, *, case: str | None = None) -> list[JournalEntry]:
        return [entry for entry in self.lines if case in (None, entry.case)][:limit]

    def add_note(self, subscription: str, text: str) -> None:
        if self.path is None:
            raise StoreError("There is no store.")
        with Writer(self.path) as writer:
            writer.add_note(subscription, text, NOW)


@dataclass(slots=True)
class ScriptedReports:
    """Gives this document for every report, or fails with this sentence; `held` keeps it waiting."""

    document: Document
    fault: str = ""
    held: bool = False
    asked: list[tuple[str, ...]] = field(default_factory=list)
    dropped: int = 0

    async def reckon(self, arguments: Sequence[str]) -> Document:
        self.asked.append(tuple(arguments))
        if self.held:
            try:
                await anyio.sleep_forever()
            finally:
                self.dropped += 1
        if self.fault:
            raise TriageError(self.fault)
        return self.document


def journal_entry(made: Case) -> JournalEntry:
    """A retry of a case that was declined."""
    return JournalEntry(
        plan="plan_0",
        case=made.subscription,
        action="retry",
        method="POST",
        path=f"/v1/invoices/{made.invoice}/pay",
        params={},
        idempotency_key="key_0",
        shown="retry $197.00 with Visa 4242",
        by="tui",
        created=NOW - 2 * DAY,
        id=1,
        state=EntryState.DECLINED,
        request_id="req_0",
        error="Your card has expired.",
    )


def settings(folder: FilePath, **changes: Any) -> Settings:
    """Settings of a test account."""
    made = Settings("rk_test_sandbox", "http://127.0.0.1:9", False, folder, folder, timezone=ZoneInfo("UTC"))
    return replace(made, **changes)


def readers(path: FilePath) -> Callable[[], Reader | None]:
    """Opens readers of this store, once it is there."""

    def open_reader() -> Reader | None:
        try:
            return Reader(path)
        except StoreError:
            return None

    return open_reader


def app(
    path: FilePath,
    cases: Sequence[Case] = (),
    *,
    sync: SyncPort | None = None,
    actions: ScriptedActions | None = None,
    pages: Pages | None = None,
    lessons: LessonsPort | None = None,
    reports: ScriptedReports | None = None,
    log: Callable[[str], None] = lambda _text: None,
    **changes: Any,
) -> TriageApp:
    """The app over this store, with time standing still."""
    pages = pages or Pages(path)
    return TriageApp(
        Parts(
            settings=settings(path.parent, **changes),
            clock=FixedClock(NOW),
            readers=readers(path),
            filters=filters,
            actions=actions or ScriptedActions({one.subscription: one for one in cases}),
            catalogue=ACTIONS,
            notes=pages,
            journal=pages,
            sync=sync or QuietSync([synced()]),
            lessons=lessons,
            reports=reports,
            log=log,
        )
    )
