"""Writes a report to a file of the user's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ghl_triage.errors import TriageError

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
    """The whole text or nothing: a reader never sees half a report. Mode 0600. Raises TriageError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError as fault:
        draft.unlink(missing_ok=True)
        raise TriageError(f"{path} cannot be written: {fault.strerror}.", hint="Choose another place.") from fault
