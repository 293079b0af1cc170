"""Reads cases by the many: lists, sums, facets, groups, and what the reports go through."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from ghl_triage.model import QUEUE, ActionKind, CaseRow, Cause, Stage
from ghl_triage.model import Path as SoldThrough
from ghl_triage.store.connection import as_store_errors, reading
from ghl_triage.store.facets import Facets, StageTotal, Totals, count_facets, count_views, view_filters
from ghl_triage.store.filters import CompiledFilter, FilterQuery, Sort
from ghl_triage.store.scan import cases_for
from ghl_triage.store.statements import chunks, marks
from ghl_triage.store.sync_reads import SyncReads

if TYPE_CHECKING:
    from ghl_triage.store.groups import Group
    from ghl_triage.store.network_codes import NetworkCode
    from ghl_triage.store.report_rows import ReportCase
    from ghl_triage.store.signatures import FoundSignature
    from ghl_triage.trial import Trial

MOST_KEPT = 32
"""Counts that a reader keeps for as long as nobody writes."""
_Answer = TypeVar("_Answer")


class CaseLists(SyncReads):
    """The half of the Reader that asks about many cases; whoever derives from it sets path and connection."""

    def __init__(self) -> None:
        self._counted: dict[Hashable, Any] = {}
        self._counted_at = -1

    def data_version(self) -> int:
        """A number that changes when another connection has written."""
        return int(self._one("PRAGMA data_version"))

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
            lines = self._all(f"SELECT {_ROW} FROM cases WHERE row IN ({marks(part)})", part)  # noqa: S608
            with reading(self._path):
                found |= {each[0]: _case_row(each) for each in lines}
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
        with reading(self._path):
            by_name = {name: Stage(name) for name, *_ in found}
        for name, currency, count, amount in found:
            stage = by_name[name]
            counts[stage] = counts.get(stage, 0) + count
            amounts.setdefault(stage, {})[currency] = amount
        by_stage = {stage: StageTotal(counts[stage], amounts[stage]) for stage in Stage if stage in counts}
        return Totals(sum(counts.values()), by_stage)

    def facets(self, query: FilterQuery, now: int, *, default_queue: bool = True) -> Facets:
        """How the cases spread over path, cause and currency under a filter, and how many each view has by itself."""
        with reading(self._path):
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

        with reading(self._path):
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

        with reading(self._path):
            yield from report_cases(self._connection)

    def signatures(self) -> list[FoundSignature]:
        """The kinds of subscriptions that occur, the most frequent first."""
        from ghl_triage.store.signatures import found_signatures

        with reading(self._path):
            return found_signatures(self._connection)

    def application_names(self) -> dict[str, str]:
        """The names of Connect applications, by id."""
        from ghl_triage.store.signatures import application_names

        with reading(self._path):
            return application_names(self._connection)

    def trials(self, *, since: int | None = None, until: int | None = None) -> Iterator[Trial]:
        """The trials that end, or ended, in [since, until), by their end; None is no bound. Running ones among them."""
        from ghl_triage.store.trials import read_trials

        with reading(self._path):
            yield from read_trials(self._connection, since=since, until=until)


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
