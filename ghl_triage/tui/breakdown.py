"""What is printed when the program itself is at fault: where it happened, and nothing of what it held."""

from __future__ import annotations

from rich.console import Console, Group
from rich.segment import Segments
from rich.text import Text
from rich.traceback import Traceback

LAST_FRAMES = 8
_SENTENCE = (
    "ghl-triage broke off by a fault of its own. What was stored and journaled is whole; "
    "`ghl-triage resume` shows what hangs."
)


def report(console: Console, error: BaseException) -> Segments:
    """The last frames of an error without their variables, and what it means for the user's work."""
    frames = Traceback.from_exception(
        type(error), error, error.__traceback__, show_locals=False, max_frames=LAST_FRAMES
    )
    return Segments(console.render(Group(frames, Text(_SENTENCE))))
