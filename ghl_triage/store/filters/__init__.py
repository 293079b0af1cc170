"""The filter language of design.md section 8: parse, write back, turn into SQL, complete; views and sort orders."""

from ghl_triage.store.filters.completion import complete, completed
from ghl_triage.store.filters.qualifiers import QUALIFIERS, Qualifier
from ghl_triage.store.filters.query import Anything, Bound, Exact, FilterQuery, Match, Measure, Range, Word
from ghl_triage.store.filters.sorting import DEFAULT_SORT, Sort, SortKey, order_for, parse_sort
from ghl_triage.store.filters.sql import CompiledFilter, to_sql
from ghl_triage.store.filters.syntax import parse
from ghl_triage.store.filters.views import VIEWS, View

__all__ = [
    "DEFAULT_SORT",
    "QUALIFIERS",
    "VIEWS",
    "Anything",
    "Bound",
    "CompiledFilter",
    "Exact",
    "FilterQuery",
    "Match",
    "Measure",
    "Qualifier",
    "Range",
    "Sort",
    "SortKey",
    "View",
    "Word",
    "complete",
    "completed",
    "order_for",
    "parse",
    "parse_sort",
    "to_sql",
]
