"""Links that customers pay by, in a file of the consultant's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ghl_triage.private_file import replace_text


def write_links(links: Sequence[tuple[str, str]], folder: Path, now: int) -> Path:
    """Write the links, one a line after the customer's address, into a file that only its owner may read.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"links-{now}.tsv"
    replace_text(path, "".join(f"{who}\t{link}\n" for who, link in links))
    return path
