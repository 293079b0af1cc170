"""Writes a report to a file of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ghl_triage.errors import TriageError
from ghl_triage.private_file import replace_text

if TYPE_CHECKING:
    from ghl_triage.report.document import Document


def rendered(document: Document, form: Literal["md", "html"]) -> str:
    """The document in a format to hand over."""
    if form == "md":
        from ghl_triage.report import markdown

        return markdown.render(document)
    from ghl_triage.report import html

    return html.render(document)


def write(path: Path, text: str) -> None:
    """The whole text or nothing: a reader never sees half a report. Mode 0600. Raises TriageError.

    A folder that is not there is not made: it is a slip of the pen, and the report would be sought elsewhere.
    """
    try:
        path.resolve().parent.stat()
        replace_text(path, text)
    except OSError as fault:
        raise TriageError(f"{path} cannot be written: {fault.strerror}.", hint="Choose another place.") from fault
