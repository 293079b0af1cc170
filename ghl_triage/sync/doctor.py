"""Examines the keys: what each may do, by asking for it. Nothing is changed by that, and nothing is stored here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ghl_triage.clock import SystemClock
from ghl_triage.config import Settings
from ghl_triage.errors import NotAuthenticated
from ghl_triage.rights import ADD_RIGHT, EVERY, READS, RIGHTS, WRITES, Held, Right, Rights, is_secret
from ghl_triage.sources.stripe import StripeReader, stripe_reader
from ghl_triage.sources.stripe_probe import write_probe
from ghl_triage.sync.checks import Check, State
from ghl_triage.sync.rights import look
from ghl_triage.sync.run import read_account
from ghl_triage.sync.scopes import highlevel_checks

RESTRICT = "A restricted key with the rights that the README lists is enough, and does less harm in wrong hands."
CLOCK_OFF = 30
"""Seconds from which on a wrong clock is worth a word: the program goes by Stripe's, other programs may not."""


@dataclass(frozen=True, slots=True)
class Examination:
    """All checks, the account behind the key (its id and name), and what is known of the key's rights now."""

    checks: tuple[Check, ...]
    account: tuple[str, str] | None
    rights: Rights


async def examine(settings: Settings, clock: SystemClock) -> Examination:
    """Ask Stripe and HighLevel. Raises Unreachable where Stripe does not answer at all."""
    stripe = stripe_reader(settings.stripe_key, settings.stripe_base, clock=clock, rate=settings.rate)
    try:
        account = await read_account(stripe)
        rights = await _rights(settings, stripe, clock)
    except NotAuthenticated as refusal:
        check = Check("Stripe", "the key", State.MISSING, refusal.message, refusal.hint)
        return Examination((check, *await highlevel_checks(settings, clock)), None, Rights())
    finally:
        await stripe.close()
    checks = [*_of_rights(rights, settings), *await highlevel_checks(settings, clock), _of_clock(clock)]
    return Examination(tuple(checks), account, rights)


# Stripe


async def _rights(settings: Settings, stripe: StripeReader, clock: SystemClock) -> Rights:
    if is_secret(settings.stripe_key):
        return EVERY
    reads = await asyncio.gather(*(look(stripe, right) for right in READS))
    known = Rights(at=clock.now()).told(dict(zip(READS, reads, strict=True)))
    probe = write_probe(settings)
    if probe is None:
        return known
    async with probe:
        return known.told(await probe.ask(WRITES))


def _of_rights(rights: Rights, settings: Settings) -> list[Check]:
    if rights.whole:
        return [Check("Stripe", "every right", State.OK, "a secret key may do all", RESTRICT, needed=False)]
    return [_of_right(right, rights, settings) for right in RIGHTS]


def _of_right(right: Right, rights: Rights, settings: Settings) -> Check:
    if right.writes and settings.read_only:
        return Check("Stripe", right.name, State.OFF, right.purpose, "Not asked: this run is read-only.", needed=False)
    states = {Held.YES: State.OK, Held.NO: State.MISSING, Held.UNKNOWN: State.UNKNOWN}
    state = states[rights.has(right)]
    # A key that may only read is a choice; one that lacks a part of what acting needs is an oversight.
    needed = right.needed and not (right.writes and rights.read_only)
    fix = ADD_RIGHT if state is State.MISSING else "Run it again." if state is State.UNKNOWN else ""
    named = rights.named.get(right.slug, "")
    return Check("Stripe", right.name, state, right.purpose, fix, needed, named)


def _of_clock(clock: SystemClock) -> Check:
    if abs(clock.offset) < CLOCK_OFF:
        return Check("Clock", "this machine's clock", State.OK, "it goes with Stripe's", needed=False)
    way = "behind" if clock.offset > 0 else "ahead of"
    said = f"{abs(clock.offset)} s {way} Stripe's, by which the program goes"
    return Check("Clock", "this machine's clock", State.WRONG, said, "Set it right.", needed=False)
