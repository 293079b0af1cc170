"""What must not be imported is not: start-up time is made of imports (measured: textual alone is half of it)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ghl_triage.config import load_settings, remember_database
from ghl_triage.store.writer import Writer
from tests.store.given import case

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


def test_the_first_row_is_painted_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    environment = {"STRIPE_API_KEY": "rk_test_x", "STRIPE_API_BASE": "http://127.0.0.1:9"}
    environment |= {"GHL_TRIAGE_HOME": str(tmp_path), "TZ": "UTC"}
    with Writer(remember_database(load_settings(environment), "acct_1")) as writer:
        writer.save_cases([case(7)])
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.first_paint"],
        cwd=Path(__file__).parents[1],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    row, *modules = run.stdout.splitlines()
    assert "user7@acme.test" in row
    assert "textual" in modules
    assert not {"stripe", "httpx", "sqlite_utils", "keyring", "tomlkit", "jinja2", "babel"} & set(modules)
