"""The standard streams as they are found: closed, full, in another encoding, or with nobody at their other end."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from io import TextIOWrapper

_LOST = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def prepare() -> None:
    """Make the streams fit to be written to, before anything else is opened.

    Into a file or a pipe goes UTF-8, whatever the locale says: it is data. A terminal gets what it can show.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _fill()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _fill() -> None:
    """Open what is closed. Its number would be given to the next file: the store would be written to as a stream."""
    while (opened := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(opened)
    sys.stdin = sys.stdin or open(0)  # noqa: SIM115 - they stay open to the end
    sys.stdout = sys.stdout or open(1, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w")  # noqa: SIM115


def is_lost(fault: OSError) -> bool:
    """Whether this is an output that takes nothing more: a full disk, or a reader that went away."""
    return fault.errno in _LOST and fault.filename is None


def give_up() -> None:
    """Write nothing more to standard output: Python would try once more when it ends, and complain."""
    with suppress(OSError, ValueError):
        number = sys.stdout.fileno()
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, number)
        os.close(nothing)
