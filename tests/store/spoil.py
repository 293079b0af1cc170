"""Breaks pages of a store, as a failing disk does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def root_page(path: Path, name: str) -> int:
    """The page at which a table or an index begins."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0])


def pages_with(path: Path, text: str) -> list[int]:
    """The pages on which a text stands, in the order of the file."""
    size, content = page_size(path), path.read_bytes()
    pages = range(len(content) // size)
    return [page + 1 for page in pages if text.encode() in content[page * size : (page + 1) * size]]


def page_size(path: Path) -> int:
    """Bytes of a page."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA page_size").fetchone()[0])


def spoil(path: Path, *pages: int) -> None:
    """Fill these pages with noise; of the first one the file's header stays."""
    size = page_size(path)
    with path.open("r+b") as file:
        for page in pages:
            kept = 100 if page == 1 else 0
            file.seek((page - 1) * size + kept)
            file.write(b"\xfe" * (size - kept))
