"""What is imported by `ghl-triage --help` and until the first row is painted, and what must not be."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import report
from benchmarks.many_cases import workspace
from benchmarks.worlds import NOWHERE

NOT_BY_HELP = frozenset({"textual", "stripe", "httpx", "sqlite_utils"})
NOT_BY_FIRST_PAINT = frozenset({"stripe", "httpx", "sqlite_utils", "keyring", "tomlkit", "jinja2"})
_MODULES = "import sys; print('\\n'.join(sys.modules))"
HELP = f"""
import sys; sys.argv = ['ghl-triage', '--help']
from ghl_triage.cli import main
try: main()
except SystemExit: {_MODULES}
"""


def main() -> None:
    """Print the figures; ends with an error where something heavy was imported."""
    plain = _modules(["-c", _MODULES])
    asked = _modules(["-c", HELP])
    textual = _modules(["-c", f"import textual.app, textual.widgets._data_table; {_MODULES}"])
    with tempfile.TemporaryDirectory() as home:
        environment = {"STRIPE_API_KEY": "rk_test_bench", "STRIPE_API_BASE": NOWHERE}
        workspace(Path(home), environment, "acct_bench")
        painted = _modules(["-m", "benchmarks.first_paint"], {**environment, "GHL_TRIAGE_HOME": home})
    wrong = [*sorted(asked & NOT_BY_HELP), *sorted(painted & NOT_BY_FIRST_PAINT)]
    report("help_modules", len(asked), len(plain), 1, heavy=" ".join(sorted(asked & NOT_BY_HELP)))
    report("first_paint_modules", len(painted), len(textual), 1, heavy=" ".join(sorted(painted & NOT_BY_FIRST_PAINT)))
    sys.exit(1 if wrong else 0)


def _modules(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> set[str]:
    """The lines that a program prints, of which the modules are some."""
    ran = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {line for line in ran.stdout.splitlines() if line.replace(".", "").replace("_", "").isalnum()}


if __name__ == "__main__":
    main()
