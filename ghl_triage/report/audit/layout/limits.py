"""The part "What this rests on": what was read, what was not, and what the numbers cannot say."""

from __future__ import annotations

from collections.abc import Iterator

from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.display import Display
from ghl_triage.report.document import Block, Bullets, Heading
from ghl_triage.report.trial_words import LEFT_OUT
from ghl_triage.text import clean, plural


def blocks(audit: Audit, display: Display) -> Iterator[Block]:
    """The whole part."""
    yield Heading("What this rests on")
    yield Bullets(tuple(_read(audit, display)) + tuple(_counted(audit)) + _CANNOT_SAY)


def _read(audit: Audit, display: Display) -> Iterator[str]:
    about = audit.about
    mode = "live" if about.livemode else "test"
    read_at = f"{display.moment(about.synced_at)} ({about.timezone})"
    yield f"Stripe account {clean(about.account)} ({clean(about.account_id)}), {mode} mode; last read {read_at}."
    coverage = about.coverage
    lists = (
        ("Charges", coverage.charges_since),
        ("SetupIntents", coverage.setup_intents_since),
        ("Checkout Sessions", coverage.checkout_sessions_since),
    )
    read = [f"{name} since {display.moment(since)}" for name, since in lists if since is not None]
    if read:
        yield f"Lists that were read whole: {', '.join(read)}. What lies before is not seen, and counts as not known."
    unread = [name for name, since in lists if since is None]
    if unread:
        yield f"Not read at all: {', '.join(unread)}."
    if not coverage.highlevel_subscriptions_read:
        yield "HighLevel's list of subscriptions was not read: what is a HighLevel sale rests on Stripe's marks alone."
    for missing in about.missing:
        yield f"{clean(missing)}."


def _counted(audit: Audit) -> Iterator[str]:
    yield f"{plural(audit.subscriptions, 'subscription')}; {plural(audit.trials, 'trial')} counted in the statistics."
    told = [f"{audit.left_out[why]:,} {what}" for why, what in LEFT_OUT.items() if audit.left_out.get(why)]
    if told:
        yield f"Trials left out of the statistics: {'; '.join(told)}."


_CANNOT_SAY = (
    "Money at risk is what is open on invoices, or the price of a running trial before tax and coupons. It is not lost "
    "yet, and not all of it can be recovered.",
    "Intervals are 95 %: Wilson for shares. Where they are wide the numbers are small, and a share says little.",
    "These are observations, not an experiment: cards that were set up and cards that were not may differ in more than "
    "that.",
)
