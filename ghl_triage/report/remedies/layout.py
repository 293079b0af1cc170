"""The remedies as blocks of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from ghl_triage.diagnosis import labels
from ghl_triage.model import Path
from ghl_triage.report.document import Block, Bullets, Code, Column, Heading, Paragraph, Table
from ghl_triage.report.remedies import checkout, highlevel, messages
from ghl_triage.report.remedies.choice import (
    Causes,
    Chosen,
    Findings,
    asks_for_example,
    asks_for_messages,
    choose,
    explained,
    not_listed,
)
from ghl_triage.text import plural

SEQUENCE = (
    "Find the customer by e-mail, or create one; keep its id.",
    "Create the subscription with trial_period_days, payment_behavior=default_incomplete and "
    "payment_settings.save_default_payment_method=on_subscription, under an idempotency key of your own checkout's id.",
    "Give the page the client secret of pending_setup_intent, for confirmSetup; where there is none and the first "
    "invoice is open, that of latest_invoice.confirmation_secret, for confirmPayment.",
    "The set-up is for off_session use; the customer passes 3-D Secure while he is there.",
    "On setup_intent.succeeded make its payment_method the default.",
    "On customer.subscription.trial_will_end ask those for a card who have none that will work.",
)
_TITLES = {
    Path.API: "What to change in code: custom API checkout",
    Path.CHECKOUT: "What to change: Stripe Checkout",
    Path.HIGHLEVEL: "What to change: HighLevel",
}


def blocks(causes: Causes, findings: Findings) -> tuple[Block, ...]:
    """What to change for each path that has cases to which a remedy applies; empty where none has.

    `causes` and `findings` count cases by path (`choice.tally` does it).
    """
    chosen = choose(causes, findings)
    return (
        *_api([each for each in chosen if each.remedy.path is Path.API], causes, findings),
        *_checkout([each for each in chosen if each.remedy.path is Path.CHECKOUT]),
        *_highlevel([each for each in chosen if each.remedy.path is Path.HIGHLEVEL], causes, findings),
    )


def _api(chosen: list[Chosen], causes: Causes, findings: Findings) -> Iterable[Block]:
    told = asks_for_messages(causes, findings)
    if not chosen and not told:
        return
    yield Heading(_TITLES[Path.API])
    example = asks_for_example(chosen)
    if example:
        yield Paragraph("The right order of a checkout of your own:")
        yield Bullets(SEQUENCE, ordered=True)
    for each in chosen:
        yield from _remedy(each)
    if told:
        yield from _messages()
    if example:
        yield from _example()


def _checkout(chosen: list[Chosen]) -> Iterable[Block]:
    if not chosen:
        return
    yield Heading(_TITLES[Path.CHECKOUT])
    yield Paragraph(checkout.BY_ITSELF)
    for each in chosen:
        yield from _remedy(each)


def _remedy(chosen: Chosen) -> Iterable[Block]:
    remedy = chosen.remedy
    asked = [f"{labels.CAUSE_TITLES[cause]}: {count:,}" for cause, count in chosen.causes.items()]
    asked += [f"{labels.FINDING_TITLES[finding]}: {count:,}" for finding, count in chosen.findings.items()]
    yield Heading(remedy.title, 3)
    yield Paragraph(remedy.wrong)
    yield Bullets(remedy.steps, ordered=True)
    yield Paragraph(f"Cases here: {'; '.join(asked)}.", "note")


def _messages() -> Iterable[Block]:
    yield Heading("client_secret is null", 3)
    yield Paragraph(messages.WHY_NULL)
    yield Bullets(messages.REMEDY, ordered=True)
    yield Table(
        "Messages and what they mean",
        (Column("Message"), Column("Why it comes"), Column("What to do")),
        tuple((each.text, each.cause, each.remedy) for each in messages.MESSAGES),
    )


def _example() -> Iterable[Block]:
    yield Heading("The whole of it, to be pasted", 3)
    yield Paragraph(
        "This code is run by this program's tests against a local Stripe: a trial sold by it is charged although the "
        "card's bank wants a set-up, and one with a card that was only attached is refused with "
        "authentication_required."
    )
    yield Code(example_source())
    yield Code(messages.PAGE, "javascript")


def example_source() -> str:
    """The example of a custom checkout, as it is run by the tests."""
    return files("ghl_triage.report.examples").joinpath("custom_checkout.py").read_text(encoding="utf-8")


def _highlevel(chosen: list[Chosen], causes: Causes, findings: Findings) -> Iterable[Block]:
    unlisted, reasons = not_listed(findings), explained(causes, findings)
    if not (chosen or unlisted or reasons):
        return
    yield Heading(_TITLES[Path.HIGHLEVEL])
    if unlisted:
        yield Heading("Subscriptions that HighLevel does not list", 3)
        yield Paragraph(highlevel.NOT_LISTED)
        yield Paragraph("What can be done, from light to heavy:")
        yield Bullets(highlevel.LADDER, ordered=True)
        yield Paragraph(f"Cases here: {plural(unlisted, 'subscription')} not in HighLevel's list.", "note")
    if reasons:
        yield from _update_billing(reasons)
    for each in chosen:
        yield from _remedy(each)


def _update_billing(reasons: dict[str, int]) -> Iterable[Block]:
    yield Heading("“Update billing” although a card is on file", 3)
    yield Paragraph(highlevel.UPDATE_BILLING)
    rows = []
    for each in highlevel.EXPLANATIONS:
        seen = f"{reasons[each.mark]:,}" if each.mark in reasons else "cannot be seen"
        rows.append((each.mark, each.reason, each.check, each.remedy, seen))
    columns = (Column(""), Column("Reason"), Column("How to check"), Column("What to do"), Column("Cases", "right"))
    yield Table("", columns, tuple(rows), note=highlevel.NEVER)
