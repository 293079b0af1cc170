"""Looking at a store's header must not cost this process its locks on it.

POSIX drops all locks of a process on a file when it closes any descriptor of that file (sqlite.org/howtocorrupt.html,
2.2). A reader that lost its lock does not keep another process from taking the write-ahead log away under it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ghl_triage.store.reader import Reader
from ghl_triage.store.schema import open_store, stored_version
from ghl_triage.store.writer import Writer

_OTHER_PROCESS = """
import sys
from pathlib import Path
from ghl_triage.store.writer import Writer
writer = Writer(Path(sys.argv[1]))
for number in range(200):
    writer.save_cursor(f"name {number}", "x" * 4_000)
writer.close()
"""


def test_a_reader_stays_sound_while_the_header_is_looked_at_and_others_write_and_leave(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    Writer(path).close()
    with Reader(path) as reader:
        for _ in range(3):
            assert reader.cursor("name 5") in (None, "x" * 4_000)
            open_store(path)
            stored_version(path)
            Reader(path).close()
            subprocess.run([sys.executable, "-c", _OTHER_PROCESS, str(path)], check=True)
            # The other process was not the last to leave: it must have left the log to us.
            assert path.with_name(f"{path.name}-wal").exists()
            assert reader.cursor("name 199") == "x" * 4_000


def test_whoever_made_the_file_keeps_his_locks_on_it_too(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    with Writer(path) as writer, Reader(path) as reader:
        writer.save_cursor("mine", "1")
        subprocess.run([sys.executable, "-c", _OTHER_PROCESS, str(path)], check=True)
        assert path.with_name(f"{path.name}-wal").stat().st_size > 0
        assert (reader.cursor("mine"), reader.cursor("name 199")) == ("1", "x" * 4_000)
        writer.save_cursor("mine", "2")
        assert reader.cursor("mine") == "2"
