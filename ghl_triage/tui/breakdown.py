"""What is printed when the app breaks off: where it happened, and nothing of what it held."""

from __future__ import annotations

from rich.console import Console, Group
from rich.segment import Segments
from rich.text import Text

from ghl_triage.breakdown import SENTENCE, told


def report(console: Console, error: BaseException) -> Segments:
    """The last frames of an error without their variables, and what it means for the user's work."""
    return Segments(console.render(Group(Text(told(error).rstrip()), Text(SENTENCE))))
