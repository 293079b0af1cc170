"""What a sync leaves behind comes back, and reading needs nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ghl_triage.model import Coverage, PartState, SyncPart, SyncProgress
from ghl_triage.model import Path as SoldThrough
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, case, subscription


def test_what_was_saved_comes_back(writer: Writer, reader: Reader) -> None:
    assert (reader.coverage(), reader.sync_status(), reader.account()) == (Coverage(), None, None)
    assert (reader.clock_offset(), reader.cursor("events")) == (0, None)
    coverage = Coverage(checkout_sessions_since=NOW, highlevel_subscriptions_read=True, highlevel_application="ca_1")
    part = SyncPart("charges", PartState.FAILED, 7, "timed out", NOW + 20)
    progress = SyncProgress("full", (part,), 10, 20, 30, NOW, True, ("HighLevel: no token",), None)
    writer.save_coverage(coverage)
    writer.save_sync_status(progress)
    writer.set_clock_offset(-3)
    writer.save_cursor("events", "123")
    assert (reader.coverage(), reader.sync_status()) == (coverage, progress)
    assert (reader.clock_offset(), reader.cursor("events"), writer.cursor("events")) == (-3, "123", "123")
    writer.save_cursor("events", None)
    assert reader.cursor("events") is None


def test_the_consultants_word_on_a_path_is_kept_until_taken_back(writer: Writer, reader: Reader) -> None:
    writer.write_objects([subscription()], fetched_at=NOW)
    writer.set_path_override("sub_1", SoldThrough.CHECKOUT)
    assert reader.records("cus_1").path_overrides == {"sub_1": SoldThrough.CHECKOUT}
    writer.set_path_override("sub_1", None)
    assert reader.records("cus_1").path_overrides == {}


def test_rows_and_their_cursor_are_one_commit(writer: Writer, reader: Reader) -> None:
    try:
        with writer.together():
            writer.write_objects([subscription()], fetched_at=NOW)
            writer.save_cursor("subscriptions", "1")
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert reader.cursor("subscriptions") is None
    assert reader.raw("sub_1") is None


_FIRST_PAINT = """
import sys
from pathlib import Path
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader
from ghl_triage.store.schema import open_store
open_store(Path(sys.argv[1]))
reader = Reader(Path(sys.argv[1]))
rows = reader.case_rows(reader.ids(to_sql(parse(""), 0), DEFAULT_SORT, 100))
assert rows[0].subscription == "sub_1"
print(" ".join(name for name in ("sqlite_utils", "orjson", "click", "babel", "difflib") if name in sys.modules))
"""


def test_the_first_rows_cost_no_heavy_import(path: Path) -> None:
    with Writer(path) as writer:
        writer.save_cases([case()])
    ran = subprocess.run(
        [sys.executable, "-c", _FIRST_PAINT, str(path)], check=True, capture_output=True, text=True, timeout=60
    )
    assert ran.stdout.strip() == ""
