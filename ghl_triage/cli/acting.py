"""The commands that act: each prints its plan, and with --apply carries it out after a yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghl_triage.cli.carrying import Wish, plan_and_run, refuse_unasked
from ghl_triage.cli.context import matching, open_reader, open_session, say, settings_of
from ghl_triage.errors import PlanPartlyFailed, TriageError, UsageError

if TYPE_CHECKING:
    from ghl_triage.actions.plan import Choices
    from ghl_triage.actions.session import ActionSession
    from ghl_triage.store.reader import Reader

_ID_PREFIXES = ("sub_", "cus_", "in_", "ch_", "pi_")


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(
        (
            click.argument("cases", metavar="[FILTER|IDS]", nargs=-1),
            click.option("--apply", is_flag=True, help="Carry the plan out after a yes."),
            click.option("--yes", is_flag=True, help="Say yes beforehand, for scripts."),
            click.option("--live", is_flag=True, help="With --yes: yes, this is a live account."),
            click.option("--json", "as_json", is_flag=True, help="One JSON document."),
            click.pass_context,
        )
    ):
        command = option(command)
    return command


@click.command()
@_options
@click.option("--card", help="Charge this payment method instead of the one that Stripe would use.")
@click.option("--also-reviving", is_flag=True, help="Also pay the newest invoice, which gives access back.")
@click.option("--waive", multiple=True, help="A subscription for which `paid elsewhere` was looked at and set aside.")
def retry(
    context: click.Context,
    cases: Sequence[str],
    card: str | None,
    also_reviving: bool,
    waive: Sequence[str],
    **wish: Any,
) -> None:
    """Charge the open invoice again, with the payment method that Stripe would use."""
    from ghl_triage.actions.plan import Choices

    choices = Choices(payment_method=card, also_reviving=also_reviving, waived=frozenset(waive))
    _act(context, "retry", cases, choices, Wish(**wish))


@click.command("fix-default")
@_options
@click.option("--card", help="Make this payment method the default, where several could be meant.")
def fix_default(context: click.Context, cases: Sequence[str], card: str | None, **wish: Any) -> None:
    """Make the customer's usable card the one that Stripe charges."""
    from ghl_triage.actions.plan import Choices

    _act(context, "fix_default", cases, Choices(payment_method=card), Wish(**wish))


@click.command("resend-link")
@_options
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write the links to this file.")
@click.option("--return-url", help="Where Stripe's pages send the customer afterwards.")
def resend_link(context: click.Context, cases: Sequence[str], return_url: str | None, **wish: Any) -> None:
    """Get the page of Stripe's that mends the case, for the customer. With --apply the links are printed."""
    from ghl_triage.actions.plan import Choices

    choices = Choices(return_url=return_url or settings_of(context).return_url)
    _act(context, "resend_link", cases, choices, Wish(**wish))


@click.command("resume-subscription")
@_options
def resume_subscription(context: click.Context, cases: Sequence[str], **wish: Any) -> None:
    """End the pause of a subscription whose trial ended without a card."""
    from ghl_triage.actions.plan import Choices

    _act(context, "resume_subscription", cases, Choices(), Wish(**wish))


@click.command("cancel-duplicate")
@_options
def cancel_duplicate(context: click.Context, cases: Sequence[str], **wish: Any) -> None:
    """Cancel a subscription that another one of its price makes superfluous; each case asks for itself."""
    from ghl_triage.actions.plan import Choices

    _act(context, "cancel_duplicate", cases, Choices(), Wish(**wish))


@click.command()
@click.option("--apply", is_flag=True, help="Settle what hangs, then go on with what was never sent.")
@click.option("--yes", is_flag=True, help="Say yes beforehand, for scripts.")
@click.option("--live", is_flag=True, help="With --yes: yes, this is a live account.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def resume(context: click.Context, /, **wish: Any) -> None:
    """What a crash cut off, and what waits for a customer's set-up; with --apply it is settled and carried on."""
    import anyio

    from ghl_triage.cli.resuming import resume_plans

    settings, options = settings_of(context), Wish(**wish)
    if options.apply:
        refuse_unasked(settings, options)
    anyio.run(partial(resume_plans, open_session(settings), options, livemode=settings.livemode))


ACTING = (retry, resend_link, fix_default, resume_subscription, cancel_duplicate)


def _act(context: click.Context, kind: str, words: Sequence[str], choices: Choices, wish: Wish) -> None:
    import anyio

    from ghl_triage.model import ActionKind

    settings = settings_of(context)
    if wish.apply:
        refuse_unasked(settings, wish)
    session = open_session(settings)
    session.demand(ActionKind(kind), apply=wish.apply)
    with open_reader(settings) as reader:
        subscriptions = chosen(reader, words)
        if kind == ActionKind.CANCEL_DUPLICATE and len(subscriptions) > 1:
            subscriptions = _with_a_duplicate(reader, subscriptions)
    if kind == ActionKind.CANCEL_DUPLICATE and len(subscriptions) > 1:
        _one_by_one(session, ActionKind(kind), subscriptions, choices, wish)
    else:
        anyio.run(plan_and_run, session, ActionKind(kind), subscriptions, choices, wish)


def _with_a_duplicate(reader: Reader, subscriptions: Sequence[str]) -> list[str]:
    """Those that are worth a plan of their own, of many that a filter found."""
    from ghl_triage.diagnosis.possible import why_not
    from ghl_triage.model import ActionKind
    from ghl_triage.text import plural

    found = [
        case.subscription for case in reader.cases(subscriptions) if why_not(ActionKind.CANCEL_DUPLICATE, case) is None
    ]
    if left := len(subscriptions) - len(found):
        say(f"{plural(left, 'case')} left out: no duplicate that could be canceled.")
    return found


def _one_by_one(session: ActionSession, kind: Any, subscriptions: Sequence[str], choices: Choices, wish: Wish) -> None:
    """What can't be taken back has a plan and a yes for each case. Raises PlanPartlyFailed after the last one."""
    import anyio

    if wish.as_json or wish.yes:
        option = "--json" if wish.as_json else "--yes"
        raise UsageError(
            f"{option} takes one case here, and {len(subscriptions)} match.", hint="Name one id at a time."
        )
    failed = 0
    for subscription in subscriptions:
        try:
            anyio.run(plan_and_run, session, kind, [subscription], choices, wish)
        except PlanPartlyFailed as fault:
            failed += 1
            say(str(fault))
    if failed:
        raise PlanPartlyFailed(f"{failed} of {len(subscriptions)} cases did not come through.")


def chosen(reader: Reader, words: Sequence[str]) -> list[str]:
    """The subscriptions that ids, e-mail addresses or a filter name. Raises UsageError where nothing is named."""
    if not words:
        raise UsageError("Say which cases are meant.", hint="Give ids, e-mail addresses or a filter such as path:api.")
    if all(word.startswith(_ID_PREFIXES) or ("@" in word and ":" not in word) for word in words):
        found: dict[str, None] = {}
        for word in words:
            named = reader.find(word)
            if not named:
                raise TriageError(f"No case has the id or e-mail address {word!r}.")
            found |= dict.fromkeys(case.subscription for case in named)
        return list(found)
    return [case.subscription for case in matching(reader, " ".join(words))]
