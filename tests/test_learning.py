"""Naming kinds of subscriptions from the command line, against the sandbox over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ghl_triage.sandbox.server import SandboxOptions
from ghl_triage.store.lock import WriteLock
from tests.command_line import CommandLine, environment_of
from tests.sandbox_server import NOW, SandboxServer

FOREIGN = "KartBuilder"
"""An application of the sandbox's world that nobody knows."""


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(customers=160, now=NOW, rate_limit=False)) as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def shell(world: SandboxServer, home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[CommandLine]:
    """A synced workspace without names."""
    shell = CommandLine({**environment_of(world, home), "TZ": "UTC"}, capsys)
    if not list(home.glob("*.sqlite3")):
        assert shell.run("sync").code == 0
    yield shell
    for file in home.glob("*.toml"):
        file.unlink()
        shell.run("sync")


def kinds(shell: CommandLine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shell.run("learn", "--json").document["signatures"]
    return found


def foreign(shell: CommandLine) -> list[dict[str, Any]]:
    return [kind for kind in kinds(shell) if kind["application_name"] == FOREIGN]


def cases(shell: CommandLine) -> dict[str, dict[str, Any]]:
    return {case["subscription"]: case for case in shell.run("cases", "--all", "--json").document["cases"]}


def paths(shell: CommandLine) -> dict[str, tuple[str, str, str]]:
    return {name: (case["path"], case["path_confidence"], case["path_evidence"]) for name, case in cases(shell).items()}


def toml(home: Path) -> Path:
    (file,) = home.glob("*.toml")
    return file


def test_the_list_accounts_for_every_subscription(shell: CommandLine) -> None:
    listed, whole = kinds(shell), cases(shell)
    assert sum(kind["count"] for kind in listed) == len(whole)
    assert [kind["count"] for kind in listed] == sorted((kind["count"] for kind in listed), reverse=True)
    for kind in listed:
        assert sum(part["count"] for part in kind["attributed"]) == kind["count"]
        assert 1 <= len(kind["examples"]) <= 3
        assert all(whole[one]["signature"]["price"] == kind["price"] for one in kind["examples"])
    (part,) = foreign(shell)[0]["attributed"]
    assert (part["path"], part["confidence"]) == ("unknown", "weak")


def test_highlevels_application_is_known_without_a_name(shell: CommandLine) -> None:
    document = shell.run("learn", "--json").document
    known = [kind for kind in document["signatures"] if kind["application"] == document["highlevel_application"]]
    assert known
    assert {(kind["automatic"], kind["name"]) for kind in known} == {("learned from its own transactions", None)}
    table = shell.run("learn")
    assert "HighLevel, learned from its own transactions" in table.out
    assert document["highlevel_application"] in table.err


def test_a_name_changes_the_path_of_all_its_cases_and_forgetting_changes_it_back(
    shell: CommandLine, home: Path
) -> None:
    before, kind = paths(shell), foreign(shell)[0]
    ran = shell.run("learn", kind["id"], "--path", "api", "--name", "custom [v2]", "--note", "asked Bob")
    assert (ran.code, ran.err.strip()) == (0, f"custom [v2], api: {subscriptions(kind)}, api strong")
    changed = {name: path for name, path in paths(shell).items() if path != before[name]}
    assert len(changed) == kind["count"]
    assert {(path, confidence) for path, confidence, _ in changed.values()} == {("api", "strong")}
    assert all('learned name "custom [v2]": application ca_' in evidence for _, _, evidence in changed.values())
    shown = next(one for one in kinds(shell) if one["id"] == kind["id"])
    assert (shown["name"], shown["path"], shown["note"]) == ("custom [v2]", "api", "asked Bob")
    assert toml(home).stat().st_mode & 0o777 == 0o600

    shell.run("sync")
    assert {name: path for name, path in paths(shell).items() if path != before[name]} == changed
    ran = shell.run("learn", kind["examples"][0], "--forget")
    assert (ran.code, ran.err.strip()) == (0, f"custom [v2] is forgotten: {subscriptions(kind)}, unknown weak")
    assert paths(shell) == before


def subscriptions(kind: dict[str, Any]) -> str:
    return f"{kind['count']} subscription{'' if kind['count'] == 1 else 's'}"


def test_a_name_for_any_price_holds_for_all_prices(shell: CommandLine) -> None:
    kind, *others = foreign(shell)
    assert others, "the world sells at several prices"
    told = shell.run("learn", str(kind["number"]), "--path", "checkout", "--name", "kart", "--any-price", "--json")
    assert {one["id"] for one in told.document["signatures"]} == {one["id"] for one in [kind, *others]}
    assert {one["path"] for one in foreign(shell)} == {"checkout"}


def test_surer_signs_are_told_where_they_outweigh_a_name(shell: CommandLine) -> None:
    kind = next(one for one in kinds(shell) if one["attributed"][0]["confidence"] == "certain" and not one["automatic"])
    ran = shell.run("learn", kind["id"], "--path", "api", "--name", "mine")
    assert f"({kind['count']} follow a surer sign)" in ran.err


def test_an_edit_by_hand_is_taken_over_by_the_next_sync_and_its_comments_stay(shell: CommandLine, home: Path) -> None:
    kind = foreign(shell)[0]
    shell.run("learn", kind["id"], "--path", "api", "--name", "custom")
    file = toml(home)
    file.write_text("# said on the phone\n" + file.read_text().replace('path = "api"', 'path = "highlevel"  # no!'))
    assert "the next sync takes it over" in shell.run("learn").err
    shell.run("sync")
    assert paths(shell)[kind["examples"][0]][0] == "highlevel"
    other = foreign(shell)[1]
    shell.run("learn", other["id"], "--path", "api", "--name", "other")
    assert "# said on the phone" in file.read_text()
    assert "# no!" in file.read_text()


def test_a_broken_file_is_told_with_its_line_and_stops_no_sync(shell: CommandLine, home: Path) -> None:
    kind = foreign(shell)[0]
    shell.run("learn", kind["id"], "--path", "api", "--name", "custom")
    named = paths(shell)
    toml(home).write_text('[[signatures]]\nname = "custom"\npath = api\n')
    ran = shell.run("learn", kind["id"], "--path", "checkout", "--name", "custom")
    assert (ran.code, f"{toml(home)}, line 3: " in ran.err) == (2, True)
    synced = shell.run("sync")
    assert (synced.code, f"{toml(home).name}, line 3: " in synced.err) == (0, True)
    assert paths(shell) == named, "what was known stays"


def test_a_busy_store_keeps_the_name_for_the_next_sync(
    shell: CommandLine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ghl_triage.learning.LOCK_SECONDS", 0.0)
    kind = foreign(shell)[0]
    (store,) = home.glob("*.sqlite3")
    with WriteLock(store, "sync"):
        ran = shell.run("learn", kind["id"], "--path", "api", "--name", "custom")
    assert ran.code == 4
    assert "The next sync applies it" in ran.err
    assert foreign(shell)[0]["name"] is None
    shell.run("sync")
    assert foreign(shell)[0]["name"] == "custom"
    assert paths(shell)[kind["examples"][0]][:2] == ("api", "strong")


def test_a_path_is_set_by_hand_and_left_to_the_signs_again(shell: CommandLine) -> None:
    before = paths(shell)
    one, two, *_ = before
    ran = shell.run("set-path", one, two, "highlevel", "--json")
    assert [case["subscription"] for case in ran.document["cases"]] == [one, two]
    assert [paths(shell)[each] for each in (one, two)] == [("highlevel", "certain", "set by hand")] * 2
    shell.run("sync")
    assert paths(shell)[one][0] == "highlevel"
    assert f"{one}  " in shell.run("set-path", one, two, "auto").out
    assert paths(shell) == before


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["set-path", "sub_nobody", "api"], "sub_nobody"),
        (["set-path", "sub_1", "elsewhere"], "elsewhere"),
        (["set-path", "sub_1"], "End with one of api"),
        (["set-path", "api"], "Which subscriptions"),
        (["learn", "--path", "api"], "number or id"),
        (["learn", "99999", "--path", "api", "--name", "x"], "99999"),
        (["learn", "1", "--path", "api"], "--name"),
        (["learn", "1", "--path", "api", "--forget"], "--forget"),
        (["learn", "1", "--forget"], "no name"),
    ],
)
def test_what_cannot_be_done_says_why(shell: CommandLine, arguments: list[str], word: str) -> None:
    ran = shell.run(*arguments)
    assert (ran.code, word in ran.err) == (2, True)


def test_one_kind_is_shown_with_examples(shell: CommandLine) -> None:
    kind = foreign(shell)[0]
    ran = shell.run("learn", kind["id"])
    assert FOREIGN in ran.out
    assert " ".join(kind["examples"]) in ran.out
    assert shell.run("learn", kind["examples"][0], "--json").document == kind


def test_the_app_hears_how_far_the_new_verdicts_are(shell: CommandLine) -> None:
    kind = foreign(shell)[0]
    ran = shell.run("learn", kind["id"], "--path", "api", "--name", "custom", "--follow")
    *steps, last = [json.loads(line) for line in ran.out.splitlines()]
    assert steps[0]["done"] == 0
    assert steps[-1]["done"] == steps[-1]["total"] >= 1
    assert last["said"].startswith("custom, api: ")
