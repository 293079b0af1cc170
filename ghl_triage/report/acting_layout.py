"""What else acts on these customers, as blocks of the audit: the inferred and the confirmed side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ghl_triage.report.acting import Acting
from ghl_triage.report.document import Block, Bullets, Column, Heading, Paragraph, Table
from ghl_triage.report.retry_policy import Policy, Retry, Schedule, Sureness
from ghl_triage.text import clean, plural, words

_HOUR, _DAY = 3_600, 86_400
CONFIRMED, INFERRED, OPEN = "Confirmed", "Inferred", "Not confirmed"
_SURE = {Sureness.FIRM: "surely", Sureness.LIKELY: "probably"}
_ENDS = {
    "past_due": "the subscription stays past due",
    "unpaid": "the subscription becomes unpaid, and later invoices stay drafts",
    "canceled": "the subscription is canceled",
}
_EMAILS = (
    "Stripe's API shows no setting of the e-mails that Stripe sends to customers (payment failed, card expiring, trial "
    "ending, authentication wanted, receipts). Of what was sent only a receipt leaves a mark (charge.receipt_number). "
    "The settings stand in the Dashboard under Settings > Billing > Subscriptions and emails. In test mode Stripe "
    "sends none."
)
_HOW = "The consultant confirms it once the settings were read (ghl-triage confirm {slug} “…”)."


def blocks(acting: Acting, *, day: Callable[[int], str]) -> tuple[Block, ...]:
    """The section. `day` writes a moment as a date."""
    return tuple(_blocks(acting, day))


def _blocks(acting: Acting, day: Callable[[int], str]) -> Iterable[Block]:
    yield Heading("What else acts on these customers")
    yield Paragraph(
        "These charge customers or write to them as well: know of them before anything is charged or sent. Inferred is "
        "what the records show; confirmed is what was read in the account's settings."
    )
    yield Heading("Stripe's retries", 3)
    yield from _confirmed(acting.confirmed.retry_policy, "retry-policy")
    yield from _retries(acting.retries)
    yield Heading("Stripe's e-mails", 3)
    yield from _confirmed(acting.confirmed.stripe_emails, "stripe-emails")
    yield Paragraph(_EMAILS)
    yield Heading("HighLevel's workflows", 3)
    yield from _confirmed(acting.confirmed.highlevel_workflows, "highlevel-workflows")
    yield from _workflows(acting, day)


def _confirmed(said: str, slug: str) -> Iterable[Block]:
    if said:
        yield Paragraph(f"{CONFIRMED}: {clean(said)}", "strong")
    else:
        yield Paragraph(f"{OPEN} yet. {_HOW.format(slug=slug)}", "note")


def _retries(policy: Policy) -> Iterable[Block]:
    yield Paragraph(f"{INFERRED}: {schedule_words(policy)} {number_words(policy)} {end_words(policy)}".rstrip())
    if policy.retries:
        yield Table(
            "Retries after the first refusal",
            (Column("Retry", "right"), Column("Seen", "right"), Column("After, typically"), Column("Most of them")),
            tuple((str(each.number), f"{each.seen:,}", _length(each.middle), _span(each)) for each in policy.retries),
            "Typically is the median; most of them are the middle eight of ten.",
        )
    notes = [
        f"{plural(policy.invoices, 'first invoice')} with a refusal that Stripe retries; {policy.over:,} are over."
    ]
    if policy.scheduled:
        waits = f", at most {_length(policy.longest_wait)} after the last try" if policy.longest_wait else ""
        notes.append(f"{plural(policy.scheduled, 'has', 'have')} a next attempt scheduled{waits}.")
    if policy.passed_over:
        notes.append(
            f"{plural(policy.passed_over, 'other was', 'others were')} refused with a code after which Stripe waits "
            "for another card; they tell nothing of the schedule."
        )
    yield Bullets(tuple(notes))


def schedule_words(policy: Policy) -> str:
    """How the retries come, in a sentence."""
    if policy.schedule is Schedule.UNKNOWN:
        return "too few retries were seen to tell how Stripe is set."
    sure = _SURE[policy.schedule_sure]
    if policy.schedule is Schedule.NONE:
        return f"{sure} Stripe does not retry: no retry was seen."
    if policy.schedule is Schedule.FIXED:
        return f"{sure} a schedule of your own: retries come at the same distances from the first refusal."
    return f"{sure} Smart Retries: the distances differ from invoice to invoice, as Stripe chooses the time."


def number_words(policy: Policy) -> str:
    """How many retries there are."""
    if policy.schedule in (Schedule.NONE, Schedule.UNKNOWN) and not policy.usual:
        return ""
    if policy.usual is not None:
        return f"{_SURE[policy.usual_sure].capitalize()} {plural(policy.usual, 'retry', 'retries')} in all."
    if policy.over < 1 or policy.usual_sure is Sureness.TOO_FEW:
        return "How many there are cannot be told yet."
    return f"Their number differs: {', '.join(f'{number} ({count:,})' for number, count in policy.tries.items())}."


def end_words(policy: Policy) -> str:
    """What happens after the last one."""
    if policy.end is not None:
        told = _ENDS.get(policy.end, f"the subscription is then {words(policy.end)}")
        return f"After the last try {_SURE[policy.end_sure]} {told} ({policy.ends[policy.end]:,} of {policy.over:,})."
    if policy.end_sure is Sureness.TOO_FEW:
        return "What happens after the last one cannot be told yet." if policy.invoices else ""
    shown = ", ".join(f"{words(status)} {count:,}" for status, count in policy.ends.items())
    return f"What happens after the last one differs: {shown}."


def _length(seconds: int) -> str:
    """A length of time as people say it: hours below two days, else days."""
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.0f} h"
    return f"{seconds / _DAY:.1f} days".replace(".0 ", " ")


def _span(retry: Retry) -> str:
    early, late = _length(retry.early), _length(retry.late)
    return early if early == late else f"{early} to {late}"


def _workflows(acting: Acting, day: Callable[[int], str]) -> Iterable[Block]:
    drafts = f" {plural(acting.drafts, 'more is', 'more are')} not published." if acting.drafts else ""
    if not acting.workflows:
        unknown = "" if drafts else " Either there is none, or the token may not list them (scope workflows.readonly)."
        yield Paragraph(f"{INFERRED}: no published workflow is known.{drafts or unknown}")
        return
    yield Paragraph(
        f"{INFERRED}: {plural(len(acting.workflows), 'published workflow')}. HighLevel's API tells their names, not "
        f"what they do: open those that may write to customers.{drafts}"
    )
    rows = tuple((clean(flow.name), day(flow.updated) if flow.updated else "–") for flow in acting.workflows)
    yield Table("Published workflows", (Column("Name"), Column("Last changed")), rows)
