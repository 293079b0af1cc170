"""Learns what the key may do: from what the sync reads anyway, and for the rest by requests that change nothing.

The rights to write are asked for beside the sync, once a day; at a process's start, and when the user asks for news,
also where something was missing: he may have added it meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from ghl_triage.clock import Clock
from ghl_triage.config import Settings, fingerprint
from ghl_triage.errors import NotFound, NotPermitted, SourceError
from ghl_triage.rights import EVERY, READS, WRITES, Held, Right, Rights, is_secret, right_of_read
from ghl_triage.sources.stripe import Params, StripeReader
from ghl_triage.sources.stripe_probe import WriteProbe, write_probe
from ghl_triage.sync.concurrency import end
from ghl_triage.sync.plan import DAY
from ghl_triage.sync.store_thread import StoreThread

TRIES = 2
NO_METHOD = "/v1/payment_methods/pm_ghl_triage_probe"
_READ_PROBES = {
    "subscription_read": "/v1/subscriptions",
    "invoice_read": "/v1/invoices",
    "customer_read": "/v1/customers",
    "payment_method_read": NO_METHOD,
    "charge_read": "/v1/charges",
    "payment_intent_read": "/v1/payment_intents",
    "setup_intent_read": "/v1/setup_intents",
    "checkout_session_read": "/v1/checkout/sessions",
    "event_read": "/v1/events",
    "dispute_read": "/v1/disputes",
    "radar_read": "/v1/radar/early_fraud_warnings",
}
"""What is read to learn of a right: the shortest list, or an object that cannot exist."""


async def look(stripe: StripeReader, right: Right) -> tuple[Held, str]:
    """Whether the key may read this, and the name that Stripe gave a right that it lacks."""
    path = _READ_PROBES[right.slug]
    try:
        await stripe.get(path, {} if path == NO_METHOD else {"limit": 1}, tries=TRIES)
    except NotPermitted as refusal:
        return Held.NO, refusal.rights[0] if refusal.rights else ""
    except NotFound:
        return Held.YES, ""
    except SourceError:
        return Held.UNKNOWN, ""
    return Held.YES, ""


class KeyRights:
    """What is known of the key of these settings. It listens to what `stripe` reads."""

    def __init__(self, settings: Settings, stripe: StripeReader, clock: Clock) -> None:
        self._key = fingerprint(settings)
        self._whole = is_secret(settings.stripe_key)
        self._settings = settings
        self._stripe = stripe
        self._clock = clock
        self._heard = Rights()
        self._asked = True
        stripe.heard = self.hear

    def ask_again(self) -> None:
        """Look again at what was missing, with the next run."""
        self._asked = True

    def hear(self, path: str, params: Params, refusal: NotPermitted | None) -> None:
        """Learn from one read. Where expansions were asked for, only a right that Stripe names is known to be missing:
        it may be that of what was expanded."""
        right = right_of_read(path)
        if refusal is None:
            if right is not None:
                self._heard = self._heard.learned(right.slug, Held.YES)
            return
        known = {each.slug for each in READS}
        named = [name for name in refusal.rights if name.removeprefix("rak_") in known]
        for name in named:
            self._heard = self._heard.learned(name.removeprefix("rak_"), Held.NO, name)
        if not named and right is not None and not params.get("expand"):
            self._heard = self._heard.learned(right.slug, Held.NO, "".join(refusal.rights[:1]))

    @asynccontextmanager
    async def learning(self, store: StoreThread) -> AsyncIterator[None]:
        """A sync runs inside: what it shows is kept at its end, and beside it the rights to write are asked for."""
        if self._whole:
            await store.learn_rights(self._key, lambda _: EVERY)
            yield
            return
        asked, self._asked = self._asked, False
        known = await store.read(lambda reader: reader.rights(self._key))
        due = self._is_due(known, asked=asked)
        probe = write_probe(self._settings) if due else None
        asking = asyncio.create_task(self._ask(probe, store)) if probe else None
        try:
            yield
            if asking is not None:
                await asking
            await self._keep(store, known, due=due)
        finally:
            if asking is not None:
                await end([asking])

    def _is_due(self, known: Rights, *, asked: bool) -> bool:
        old = self._clock.now() - known.at >= DAY
        return old or (asked and not known.settled)

    async def _ask(self, probe: WriteProbe, store: StoreThread) -> None:
        async with probe:
            found = [(right, await probe.ask(right)) for right in WRITES]

        def save(known: Rights) -> Rights:
            for right, (held, named) in found:
                known = known.learned(right.slug, held, named)
            return known

        await store.learn_rights(self._key, save)

    async def _keep(self, store: StoreThread, known: Rights, *, due: bool) -> None:
        """Keep what was read, and ask for what neither this run nor an earlier one has shown."""
        if due:
            for right in READS:
                if Held.UNKNOWN is self._heard.has(right) and known.has(right) is not Held.YES:
                    self._heard = self._heard.learned(right.slug, *await look(self._stripe, right))
        heard, now = self._heard, self._clock.now()

        def save(kept: Rights) -> Rights:
            for slug, held in heard.held.items():
                kept = kept.learned(slug, held, heard.named.get(slug, ""))
            return replace(kept, at=now) if due else kept

        await store.learn_rights(self._key, save)
