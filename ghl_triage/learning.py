"""Learns from the consultant which kind of subscription came through which path, and applies it at once.

The names stand in the workspace's file, which may also be edited by hand; the store holds a copy of those under which
its verdicts stand. Naming changes the file first and then the verdicts. What holds the store at that time, or cuts us
off, does no harm: every sync begins by taking over what the file says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ghl_triage.clock import Clock
from ghl_triage.diagnosis.paths import highlevel_by
from ghl_triage.diagnosis.signatures import first_match
from ghl_triage.errors import StoreLocked, UsageError
from ghl_triage.kind import Kind, identity
from ghl_triage.model import Caps, LearnedName
from ghl_triage.model import Path as SoldThrough
from ghl_triage.store.lock import LOCK_SECONDS, WriteLock
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from ghl_triage.sync.owed import owing
from ghl_triage.sync.store_thread import DIAGNOSE_AT_ONCE
from ghl_triage.workspace_edit import forget, learn
from ghl_triage.workspace_file import beside, load

FILE_SECONDS = 5.0

OnProgress = Callable[[int, int], None]
"""Told how many customers of how many have a new verdict."""


def kinds(reader: Reader) -> list[Kind]:
    """The kinds of subscriptions in the account, the most frequent first, with what is known of each."""
    titles, coverage = reader.application_names(), reader.coverage()
    found = []
    for number, each in enumerate(reader.signatures(), start=1):
        application = each.signature.application
        found.append(
            Kind(
                number=number,
                id=identity(each.signature),
                signature=each.signature,
                count=each.count,
                attributed=each.attributed,
                examples=each.examples,
                application_name=titles.get(application, ""),
                automatic=highlevel_by(application, coverage.highlevel_application, titles.get(application, "")) or "",
                name=first_match(coverage.learned, each.signature),
            )
        )
    return found


def find(reader: Reader, wanted: str) -> Kind:
    """The kind of this number or id, or of this subscription. Raises UsageError."""
    known = kinds(reader)
    case = reader.case(wanted)
    shape = case.signature if case else None
    for each in known:
        if wanted in (str(each.number), each.id) or each.signature == shape:
            return each
    raise UsageError(
        f"{wanted!r} is no number or id of a kind.",
        hint="`ghl-triage learn` lists them; a subscription's id will do.",
    )


def name_for(kind: Kind, name: str, path: SoldThrough, *, note: str = "", any_price: bool = False) -> LearnedName:
    """A name for exactly this kind; with `any_price` also for those that differ from it in the price alone."""
    shape = kind.signature
    price = None if any_price else shape.price
    return LearnedName(name, path, shape.application, shape.metadata, shape.description, price, note)


class Lessons:
    """What the consultant teaches about one workspace. Blocks its thread; nobody's event loop."""

    def __init__(self, database: Path, clock: Clock, caps: Caps) -> None:
        self._database = database
        self._file = beside(database)
        self._clock = clock
        self._caps = caps

    def unapplied(self, reader: Reader) -> bool:
        """Whether the file says something else than the verdicts stand under. Raises UsageError for a broken file."""
        return load(self._file).names != reader.coverage().learned

    def name(self, name: LearnedName, on_progress: OnProgress) -> None:
        """Keep a name and apply it. Raises UsageError for a broken file, StoreLocked where it has to wait."""
        with WriteLock(self._file, "learn", timeout=FILE_SECONDS):
            learn(self._file, name)
        self.apply(on_progress)

    def forget(self, name: LearnedName, on_progress: OnProgress) -> None:
        """Take a name back. Raises like `name`."""
        with WriteLock(self._file, "learn", timeout=FILE_SECONDS):
            forget(self._file, name)
        self.apply(on_progress)

    def apply(self, on_progress: OnProgress) -> None:
        """Give new verdicts to everybody whom the file's names call otherwise than before."""
        try:
            with WriteLock(self._database, "learn", timeout=LOCK_SECONDS), Writer(self._database) as writer:
                self._take_over(writer, on_progress)
        except StoreLocked as busy:
            raise StoreLocked(
                f"{busy.message} What you said is kept in {self._file.name}.",
                holder=busy.holder,
                hint="The next sync applies it.",
            ) from busy

    def _take_over(self, writer: Writer, on_progress: OnProgress) -> None:
        with owing(writer):
            customers = sorted(writer.save_learned(load(self._file).names))
            on_progress(0, len(customers))
            for start in range(0, len(customers), DIAGNOSE_AT_ONCE):
                part = customers[start : start + DIAGNOSE_AT_ONCE]
                writer.rediagnose(part, self._clock.now(), self._caps)
                on_progress(start + len(part), len(customers))

    def set_paths(self, subscriptions: Sequence[str], path: SoldThrough | None) -> None:
        """The consultant's own word on these very subscriptions; None takes it back.

        Raises UsageError for one that the store does not know, StoreLocked.
        """
        with Reader(self._database) as reader:
            customers = _customers(reader, subscriptions)
        with WriteLock(self._database, "set-path", timeout=LOCK_SECONDS), Writer(self._database) as writer:
            now = self._clock.now()
            with owing(writer):
                with writer.together():
                    for each in subscriptions:
                        writer.set_path_override(each, path, now)
                writer.rediagnose(customers, now, self._caps)


def _customers(reader: Reader, subscriptions: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(subscriptions))
    known = {case.subscription: case.customer for case in reader.cases(wanted)}
    strange = [each for each in wanted if each not in known]
    if strange:
        raise UsageError(f"There is no case {strange[0]!r}.", hint="Give subscriptions' ids (sub_…).")
    return list(known.values())
