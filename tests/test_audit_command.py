"""`ghl-triage audit` as its user runs it, on worlds with a known answer."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ghl_triage.sandbox.server import SandboxOptions
from ghl_triage.sandbox.world.api import WorldName
from tests.command_line import CommandLine, environment_of
from tests.sandbox_server import NOW, SandboxServer


def audit_of(world: WorldName, size: int, home: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Any, dict[str, Any]]:
    """The audit's JSON of a world, and the truth about it."""
    with SandboxServer(SandboxOptions(customers=size, now=NOW, rate_limit=False, world=world)) as sandbox:
        ran = CommandLine({**environment_of(sandbox, home), "TZ": "UTC"}, capsys).run("audit", "--format", "json")
        assert ran.code == 0, ran.err
        return ran.document, sandbox.info()["truth"]


@pytest.mark.parametrize(
    ("world", "size", "answer"),
    [
        ("hypothesis-true", 150, "supported"),
        ("undecidable", 60, "not_enough_data"),
        pytest.param("hypothesis-false", 500, "not_supported", marks=pytest.mark.slow),
        pytest.param("hypothesis-true", 600, "supported", marks=pytest.mark.slow),
    ],
)
def test_the_verdict_is_the_truth(
    world: WorldName, size: int, answer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, truth = audit_of(world, size, tmp_path, capsys)
    assert found["hypothesis"]["answer"] == answer
    missing = found["hypothesis"]["judgement"]["missing"]
    assert (missing is not None) == (truth["hypothesis"] is None)
    deploys = [
        date.fromisoformat(step["week"])
        for series in found["beginning"]
        for step in series["steps"]
        if (series["path"], series["price"]) == ("api", None) and step["before"]["share"] < step["since"]["share"]
    ]
    if truth["deploy_at"] and size >= 600:
        deployed = datetime.fromtimestamp(truth["deploy_at"], UTC).date()
        assert any(abs(week - deployed) <= timedelta(days=7) for week in deploys)


def test_a_file_for_the_client_names_nobody(
    fresh_sandbox: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = CommandLine({**environment_of(fresh_sandbox, tmp_path), "TZ": "UTC"}, capsys)
    page = tmp_path / "audit.md"
    assert shell.run("audit", "-o", str(page)).code == 0
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    text = page.read_text()
    assert text.startswith("# Why trials fail: Course Creator 360")
    assert "TEST mode" in text
    cases = shell.run("cases", "--all", "--json").document["cases"]
    assert not [case["email"] for case in cases if case["email"] and case["email"] in text]
    assert not [case["name"] for case in cases if len(case["name"]) > 8 and case["name"] in text]
    numbers = shell.run("audit", "--format", "json")
    assert not [case["email"] for case in cases if case["email"] and case["email"] in numbers.out]
    queue = [case for case in cases if case["stage"] in ("failing", "at_risk")]
    found = json.loads(numbers.out)
    assert found["waiting"]["cases"] == len(queue)
    for currency in {case["currency"] for case in queue}:
        whole = sum(case["amount_at_risk"] for case in queue if case["currency"] == currency)
        assert sum(cause["money"].get(currency, 0) for cause in found["causes"]) == whole
    named = shell.run("audit", "--format", "md", "--include-customers").out
    assert [case["email"] for case in cases if case["email"] and case["email"] in named]
