"""From cases to steps: exact requests, or the reason why a case is skipped. Pure: no clock, no disk, no network.

A step with a reason never has requests, and no case stands twice in a plan. What diagnosis refuses stays refused here;
the planner adds what one case alone cannot show: what else a change would reach, and what of ours is still under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from ghl_triage.actions.catalogue import action as action_of
from ghl_triage.actions.defaults import fix_default
from ghl_triage.actions.draft import Draft, Order, Skip
from ghl_triage.actions.duplicates import cancel_duplicate
from ghl_triage.actions.facts import Subject
from ghl_triage.actions.links import resend_link
from ghl_triage.actions.offers import PAID_ELSEWHERE, offers
from ghl_triage.actions.plan import Choices, Offers, Plan
from ghl_triage.actions.requests import RequestMaker
from ghl_triage.actions.retries import resume_subscription, retry
from ghl_triage.actions.undo import undo
from ghl_triage.diagnosis.card_tries import MONTH
from ghl_triage.diagnosis.refusals import until
from ghl_triage.model import ActionKind, Caps, Finding, LinkKind, PlanStep
from ghl_triage.rights import EVERY, Rights

_BUILDERS: Mapping[ActionKind, Callable[[Subject, Order, RequestMaker], Draft]] = {
    ActionKind.RETRY: retry,
    ActionKind.RESEND_LINK: resend_link,
    ActionKind.FIX_DEFAULT: fix_default,
    ActionKind.RESUME_SUBSCRIPTION: resume_subscription,
    ActionKind.CANCEL_DUPLICATE: cancel_duplicate,
    ActionKind.UNDO: undo,
}
_MAKERS = frozenset({"/v1/checkout/sessions", "/v1/billing_portal/sessions"})
"""Paths that make a new object each time: they may stand in a plan more than once."""
_WANTS_ALL = frozenset({ActionKind.RETRY, ActionKind.RESUME_SUBSCRIPTION, ActionKind.CANCEL_DUPLICATE})
"""What takes money, or can't be taken back: it rests on what else the customer paid and bought."""
_LEFT_ALONE = frozenset({ActionKind.RETRY, ActionKind.RESEND_LINK, ActionKind.RESUME_SUBSCRIPTION})


def plan(
    kind: ActionKind,
    subjects: Iterable[Subject],
    *,
    plan_id: str,
    now: int,
    caps: Caps | None = None,
    choices: Choices | None = None,
    checked: frozenset[str] = frozenset(),
    rights: Rights = EVERY,
) -> Plan:
    """The plan of an action over cases, in their order, each case once.

    `checked` are the cases whose objects were read again for this plan; `rights` are the key's. The same `plan_id` over
    the same state gives the same requests with the same keys.
    """
    unique = tuple({subject.case.subscription: subject for subject in subjects}.values())
    choices = choices or Choices()
    batch = len(unique) > 1 or choices.cautious
    order = Order(kind, now, caps or Caps(), choices, batch, plan_id)
    drafted = _each_once(step(subject, order) for subject in unique)
    capped = _within_card_cap(zip(drafted, unique, strict=True), order)
    allowed = (_allowed(each, rights) for each in capped)
    steps = tuple(replace(each, checked=each.case in checked) for each in allowed)
    livemode = any(subject.case.livemode for subject in unique)
    offered = offers(steps[0], unique[0], order) if len(steps) == 1 else Offers()
    return Plan(plan_id, kind, steps, unique, livemode, order.choices, offered, drawn_at=now)


def _each_once(steps: Iterable[PlanStep]) -> Iterator[PlanStep]:
    """The steps, but no object changed twice: of two cases that would write the same object the first one does."""
    taken: set[str] = set()
    for each in steps:
        paths = {request.path for request in each.requests if request.method != "GET"} - _MAKERS
        if paths & taken:
            yield _left(each, f"another case of this plan does {sorted(paths & taken)[0]} already")
        else:
            taken |= paths
            yield each


def _within_card_cap(drafted: Iterable[tuple[PlanStep, Subject]], order: Order) -> Iterator[PlanStep]:
    """The steps, but no card charged more often than rule 4 allows, what the plan itself would charge included.

    Diagnosis counts what was; here the earlier cases of the plan count too, as they come.
    """
    planned: Counter[str] = Counter()
    for each, subject in drafted:
        if not action_of(order.kind).moves_money or not each.requests:
            yield each
            continue
        card = _one_card(subject)
        tried = [*subject.facts.card_tried, *[order.now] * planned[card]]
        before, cap = len(tried), order.caps.attempts_per_card_30_days
        if before + len(each.requests) > cap:
            ends = until((tried[-cap] if 0 < cap <= before else order.now) + MONTH)
            count = f"{before} attempts with this card in 30 days, those of this plan included"
            yield _left(each, f"{count}, the limit is {cap}: wait {ends}")
        else:
            planned[card] += len(each.requests)
            yield each


def _one_card(subject: Subject) -> str:
    """What makes two cards one: the fingerprint; of test cards, which everybody has, each customer has his own."""
    views = subject.case.payment_methods
    known = next((view.fingerprint for view in views if view.id == subject.card), None) or subject.card or ""
    return known if subject.facts.card_shared else f"{subject.case.customer} {known}"


def _allowed(drafted: PlanStep, rights: Rights) -> PlanStep:
    reason = rights.missing(drafted.requests)
    return _left(drafted, reason) if reason else drafted


def _left(drafted: PlanStep, reason: str) -> PlanStep:
    return replace(drafted, requests=(), amount=0, skipped=reason)


def step(subject: Subject, order: Order) -> PlanStep:
    """What a plan would do to one case."""
    case = subject.case
    empty = PlanStep(case.subscription, case.email, case.name, order.kind, currency=case.currency)
    try:
        _refuse(subject, order)
        maker = RequestMaker(subject.facts, order.salt, case.payment_methods)
        draft = _BUILDERS[order.kind](subject, order, maker)
    except Skip as skip:
        return replace(empty, skipped=skip.reason, notes=skip.notes)
    scheduled = ("a cancellation is scheduled",) if Finding.CANCEL_SCHEDULED in case.findings else ()
    return replace(
        empty,
        requests=draft.requests,
        amount=draft.amount,
        currency=draft.currency or case.currency,
        notes=(*draft.notes, *scheduled),
    )


def _refuse(subject: Subject, order: Order) -> None:
    """Raise Skip where something forbids the action whatever its requests would be."""
    case = subject.case
    reason = _refusal(subject, order)
    if reason is not None:
        raise Skip(reason)
    sells_anew = order.kind is ActionKind.RESEND_LINK and case.link is LinkKind.NEW_CHECKOUT
    if not subject.facts.loaded and (order.kind in _WANTS_ALL or sells_anew):
        raise Skip("the first load is not over: what was paid or bought elsewhere is not known yet")
    if subject.facts.in_flight is not None:
        raise Skip(f"{subject.facts.in_flight}: settle it with resume first")
    if order.batch and action_of(order.kind).one_by_one:
        raise Skip("each one needs a yes of its own: plan this case alone")
    if order.batch and order.kind in _LEFT_ALONE and Finding.CANCEL_SCHEDULED in case.findings:
        raise Skip("a cancellation is scheduled: a batch leaves this customer alone")


def _refusal(subject: Subject, order: Order) -> str | None:
    """Why the action is refused, given what the consultant chose: another card, or a payment that he looked at."""
    case, facts = subject.case, subject.facts
    blocked = case.blocked.get(order.kind)
    if order.kind is ActionKind.RETRY and facts.named_card is not None:
        blocked = facts.named_refusal
    if order.kind is ActionKind.FIX_DEFAULT and order.choices.payment_method is not None:
        blocked = None
    if blocked and case.subscription in order.choices.waived and Finding.PAID_ELSEWHERE in case.findings:
        blocked = None if PAID_ELSEWHERE in blocked else blocked
    return blocked or action_of(order.kind).refuses(case)
