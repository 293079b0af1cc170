"""Reads the store: lists, sums and facets of cases, and one case whole. Plain sqlite3, cheap to open."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ghl_triage.errors import StoreError
from ghl_triage.model import (
    QUEUE,
    ActionKind,
    Case,
    CaseRow,
    Cause,
    Coverage,
    Note,
    Raw,
    Records,
    Stage,
    SyncProgress,
)
from ghl_triage.model import Path as SoldThrough
from ghl_triage.store.connection import as_store_errors, connect_reader
from ghl_triage.store.facets import Facets, StageTotal, Totals, count_facets, count_views, view_filters
from ghl_triage.store.filters import CompiledFilter, FilterQuery, Sort
from ghl_triage.store.scan import cases_for
from ghl_triage.store.schema import open_store, stored_version
from ghl_triage.store.state import Account, State
from ghl_triage.store.statements import chunks, marks
from ghl_triage.store.sync_reads import SyncReads

if TYPE_CHECKING:
    from ghl_triage.highlevel import HighLevelStranger, HighLevelWorkflow
    from ghl_triage.rights import Rights
    from ghl_triage.store.groups import Group
    from ghl_triage.store.network_codes import NetworkCode
    from ghl_triage.store.report_rows import ReportCase
    from ghl_triage.store.signatures import FoundSignature
    from ghl_triage.trial import Trial

MOST_KEPT = 32
"""Counts that a reader keeps for as long as nobody writes."""
_Answer = TypeVar("_Answer")


class Reader(SyncReads):
    """A read-only view of the store. One thread at a time; open one for each thread."""

    def __init__(self, path: Path) -> None:
        """Raises `StoreError` where there is no store; one of an older program is moved forward first."""
        if stored_version(path) == 0:
            raise StoreError(f"There is no local data in {path} yet.", hint="Run `ghl-triage sync`.")
        open_store(path)
        self._path = path
        self._connection = connect_reader(path)
        self._state = State(self._connection, path)
        self._counted: dict[Hashable, Any] = {}
        self._counted_at = -1

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _kept(self, asked: Hashable, count: Callable[[], _Answer]) -> _Answer:
        """What was counted before, while nobody has written since: the queue's sums do not depend on the filter."""
        version = self.data_version()
        if version != self._counted_at:
            self._counted.clear()
            self._counted_at = version
        if asked not in self._counted:
            if len(self._counted) >= MOST_KEPT:
                self._counted.clear()
            self._counted[asked] = count()
        answer: _Answer = self._counted[asked]
        return answer

    # lists

    def ids(self, where: CompiledFilter, sort: Sort, limit: int | None = None) -> array[int]:
        """The row numbers of the cases that match, in order."""
        # SQLite puts the whole list together in one step: a hundred thousand steps would each take Python's lock,
        # and the screen would stutter meanwhile.
        table = cases_for({sort.column, *where.columns})
        # A LIMIT of "none" would still cost SQLite's sorter twice its time.
        bound = "" if limit is None else " LIMIT ?"
        packed = self._one(
            f"""SELECT group_concat(row) FROM (
                    SELECT row FROM {table} WHERE {where.sql} ORDER BY {sort.order_by}{bound})""",  # noqa: S608
            (*where.params, *([] if limit is None else [limit])),
        )
        return array("q", map(int, packed.split(","))) if packed else array("q")

    def case_rows(self, rows: Sequence[int]) -> list[CaseRow]:
        """The table's lines for these row numbers, in their order; one that is gone is left out."""
        found: dict[int, CaseRow] = {}
        for part in chunks(rows):
            for each in self._all(f"SELECT {_ROW} FROM cases WHERE row IN ({marks(part)})", part):  # noqa: S608
                found[each[0]] = _case_row(each)
        return [found[row] for row in rows if row in found]

    def sums(self, rows: Sequence[int]) -> Mapping[str, int]:
        """What is at risk in these cases, by currency, in minor units."""
        total: dict[str, int] = {}
        for part in chunks(rows):
            found = self._all(
                f"SELECT currency, sum(amount) FROM cases WHERE row IN ({marks(part)}) GROUP BY currency",  # noqa: S608
                part,
            )
            for currency, amount in found:
                total[currency] = total.get(currency, 0) + amount
        return total

    def totals(self, where: CompiledFilter) -> Totals:
        """How many cases match, with the amounts by stage and currency."""
        return self._kept(where, lambda: self._totals(where))

    def _totals(self, where: CompiledFilter) -> Totals:
        found = self._all(
            f"""SELECT stage, currency, count(*), sum(amount) FROM {cases_for(where.columns)}
                WHERE {where.sql} GROUP BY 1, 2""",  # noqa: S608
            where.params,
        )
        counts: dict[Stage, int] = {}
        amounts: dict[Stage, dict[str, int]] = {}
        for name, currency, count, amount in found:
            stage = Stage(name)
            counts[stage] = counts.get(stage, 0) + count
            amounts.setdefault(stage, {})[currency] = amount
        by_stage = {stage: StageTotal(counts[stage], amounts[stage]) for stage in Stage if stage in counts}
        return Totals(sum(counts.values()), by_stage)

    def facets(self, query: FilterQuery, now: int, *, default_queue: bool = True) -> Facets:
        """How the cases spread over path, cause and currency under a filter, and how many each view has by itself."""
        with as_store_errors(self._path):
            lasting, passing = view_filters(now)
            views = self._kept(lasting, lambda: count_views(self._connection, lasting)) | count_views(
                self._connection, passing
            )
            return count_facets(self._connection, query, now, default_queue=default_queue, views=views)

    def groups(self, where: CompiledFilter, columns: Sequence[str]) -> list[Group]:
        """How the cases that match spread over these columns of `store.groups.GROUPINGS`, the largest group first."""
        from ghl_triage.store.groups import count_groups

        with as_store_errors(self._path):
            return count_groups(self._connection, where, columns)

    def network_codes(self, where: CompiledFilter) -> list[NetworkCode]:
        """What the card networks answered to the last failed charges of the cases that match."""
        from ghl_triage.store.network_codes import count_network_codes

        with as_store_errors(self._path):
            return count_network_codes(self._connection, where)

    def counts(self) -> Mapping[str, int]:
        """How many rows the store holds: `cases`, `queue`, and objects by kind."""
        kinds = dict(self._all("SELECT kind, count(*) FROM objects GROUP BY kind"))
        stages = dict(self._all("SELECT stage, count(*) FROM cases GROUP BY stage"))
        queue = sum(stages.get(stage, 0) for stage in QUEUE)
        return {"cases": sum(stages.values()), "queue": queue} | kinds

    def values(self, limit: int = 30) -> Mapping[str, list[str]]:
        """The values that occur, the most frequent first, for the qualifiers whose values no list knows."""
        found = {
            name: [
                value
                for (value,) in self._all(
                    f"SELECT {name} FROM cases WHERE {name} <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?",  # noqa: S608
                    (limit,),
                )
            ]
            for name in ("status", "currency", "card", "brand", "country", "price", "code", "advice")
        }
        tags = self._all("SELECT tag FROM tags GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?", (limit,))
        return found | {"tag": [tag for (tag,) in tags]}

    def report_cases(self) -> Iterator[ReportCase]:
        """All cases as the reports count them."""
        from ghl_triage.store.report_rows import report_cases

        with as_store_errors(self._path):
            yield from report_cases(self._connection)

    def signatures(self) -> list[FoundSignature]:
        """The kinds of subscriptions that occur, the most frequent first."""
        from ghl_triage.store.signatures import found_signatures

        with as_store_errors(self._path):
            return found_signatures(self._connection)

    def application_names(self) -> dict[str, str]:
        """The names of Connect applications, by id."""
        from ghl_triage.store.signatures import application_names

        with as_store_errors(self._path):
            return application_names(self._connection)

    # one case

    def case(self, subscription_id: str) -> Case | None:
        """One case whole."""
        cases = self.cases([subscription_id])
        return cases[0] if cases else None

    def cases(self, subscriptions: Sequence[str]) -> list[Case]:
        """Several cases whole, in the order asked for; one that is gone is left out."""
        from ghl_triage.store.codec import load_case

        found: dict[str, Case] = {}
        for part in chunks(subscriptions):
            rows = self._all(
                f"""SELECT subscription, json FROM cases JOIN case_details USING (row)
                    WHERE subscription IN ({marks(part)})""",  # noqa: S608
                part,
            )
            found.update({subscription: load_case(text) for subscription, text in rows})
        return [found[each] for each in subscriptions if each in found]

    def cases_of(self, rows: Sequence[int]) -> list[Case]:
        """Several cases whole, by row number."""
        names: dict[int, str] = {}
        for part in chunks(rows):
            names |= dict(self._all(f"SELECT row, subscription FROM cases WHERE row IN ({marks(part)})", part))  # noqa: S608
        return self.cases([names[row] for row in rows if row in names])

    def find(self, text: str) -> list[Case]:
        """The cases that a subscription, customer, invoice, charge or other id, or an e-mail address, belongs to."""
        wanted = text.strip()
        rows = self._all(
            """SELECT subscription FROM cases WHERE subscription = :wanted
                   OR customer = :wanted OR email = :wanted COLLATE NOCASE ORDER BY rank, rank_at, row""",
            {"wanted": wanted},
        )
        if not rows:
            rows = self._all(_FIND_BY_OBJECT, {"wanted": wanted})
        return self.cases([subscription for (subscription,) in rows])

    def row_of(self, subscription: str) -> int | None:
        """A case's row number."""
        row = self._one("SELECT row FROM cases WHERE subscription = ?", (subscription,))
        return None if row is None else int(row)

    def trials(self, *, since: int | None = None, until: int | None = None) -> Iterator[Trial]:
        """The trials that end, or ended, in [since, until), by their end; None is no bound. Running ones among them."""
        from ghl_triage.store.trials import read_trials

        with as_store_errors(self._path):
            yield from read_trials(self._connection, since=since, until=until)

    def records(self, customer_id: str) -> Records:
        """All that the store holds about a customer; empty records for an unknown one."""
        return self.records_of([customer_id])[customer_id]

    def records_of(self, customers: Iterable[str]) -> dict[str, Records]:
        """The same for several customers at once."""
        from ghl_triage.store.records import load_records

        with as_store_errors(self._path):
            return load_records(self._connection, customers)

    def notes(self, subscription: str) -> list[Note]:
        """A case's notes, oldest first."""
        rows = self._all("SELECT at, text FROM notes WHERE subscription = ? ORDER BY at, id", (subscription,))
        return [Note(subscription, at, text) for at, text in rows]

    def tags(self, subscription: str) -> list[str]:
        """A case's tags."""
        return [tag for (tag,) in self._all("SELECT tag FROM tags WHERE subscription = ? ORDER BY 1", (subscription,))]

    # raw objects

    def raw(self, object_id: str) -> Raw | None:
        """One object as its API returned it, without secrets and links."""
        from orjson import loads

        text = self._one("SELECT json FROM objects WHERE id = ?", (object_id,))
        return None if text is None else dict(loads(text))

    def raw_of_case(self, subscription: str) -> list[Raw]:
        """The objects behind a case: the subscription's, and those of its customer that belong to no other one."""
        from orjson import loads

        rows = self._all(_RAW_OF_CASE, {"subscription": subscription})
        return [dict(loads(text)) for (text,) in rows]

    def object_ids(self, kind: str) -> set[str]:
        """The ids of all stored objects of a kind that are not deleted: what a whole list is compared with."""
        return {each for (each,) in self._all("SELECT id FROM objects WHERE kind = ? AND deleted = 0", (kind,))}

    # HighLevel's side

    def highlevel_strangers(self) -> list[HighLevelStranger]:
        """HighLevel's rows that belong to no case: of the other mode, another provider, unknown in this account."""
        from ghl_triage.store.strangers import strangers

        account = self.account()
        if account is None:
            return []
        with as_store_errors(self._path):
            since = self.coverage().subscriptions_since
            return strangers(self._connection, livemode=account.livemode, since=since)

    def highlevel_workflows(self) -> list[HighLevelWorkflow]:
        """The workflows of the location that sells; none where they could not be read."""
        from ghl_triage.store.strangers import workflows

        with as_store_errors(self._path):
            return workflows(self._connection)

    # what a sync left; see SyncReads for the rest

    def coverage(self) -> Coverage:
        """How far back each list was read."""
        return self._state.coverage()

    def sync_status(self) -> SyncProgress | None:
        """The last sync's last word."""
        return self._state.sync_status()

    def rights(self, key: str) -> Rights:
        """What is known of the rights of a Stripe key; `key` is its fingerprint."""
        return self._kept(("rights", key), lambda: self._state.rights(key))

    def lacks_rights(self, key: str) -> bool:
        """Whether a key is known to lack a right."""
        return self._state.lacks_rights(key)

    def account(self) -> Account | None:
        """The account that this file belongs to."""
        return self._state.account()

    def clock_offset(self) -> int:
        """Stripe's clock less this machine's, in seconds."""
        return self._state.clock_offset()

    def cursor(self, name: str) -> str | None:
        """How far a list was read, as its reader saved it."""
        return self._state.cursor(name)

    def data_version(self) -> int:
        """A number that changes when another connection has written."""
        return int(self._one("PRAGMA data_version"))


_ROW = (
    "row, subscription, email, name, path, status, stage, cause, pending, amount, currency, next_retry_at, trial_end, "
    "failed_at, created, possible"
)


def _case_row(values: Sequence[Any]) -> CaseRow:
    row, subscription, email, name, path, status, stage, cause, pending, *rest = values
    if rest[-1] is not None:
        rest[-1] = _kinds(rest[-1])
    return CaseRow(
        row,
        subscription,
        email,
        name,
        SoldThrough(path),
        status,
        Stage(stage),
        Cause(cause) if cause else None,
        pending or None,
        *rest,
    )


@lru_cache(maxsize=64)
def _kinds(packed: str) -> tuple[ActionKind, ...]:
    return tuple(ActionKind(slug) for slug in packed.strip(",").split(",") if slug)


_FIND_BY_OBJECT = """
WITH hit AS (SELECT * FROM objects WHERE id = :wanted),
     bill AS (SELECT invoice FROM hit UNION
              SELECT invoice FROM objects WHERE kind = 'invoice_payment' AND customer = (SELECT customer FROM hit)
                AND payment_intent IN (SELECT id FROM hit UNION SELECT payment_intent FROM hit)),
     named AS (SELECT subscription FROM hit WHERE subscription IS NOT NULL UNION
               SELECT subscription FROM objects WHERE id IN bill AND subscription IS NOT NULL)
SELECT subscription FROM cases
WHERE subscription IN named
   OR (NOT EXISTS (SELECT 1 FROM named) AND customer = (SELECT customer FROM hit))
ORDER BY rank, rank_at, row
"""

_RAW_OF_CASE = """
WITH mine AS (SELECT * FROM objects WHERE kind <> 'event'
                AND customer = (SELECT customer FROM cases WHERE subscription = :subscription)),
     bills AS (SELECT id FROM mine WHERE kind = 'invoice' AND subscription = :subscription),
     payments AS (SELECT * FROM mine WHERE kind = 'invoice_payment' AND invoice IN bills),
     intents AS (SELECT payment_intent FROM payments WHERE payment_intent IS NOT NULL)
SELECT json FROM mine
WHERE id = :subscription OR subscription = :subscription OR id IN bills OR id IN (SELECT id FROM payments)
   OR id IN intents OR payment_intent IN intents OR invoice IN bills
   OR (subscription IS NULL AND kind IN
       ('customer', 'payment_method', 'card', 'source', 'bank_account', 'setup_intent', 'setup_attempt', 'mandate'))
ORDER BY id <> :subscription, kind, created DESC, id
"""
