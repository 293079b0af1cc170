"""The store on a thread of its own: a commit never delays a request, nor a request a commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from ghl_triage.clock import Clock
from ghl_triage.model import Caps, Coverage, LearnedName, Raw
from ghl_triage.rights import Rights
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from ghl_triage.sync.owed import Owed
from ghl_triage.sync.targets import Target

_Result = TypeVar("_Result")
DIAGNOSE_AT_ONCE = 100
"""Customers in one batch of verdicts: between two of them other work gets its turn, and a stop is heard."""


class StoreThread:
    """Writes and reads one store. Whoever makes one holds the write lock.

    Calls run one after the other, in the order in which they were made. After one that failed no other write is
    carried out: a cursor saved then would claim rows that are not there.
    """

    def __init__(self, writer: Writer, *, clock: Clock, caps: Caps, guest: bool = False) -> None:
        """`writer` stays its owner's. A `guest` may have come in the midst of a sync: what was owed when it came is
        left to that. Raises StoreError."""
        self._writer = writer
        self._reader = Reader(writer.path)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._clock = clock
        self._caps = caps
        self._fault: BaseException | None = None
        self._owed = Owed(self._reader, guest=guest)
        self._open = asyncio.Event()
        self._open.set()
        self._shown: set[str] = set()

    async def close(self) -> None:
        """Finish what was begun."""
        await self._run(self._reader.close)
        self._pool.shutdown()

    async def write(self, work: Callable[[Writer], _Result]) -> _Result:
        """Change the store."""

        def guarded() -> _Result:
            if self._fault is not None:
                raise self._fault
            try:
                return work(self._writer)
            except BaseException as fault:
                self._fault = fault
                raise

        await self._open.wait()
        return await self._run(guarded)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Inside, nothing is written: what was begun is committed, and what comes waits for the end.

        Whoever cannot come out of it in good order ends the run: others may be writing.
        """
        self._open.clear()
        try:
            await self._run(lambda: None)
            yield
            await self._run(self._owed.see_what_was_left)
        except BaseException as fault:
            self._fault = self._fault or fault
            raise
        finally:
            self._open.set()

    async def read(self, work: Callable[[Reader], _Result]) -> _Result:
        """Ask the store."""
        return await self._run(lambda: work(self._reader))

    async def put(
        self,
        objects: Sequence[Raw],
        fetched_at: int,
        *,
        cursors: Mapping[str, str] | None = None,
        show: bool = False,
        authoritative: bool = True,
    ) -> int:
        """Store objects as read at `fetched_at`, and after them the cursors; how many rows that made.

        `show`: their customers get verdicts at once, so that their cases appear. What is not `authoritative` may be
        older than it looks: it is stored only where nothing is.
        """

        def work(writer: Writer) -> int:
            with writer.together():
                self._owed.mark(writer)
                result = writer.write_objects(objects, fetched_at=fetched_at, authoritative=authoritative)
                _save(writer, cursors)
            self._owed.customers |= result.customers
            if show and result.customers:
                self._shown |= result.customers
                writer.rediagnose(result.customers, self._clock.now(), self._caps)
            return result.objects

        return await self.write(work)

    async def put_events(
        self, events: Sequence[Raw], fetched_at: int, *, cursors: Mapping[str, str] | None = None
    ) -> int:
        """Keep events as evidence, and then save the cursors; how many of them were new."""

        def work(writer: Writer) -> int:
            with writer.together():
                self._owed.mark(writer)
                result = writer.write_events(events, fetched_at=fetched_at)
                _save(writer, cursors)
            self._owed.customers |= result.customers
            return result.objects

        return await self.write(work)

    async def put_undelivered(self, events: Sequence[Raw], fetched_at: int, *, since: int) -> int:
        """Keep events that were not delivered, and note that no others made from `since` on are; how many they are."""

        def work(writer: Writer) -> int:
            with writer.together():
                self._owed.mark(writer)
                kept = writer.write_events(events, fetched_at=fetched_at)
                changed = writer.mark_undelivered(events, fetched_at, since=since)
            self._owed.customers |= kept.customers | changed
            return len(events)

        return await self.write(work)

    async def put_cards(self, customer: str, methods: Sequence[Raw], fetched_at: int) -> int:
        """Store all payment methods attached to a customer, read whole; how many rows that made."""

        def work(writer: Writer) -> int:
            with writer.together():
                self._owed.mark(writer)
                result = writer.write_objects(methods, fetched_at=fetched_at)
                attached = [str(method["id"]) for method in methods]
                writer.mark_cards_read(customer, fetched_at, attached=attached)
            self._owed.customers |= {customer, *result.customers}
            return result.objects

        return await self.write(work)

    async def put_highlevel(self, kind: str, rows: Sequence[Raw], fetched_at: int) -> int:
        """Store rows of HighLevel; how many that made."""

        def work(writer: Writer) -> int:
            self._owed.mark(writer)
            result = writer.write_highlevel(kind, rows, fetched_at=fetched_at)
            self._owed.customers |= result.customers
            return result.objects

        return await self.write(work)

    async def keep_only_highlevel(self, kind: str, kept: set[str]) -> None:
        """A list of HighLevel's was read whole: what it does not hold is gone."""

        def work(writer: Writer) -> None:
            self._owed.mark(writer)
            self._owed.customers |= writer.keep_only_highlevel(kind, kept)

        await self.write(work)

    async def put_contacts(self, emails: Sequence[str], contacts: Sequence[Raw], fetched_at: int) -> int:
        """Store all contacts that HighLevel has of these e-mails; how many they are."""

        def work(writer: Writer) -> int:
            self._owed.mark(writer)
            with writer.together():
                result = writer.write_highlevel("contact", contacts, fetched_at=fetched_at)
                found = {str(contact["id"]) for contact in contacts}
                news = writer.mark_contacts_read(emails, found, fetched_at)
            self._owed.customers |= result.customers | news
            return result.objects

        return await self.write(work)

    async def unknown_events(self, events: Sequence[Raw]) -> list[Raw]:
        """Those that are not in the store yet."""
        ids = [str(event["id"]) for event in events]
        known = await self.read(lambda reader: reader.known_ids(ids))
        return [event for event in events if event["id"] not in known]

    async def forget(self, gone: Sequence[Target]) -> None:
        """Stripe says that these objects do not exist."""

        def work(writer: Writer) -> None:
            self._owed.mark(writer)
            for target in gone:
                self._owed.customers |= writer.mark_deleted(target.kind, [target.id])

        if gone:
            await self.write(work)

    async def learn_rights(self, key: str, change: Callable[[Rights], Rights]) -> None:
        """Change what is known of a Stripe key's rights."""

        def work(writer: Writer) -> None:
            known = self._reader.rights(key)
            changed = change(known)
            if changed != known:
                writer.save_rights(key, changed)

        await self.write(work)

    async def cover(self, change: Callable[[Coverage], Coverage]) -> None:
        """Change what is known to be read whole; that bears on everybody's verdict."""

        def work(writer: Writer) -> None:
            known = self._reader.coverage()
            changed = change(known)
            if changed != known:
                self._owed.mark(writer)
                self._owed.everybody()
                writer.save_coverage(changed)

        await self.write(work)

    async def take_over(self, names: tuple[LearnedName, ...]) -> None:
        """Let verdicts stand under these names; whom they call otherwise than before gets a new one."""

        def work(writer: Writer) -> None:
            with writer.together():
                owed = writer.save_learned(names)
                if owed:
                    self._owed.mark(writer)
            self._owed.customers |= owed

        await self.write(work)

    async def touch(self, customers: Iterable[str]) -> None:
        """These get new verdicts, too: what is known of them changed without a row, or was stored by somebody else."""
        await self._run(lambda: self._owed.customers.update(customers))

    async def diagnose_shown(self) -> None:
        """New verdicts for those whose records changed and whose cases somebody waits for."""
        await self.diagnose(await self._run(lambda: self._owed.customers & self._shown))

    async def diagnose_touched(self) -> None:
        """New verdicts for all whose records changed, and those that an earlier run owed when it was cut off."""
        await self._run(self._owed.reckon)
        while await self.write(self._next_batch):
            pass
        await self.write(self._owed.settle)

    async def diagnose(self, customers: Iterable[str]) -> None:
        """New verdicts for these customers."""
        wanted = sorted(customers)
        for start in range(0, len(wanted), DIAGNOSE_AT_ONCE):
            batch = wanted[start : start + DIAGNOSE_AT_ONCE]

            def work(writer: Writer, batch: Sequence[str] = batch) -> None:
                writer.rediagnose(self._owed.given(batch), self._clock.now(), self._caps)

            await self.write(work)

    def _next_batch(self, writer: Writer) -> bool:
        """Verdicts for some of those that are owed one. Taken batch by batch: two who ask at once share the work."""
        batch = self._owed.take(DIAGNOSE_AT_ONCE)
        writer.rediagnose(batch, self._clock.now(), self._caps)
        return bool(batch)

    async def cursor(self, name: str) -> str | None:
        """A saved cursor."""
        return await self.write(lambda writer: writer.cursor(name))

    async def save_cursor(self, name: str, value: str) -> None:
        """Save a cursor; everything that it claims must be stored by now."""
        await self.save_cursors({name: value})

    async def save_cursors(self, cursors: Mapping[str, str]) -> None:
        """Save cursors, all or none."""

        def work(writer: Writer) -> None:
            with writer.together():
                _save(writer, cursors)

        await self.write(work)

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def _save(writer: Writer, cursors: Mapping[str, str] | None) -> None:
    for name, value in (cursors or {}).items():
        writer.save_cursor(name, value)
