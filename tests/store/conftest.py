"""A store of each test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store lies; its folder is not there yet."""
    return tmp_path / "data" / "acme.sqlite3"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    """A new store, for writing."""
    with Writer(path) as opened:
        yield opened


@pytest.fixture
def reader(path: Path, writer: Writer) -> Iterator[Reader]:
    """The same store, for reading."""
    with Reader(path) as opened:
        yield opened
