"""What must not be imported is not: start-up time is made of imports (measured: textual alone is half of it)."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"textual", "stripe", "httpx", "sqlite_utils", "starlette", "uvicorn", "babel", "rich"}


def modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after running the code."""
    tail = "\nimport sys; print('\\n'.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    run = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['ghl-triage', '--help']\n"
        "from ghl_triage.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
    )
    assert not HEAVY & modules_after(code)
