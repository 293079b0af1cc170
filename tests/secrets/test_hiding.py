"""What this process holds as a secret is hidden whatever its form; what is too short to be a key makes no holes."""

from __future__ import annotations

import pytest

from ghl_triage.secrets import known
from ghl_triage.secrets.hiding import HIDDEN, hide, shows
from ghl_triage.secrets.known import SHORTEST, among, hold


@pytest.fixture(autouse=True)
def _nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_held", {})


def test_a_key_without_any_known_form_is_hidden() -> None:
    key = "correct horse"
    said = f"The proxy answered: {key}!"
    assert hide(said) == said
    assert not shows(said)
    assert not among(said.encode())
    hold(key)
    assert hide(said) == f"The proxy answered: {HIDDEN}!"
    assert shows(said)
    assert among(said.encode())
    assert not among(b"nothing of it")


def test_what_is_too_short_for_a_key_makes_no_holes() -> None:
    hold("x" * (SHORTEST - 1), "y" * SHORTEST)
    assert hide("xxxxxxx yyyyyyyy") == f"xxxxxxx {HIDDEN}"


def test_of_two_keys_the_longer_goes_whole() -> None:
    hold("abcdefgh", "abcdefgh-and-more")
    assert hide("it is abcdefgh-and-more.") == f"it is {HIDDEN}."
