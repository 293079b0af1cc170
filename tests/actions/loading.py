"""A full load of Stripe's side into a store."""

from __future__ import annotations

from pathlib import Path

from ghl_triage.clock import FixedClock
from ghl_triage.config import Settings
from ghl_triage.sources.stripe import stripe_reader
from ghl_triage.store.writer import Writer
from ghl_triage.sync.engine import Sources, SyncEngine
from ghl_triage.sync.store_thread import StoreThread


async def load(settings: Settings, database: Path, clock: FixedClock) -> None:
    """Read everything."""
    stripe = stripe_reader(settings.stripe_key, settings.stripe_base, clock=clock, rate=0)
    writer = Writer(database)
    store = StoreThread(writer, clock=clock, caps=settings.caps)
    try:
        progress = await SyncEngine(Sources(stripe), store, clock=clock, failures={}).run(full=True)
        assert not progress.failed_parts
    finally:
        await store.close()
        writer.close()
        await stripe.close()
