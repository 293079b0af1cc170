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
from ghl_triage.rights import (
    EVERY,
    PAYMENT_METHODS,
    READS,
    WRITES,
    Answers,
    Held,
    Right,
    Rights,
    is_secret,
    right_of_read,
)
from ghl_triage.sources.stripe import Params, StripeReader
from ghl_triage.sources.stripe_probe import WriteProbe, write_probe
from ghl_triage.sync.concurrency import end
from ghl_triage.sync.plan import DAY
from ghl_triage.sync.store_thread import StoreThread

TRIES = 2
NO_METHOD = "pm_ghl_triage_probe"
UNANSWERED = (
    "Not all rights of the key are known: Stripe did not answer. `r` in the app, or the next start, asks again."
)


async def look(stripe: StripeReader, right: Right) -> tuple[Held, str]:
    """Whether the key may read this, and the name that Stripe gave a right that it lacks.

    The shortest list is asked for, or, where there is none without a customer, an object that cannot exist.
    """
    alone = right is PAYMENT_METHODS
    path, params = (f"{right.path}/{NO_METHOD}", {}) if alone else (right.path, {"limit": 1})
    try:
        await stripe.get(path, params, tries=TRIES)
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
    async def learning(self, store: StoreThread) -> AsyncIterator[list[str]]:
        """A sync runs inside: what it shows is kept at its end, and beside it the rights to write are asked for.

        What could not be learned stands in the list afterwards, in words.
        """
        unanswered: list[str] = []
        if self._whole:
            await store.learn_rights(self._key, lambda _: EVERY)
            yield unanswered
            return
        asked, self._asked = self._asked, False
        known = await store.read(lambda reader: reader.rights(self._key))
        due = self._is_due(known, asked=asked)
        probe = write_probe(self._settings) if due else None
        asking = asyncio.create_task(self._ask(probe)) if probe else None
        try:
            yield unanswered
            found = await asking if asking is not None else {}
            answered = asking is None or len(found) == len(WRITES)
            if due and answered:
                answered = await self._look(known)
            await self._keep(store, found, due=due)
        finally:
            if asking is not None:
                await end([asking])
        if not answered:
            unanswered.append(UNANSWERED)

    def _is_due(self, known: Rights, *, asked: bool) -> bool:
        old = self._clock.now() - known.at >= DAY
        return old or (asked and not known.settled)

    async def _ask(self, probe: WriteProbe) -> Answers:
        async with probe:
            return await probe.ask(WRITES)

    async def _look(self, known: Rights) -> bool:
        """Ask for what neither this run nor an earlier one has shown, up to the first that gets no answer."""
        for right in READS:
            if self._heard.has(right) is Held.UNKNOWN and known.has(right) is not Held.YES:
                held, named = await look(self._stripe, right)
                if held is Held.UNKNOWN:
                    return False
                self._heard = self._heard.learned(right.slug, held, named)
        return True

    async def _keep(self, store: StoreThread, found: Answers, *, due: bool) -> None:
        heard, now = self._heard, self._clock.now()

        def save(kept: Rights) -> Rights:
            for slug, held in heard.held.items():
                kept = kept.learned(slug, held, heard.named.get(slug, ""))
            kept = kept.told(found)
            return replace(kept, at=now) if due else kept

        await store.learn_rights(self._key, save)
