"""What a store is known by, for every start: its schema itself (migrations/) is loaded only where it is to be made."""

from __future__ import annotations

APPLICATION_ID = 0x47484C54
"""Marks an SQLite file as ours ("GHLT"), in its header (SQLite's PRAGMA application_id)."""
VERSION = 9
"""The schema that this program reads and writes: the number of its migrations; the file keeps it in user_version."""
