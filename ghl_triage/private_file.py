"""Writes files that are the user's own: whole or not at all, and for nobody else to read."""

from __future__ import annotations

import os
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Put `text` in the place of the file, which is made with mode 0600; a link keeps leading to it. Raises OSError.

    Its folder is made where there is none, with mode 0700. A reader sees the old text or the new one, never a part,
    whatever is cut off when.
    """
    import tempfile

    target = path.resolve()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
