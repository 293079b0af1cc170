"""`ghl-triage doctor`: what each key may do, and what to do about the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ghl_triage.sandbox.server import SandboxOptions
from tests.command_line import CommandLine, environment_of
from tests.sandbox_server import NOW, SandboxServer


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(customers=12, now=NOW, rate_limit=False)) as server:
        yield server


@pytest.fixture
def shell(world: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine({**environment_of(world, tmp_path), "STRIPE_API_KEY": "rk_test_sandbox", "TZ": "UTC"}, capsys)


def test_with_all_rights_and_scopes_everything_is_ok(shell: CommandLine) -> None:
    ran = shell.run("doctor", "--json")
    found = ran.document
    assert (ran.code, found["ok"], found["livemode"], found["read_only"]) == (0, True, False, False)
    assert found["account"]["name"] == "Course Creator 360"
    assert {check["state"] for check in found["checks"] if check["area"] != "Clock"} == {"ok"}
    assert {check["area"] for check in found["checks"]} == {"Stripe", "HighLevel", "HighLevel agency", "Clock"}
    assert found["keys"]["stripe_key"] == "environment (STRIPE_API_KEY)"
    assert "rk_test_sandbox" not in ran.out


def test_what_is_missing_is_told_with_its_fix_and_the_actions_go_by_it(shell: CommandLine) -> None:
    assert shell.run("sync").code == 0
    lacking = {
        "STRIPE_API_KEY": "rk_test_sandbox_without_invoice_write_without_charge_read",
        "HIGHLEVEL_TOKEN": "pit-sandbox_without_contacts.readonly",
        "HIGHLEVEL_AGENCY_TOKEN": "",
    }
    assert shell.run("cases", **lacking).code in (0, 1)
    ran = shell.run("doctor", **lacking)
    assert ran.code == 1
    assert "Missing: Charges: Read, Invoices: Write, contacts.readonly." in ran.err
    lines = ran.out.splitlines()
    place = next(number for number, line in enumerate(lines) if "Invoices: Write" in line)
    assert lines[place].split() == ["missing", "Invoices:", "Write", "retry", "a", "payment"]
    assert "rak_invoice_write: Add it to the key in the Dashboard" in lines[place + 1]
    assert "the agency token" in ran.out
    refused = shell.run("retry", "stage:failing", **lacking)
    assert (refused.code, refused.out) == (1, "")
    assert "Invoices: Write (rak_invoice_write)" in refused.err


def test_a_key_that_may_only_read_is_no_fault(shell: CommandLine) -> None:
    ran = shell.run("doctor", "--json", STRIPE_API_KEY="rk_test_sandbox_readonly")
    assert (ran.code, ran.document["ok"], ran.document["read_only"]) == (0, True, True)
    assert "may only read" in ran.err


def test_a_live_key_is_called_live_first_of_all(shell: CommandLine) -> None:
    assert shell.run("doctor", STRIPE_API_KEY="rk_live_sandbox").out.startswith("LIVE  Course Creator 360")
    assert shell.run("doctor", "--json", STRIPE_API_KEY="rk_live_sandbox").document["livemode"] is True


def test_a_refused_key_and_a_refused_token_are_called_so(shell: CommandLine) -> None:
    ran = shell.run("doctor", "--json", STRIPE_API_KEY="rk_test_expired_sandbox", HIGHLEVEL_TOKEN="pit-nobody")
    assert ran.code == 1
    missing = {check["area"]: check["name"] for check in ran.document["checks"] if check["state"] == "missing"}
    assert missing == {"Stripe": "the key", "HighLevel": "the token"}
