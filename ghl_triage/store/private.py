"""Files and folders that are the user's alone: made so whatever the umask, and made so again where they are ours.

A store that was copied by hand, or made under an older umask, is mended in silence when it is opened. A folder is
mended where it holds nothing but our files; one that the user keeps other things in is his to decide about, and
`store check` tells him.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

FILE, FOLDER = 0o600, 0o700
SIDES = (
    "",
    "-wal",
    "-shm",
    ".lock",
    ".setup",
    ".waiting",
    ".sync.lock",
    ".sync.waiting",
    ".finishes.lock",
    ".finishes.waiting",
)
"""What SQLite and the locks keep beside a store, by the ending of their names."""
_OTHERS = 0o077
_OURS = (".sqlite3", ".toml")
_OUR_NAMES = ("workspaces.", "app.log", "links")


def open_private(path: Path) -> int:
    """Open a file for reading and writing, made where there is none; its descriptor. Raises OSError."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE)
    status = os.fstat(descriptor)
    if stat.S_IMODE(status.st_mode) != FILE and status.st_uid == os.geteuid():
        os.fchmod(descriptor, FILE)
    return descriptor


def private_file(path: Path) -> None:
    """See to it that the file is there, the user's alone. Raises OSError."""
    os.close(open_private(path))


def private_folder(path: Path) -> None:
    """See to it that the folder is there; one that is made here is the user's alone. Raises OSError."""
    if not path.is_dir():
        path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        path.chmod(FOLDER)


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but the owner may read or write it; False where it is not there."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def mend(database: Path) -> None:
    """Take from others what they may do with our files; two looks where nothing is to be done."""
    if is_open_to_others(database):
        for side in SIDES:
            _take_back(database.with_name(database.name + side), FILE)
    if is_open_to_others(database.parent) and holds_ours_alone(database.parent):
        _take_back(database.parent, FOLDER)


def holds_ours_alone(folder: Path) -> bool:
    """Whether nothing lies in the folder that another program, or the user, put there."""
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    return all(name.lstrip(".").startswith(_OUR_NAMES) or any(ending in name for ending in _OURS) for name in names)


def _take_back(path: Path, mode: int) -> None:
    try:
        status = path.stat()
        if status.st_uid == os.geteuid() and status.st_mode & _OTHERS and not status.st_mode & stat.S_ISVTX:
            path.chmod(mode)
    except OSError:
        return
