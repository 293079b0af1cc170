"""What the documents say is there is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ghl_triage.cli.commands import commands
from ghl_triage.config import load_settings
from ghl_triage.errors import TriageError
from ghl_triage.store.filters import QUALIFIERS, parse
from ghl_triage.tui.keys import all_keys

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The README's code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("document", sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")]), ids=lambda p: p.name)
def test_every_link_to_a_file_of_ours_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (document.parent / target).exists()]
    assert missing == []


def test_the_readme_names_every_command_that_a_user_can_see() -> None:
    visible = {name for name, command in commands.commands.items() if not command.hidden}
    unnamed = {name for name in visible if not re.search(rf"(?:ghl-triage|make) {re.escape(name)}\b", README)}
    assert unnamed == set()


def test_the_readme_s_settings_are_settings(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    (tmp_path / "config.toml").write_text(text)
    settings = load_settings({"GHL_TRIAGE_HOME": str(tmp_path), "STRIPE_API_KEY": "rk_test_1"})
    assert settings.return_url == tomllib.loads(text)["return_url"]
    assert set(settings.keymap) <= {key.id for key in all_keys()}


def test_the_readme_s_filters_can_be_read_and_name_all_qualifiers() -> None:
    (examples,) = blocks("text")
    for line in examples.splitlines():
        try:
            parse(re.split(r"\s{2,}", line)[0])
        except TriageError as fault:
            pytest.fail(f"{line}: {fault}")
    assert [name for name in QUALIFIERS if f"{name}:" not in README] == []
