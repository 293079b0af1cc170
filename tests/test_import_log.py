"""`ghl-triage import-log`: the client's own log beside the cases, read from outside like everything else."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import CommandLine, environment_of
from tests.sandbox_server import NOW, SandboxServer

SECRET = "pi_123456789abc_secret_Xy9zz"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all: a line that is imported hinders no other."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def shell(sandbox: SandboxServer, home: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine({**environment_of(sandbox, home), "TZ": "UTC", "HIGHLEVEL_TOKEN": ""}, capsys)


def log(path: Path, *records: Any) -> str:
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in records) + "\n")
    return str(path)


def test_lines_stand_in_the_history_and_are_a_finding_once(shell: CommandLine, home: Path, tmp_path: Path) -> None:
    one, other = shell.run("cases", "--json").document["cases"][:2]
    stamp = (NOW - 3_600) * 1_000
    file = log(
        tmp_path / "app.log",
        {"ts": "2026-11-22T10:00:00Z", "subscription": one["subscription"], "message": "client_secret is null"},
        "REPORT RequestId: plain text",
        {"timestamp": stamp, "eventId": "e2", "message": f"mail to {other['email'].upper()} said {SECRET}"},
        {"timestamp": stamp, "eventId": "e3", "message": "nobody"},
    )
    ran = shell.run("import-log", file)
    assert ran.code == 0
    assert "2 of them new" in ran.err
    assert "1 name nobody" in ran.err
    assert "cannot be read: line 2" in ran.err

    found = shell.run("cases", "finding:client_secret_null_logged", "--json").document["cases"]
    assert [case["subscription"] for case in found] == [one["subscription"]]
    shown = shell.run("show", one["subscription"]).out
    assert "app.log:1  client_secret = null" in shown
    assert "app.log:1 client_secret is null" in shown
    whole = shell.run("show", other["subscription"], "--json").document
    (line,) = [row for row in whole["timeline"] if row["kind"] == "log"]
    assert line["summary"].startswith("app.log:3")
    assert line["lane"] == "api"
    stores = list(home.glob("*.sqlite3*"))
    assert stores
    assert not [each for each in stores if SECRET.encode() in each.read_bytes()]

    again = shell.run("import-log", "--json", file).document["files"]
    assert again == [{"file": "app.log", "lines": 4, "kept": 2, "new": 0, "nobody": 1, "unreadable": [2]}]


def test_a_file_that_is_cut_off_keeps_what_was_read_and_says_so(shell: CommandLine, tmp_path: Path) -> None:
    named = shell.run("cases", "--json").document["cases"][-1]["subscription"]
    line = {"ts": NOW - 60, "subscription": named, "message": "client_secret is null"}
    (tmp_path / "app.log.gz").write_bytes(gzip.compress((json.dumps(line) + "\n" + "{}\n" * 50_000).encode())[:-6])
    ran = shell.run("import-log", str(tmp_path / "app.log.gz"))
    assert ran.code == 1
    assert "cannot be read to its end" in ran.err
    assert shell.run("sync").code == 0
    found = shell.run("cases", "finding:client_secret_null_logged", "--json").document["cases"]
    assert named in {case["subscription"] for case in found}, "what was kept bears on the verdict"
    assert shell.run("import-log", str(tmp_path / "none.log")).code == 2


def test_a_file_without_one_line_of_a_log_is_a_failure(shell: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    ran = shell.run("import-log", str(tmp_path / "picture.png"))
    assert ran.code == 1
    assert "No line of picture.png can be read." in ran.err
