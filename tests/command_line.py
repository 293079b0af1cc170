"""`ghl-triage` as its user runs it, in this process: arguments in, output and exit code out."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import pytest

from ghl_triage.cli import main
from tests.sandbox_server import SandboxServer


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its standard output, which holds one JSON document and nothing else."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A shell with the environment set for one sandbox and one home folder."""

    environment: dict[str, str]
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str, **more: str) -> Ran:
        """Run a command to its end, at no pace: the sandbox has time."""
        environment = {**self.environment, **more}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "HIGHLEVEL_"))}
        self.capsys.readouterr()
        with (
            patch.dict(os.environ, {**clean, **environment}, clear=True),
            patch("sys.argv", ["ghl-triage", "--rate", "0", *arguments]),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        printed = self.capsys.readouterr()
        return Ran(int(ended.value.code or 0), click.unstyle(printed.out), click.unstyle(printed.err))


def environment_of(sandbox: SandboxServer, home: Path) -> dict[str, str]:
    """What points ghl-triage at a sandbox."""
    info = sandbox.info()
    return {
        "STRIPE_API_KEY": info["stripe_key"],
        "STRIPE_API_BASE": sandbox.stripe_base,
        "HIGHLEVEL_TOKEN": info["highlevel_token"],
        "HIGHLEVEL_AGENCY_TOKEN": info["highlevel_agency_token"],
        "HIGHLEVEL_LOCATION_ID": info["highlevel_location_id"],
        "HIGHLEVEL_API_BASE": sandbox.highlevel_base,
        "GHL_TRIAGE_HOME": str(home),
    }
