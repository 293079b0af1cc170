"""Settings come from the environment and one file; what is wrong is said in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghl_triage.config import Settings, known_database, load_settings, remember_database
from ghl_triage.errors import UsageError

KEY = "rk_test_plantedsecret123"


def env(home: Path, **more: str) -> dict[str, str]:
    return {"GHL_TRIAGE_HOME": str(home), "STRIPE_API_KEY": KEY, **more}


def test_without_a_key_the_user_reads_what_to_set_and_how_to_see_the_demo(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No Stripe key") as caught:
        load_settings({"GHL_TRIAGE_HOME": str(tmp_path)})
    assert "STRIPE_API_KEY" in caught.value.hint
    assert "ghl-triage demo" in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("key", ["pk_test_1", "rk_test_1\x1b[2J", "rk test"])
def test_a_key_that_cannot_work_is_refused_before_any_request(tmp_path: Path, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(env(tmp_path, STRIPE_API_KEY=key))
    assert key not in str(caught.value)


def test_the_mode_follows_the_key_and_unknown_keys_count_as_live(tmp_path: Path) -> None:
    assert load_settings(env(tmp_path)).mode == "TEST"
    assert load_settings(env(tmp_path, STRIPE_API_KEY="sk_live_1")).mode == "LIVE"
    assert load_settings(env(tmp_path, STRIPE_API_KEY="sk_org_1")).mode == "LIVE"


def test_no_secret_shows_when_settings_are_printed(tmp_path: Path) -> None:
    settings = load_settings(env(tmp_path, HIGHLEVEL_TOKEN="pit-planted", HIGHLEVEL_AGENCY_TOKEN="pit-agency"))
    assert "planted" not in repr(settings)
    assert "pit-" not in repr(settings)


def test_the_file_sets_pace_caps_zone_and_keys(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        'rate = 4\nhistory_days = 120\ntimezone = "Asia/Tokyo"\n'
        '[caps]\nretries_per_invoice = 2\n[keys]\n"case.retry" = "f5"\n'
    )
    settings = load_settings(env(tmp_path))
    assert (settings.rate, str(settings.timezone), settings.caps.retries_per_invoice) == (4.0, "Asia/Tokyo", 2)
    assert settings.keymap == {"case.retry": "f5"}
    assert settings.history_days == 120
    assert load_settings(env(tmp_path), rate=0).rate == 0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("rate = ", "config.toml"),
        ("rate = -1", "rate"),
        ("history_days = 30", "history_days"),
        ("history_days = 90.5", "history_days"),
        ("history_days = 5000", "history_days"),
        ("timezone = 'Mars/Olympus'", "Mars/Olympus"),
        ("[caps]\nretries = 1", "caps.retries"),
        ("caps = 3", "caps"),
        ("[caps]\nretries_per_invoice = 'many'", "retries_per_invoice"),
    ],
)
def test_a_faulty_file_is_named_with_its_fault(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(UsageError, match=named):
        load_settings(env(tmp_path))


def test_the_store_belongs_to_the_account_not_to_the_key(tmp_path: Path) -> None:
    first = load_settings(env(tmp_path))
    assert known_database(first) is None
    path = remember_database(first, "acct_1")
    assert known_database(first) == path == tmp_path / "acct_1-test.sqlite3"
    rotated = load_settings(env(tmp_path, STRIPE_API_KEY="rk_test_rotated"))
    assert known_database(rotated) is None
    assert remember_database(rotated, "acct_1") == path
    assert known_database(first) == path
    index = tmp_path / "workspaces.json"
    assert KEY not in index.read_text()
    assert index.stat().st_mode & 0o777 == 0o600


def test_a_key_that_may_not_read_its_account_still_gets_a_store_of_its_own(tmp_path: Path) -> None:
    def store(settings: Settings) -> Path:
        return remember_database(settings, None)

    one, two = load_settings(env(tmp_path)), load_settings(env(tmp_path, STRIPE_API_KEY="rk_test_other"))
    assert store(one) != store(two)
    assert store(one) == store(one)


def test_an_index_that_is_no_index_is_survived(tmp_path: Path) -> None:
    (tmp_path / "workspaces.json").write_text("[1, 2")
    settings = load_settings(env(tmp_path))
    assert known_database(settings) is None
    assert remember_database(settings, "acct_9").name == "acct_9-test.sqlite3"


def test_a_store_behind_a_link_has_one_name_whoever_comes_which_way(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "disk"
    settings = load_settings({"STRIPE_API_KEY": "rk_test_1", "GHL_TRIAGE_HOME": str(home)})
    link = remember_database(settings, "acct_1")
    elsewhere.mkdir()
    link.symlink_to(elsewhere / "real.sqlite3")
    assert known_database(settings) == remember_database(settings, "acct_1") == elsewhere / "real.sqlite3"
