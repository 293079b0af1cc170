"""What is said when the program itself is at fault: where it happened, and nothing of what it held.

Python's own reports print what an exception says as it stands, and it may say anything: an answer, a link, a key.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import ExceptHookArgs

LAST_FRAMES = 8
SENTENCE = (
    "ghl-triage broke off by a fault of its own. What was stored and journaled is whole; "
    "`ghl-triage resume` shows what hangs."
)


def told(error: BaseException) -> str:
    """The last frames of an error, without variables, secrets and control characters; ends with a line break."""
    from traceback import TracebackException

    from ghl_triage.secrets.hiding import hide

    text = "".join(TracebackException.from_exception(error, limit=-LAST_FRAMES).format())
    return "".join(each if each.isprintable() or each == "\n" else "�" for each in hide(text))


def guard() -> None:
    """Let nothing of this process be written down by whoever reports a fault: hooks of Python, and core dumps.

    Hooks that somebody else has set (a test runner, a debugger) stay.
    """
    import threading

    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _unraisable
    _no_core_dump()


def _no_core_dump() -> None:
    """A core dump is a copy of the memory, keys included, that crash collectors keep."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _uncaught(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    _say(f"{SENTENCE}\n{told(error)}")


def _uncaught_in_thread(args: ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        name = args.thread.name if args.thread else "a thread"
        _say(f"In {name}:\n{told(args.exc_value)}")


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    if args.exc_value is not None:
        _say(f"Ignored in {type(args.object).__name__}:\n{told(args.exc_value)}")


def _say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text)
