"""Whether a run may write at all, and the one place where a writer is made.

In a read-only run, and with a key that has no right to write, there is none: what stands in its place holds no key and
no connection.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ghl_triage.actions.sending import Answered, Sender
from ghl_triage.config import Settings, fingerprint
from ghl_triage.errors import NotPermitted, StoreError, UsageError
from ghl_triage.model import PlannedRequest
from ghl_triage.rights import Held, Rights, right_of_write
from ghl_triage.sources.stripe_writes import StripeWriter
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer


class Closing(Sender, Protocol):
    """A sender whose connections can be given back."""

    async def close(self) -> None: ...


class NoWriter:
    """Refuses every write."""

    async def send(self, request: PlannedRequest) -> Answered:
        """Raises UsageError."""
        raise UsageError(f"Nothing may be changed here: {request.method} {request.path} is not sent.")

    async def close(self) -> None:
        """There is nothing to give back."""


@dataclass(frozen=True, slots=True)
class Access:
    """What these settings, and the key's rights as the workspace's store knows them, allow."""

    settings: Settings
    database: Path

    def rights(self) -> Rights:
        """What is known of the key's rights. Reads the store."""
        with suppress(StoreError), Reader(self.database) as reader:
            return reader.rights(fingerprint(self.settings))
        return Rights()

    def demand(self) -> None:
        """Raise UsageError where nothing may be written."""
        if self.settings.read_only:
            raise UsageError("This run is read-only: nothing is changed.", hint="Start it without --read-only.")
        if self.rights().read_only:
            raise UsageError(
                "This key may only read: nothing is changed.", hint="`ghl-triage doctor` lists its rights."
            )

    def writer(self, timeout: float) -> Closing:
        """What sends the writes of a plan; `timeout` in seconds."""
        if self.settings.read_only or self.rights().read_only:
            return NoWriter()
        return _Learning(StripeWriter(self.settings.stripe_key, self.settings.stripe_base, timeout=timeout), self)

    def refused(self, request: PlannedRequest, refusal: NotPermitted) -> None:
        """Stripe says that a right is missing: known from now on, and the others are looked at again with a sync."""
        right = right_of_write(request.path)
        if right is None:
            return
        with suppress(StoreError), Writer(self.database) as writer:
            named = refusal.rights[0] if refusal.rights else ""
            known = self.rights().learned(right.slug, Held.NO, named)
            writer.save_rights(fingerprint(self.settings), replace(known, at=0))


class _Learning:
    """A writer whose refusals for want of a right are kept."""

    def __init__(self, writer: StripeWriter, access: Access) -> None:
        self._writer = writer
        self._access = access

    async def send(self, request: PlannedRequest) -> Answered:
        try:
            return await self._writer.send(request)
        except NotPermitted as refusal:
            await asyncio.to_thread(self._access.refused, request, refusal)
            raise

    async def close(self) -> None:
        await self._writer.close()
