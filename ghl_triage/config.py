"""What the user set: keys and addresses from the environment, habits from one TOML file.

Keys never stand in the file. With `GHL_TRIAGE_HOME` set, settings, data and log lie in that one folder; else where the
system keeps such things (platformdirs).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ghl_triage.errors import StoreError, UsageError
from ghl_triage.model import Caps
from ghl_triage.secrets.known import HANDED, LONGEST, VARIABLES, hold

STRIPE_BASE = "https://api.stripe.com"
HIGHLEVEL_BASE = "https://services.leadconnectorhq.com"
LIVE_RATE, TEST_RATE = 20.0, 15.0
"""Requests a second that we allow ourselves; Stripe allows 100 and 25 (domain: Stripe's page "Rate limits")."""
HISTORY_DAYS, MOST_HISTORY_DAYS = 60, 730
"""How far back a load reads, at least and at most: verdicts look back sixty days."""
_LONGEST_ACCOUNT = 80
"""Characters of an account's id that stand in the name of its file."""
_STRANGERS = {"stripe_key": ("pit-", "eyJ", "whsec_"), "highlevel": ("sk_", "rk_", "pk_", "whsec_")}
"""How secrets begin that are no such key: mixed up, one system's key would be sent to another one."""
_NO_KEY_HINT = (
    "Set STRIPE_API_KEY to a restricted key (rk_test_… or rk_live_…), or store one with "
    "`ghl-triage keys set stripe_key`, or run `ghl-triage demo` to see it on made-up data."
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a run needs to know. `rate` is in requests a second, 0 for no limit; times are shown in `timezone`."""

    stripe_key: str = field(repr=False)
    stripe_base: str
    livemode: bool
    data_dir: Path
    log_dir: Path
    highlevel_token: str = field(default="", repr=False)
    highlevel_location: str = ""
    highlevel_agency_token: str = field(default="", repr=False)
    highlevel_company: str = ""
    highlevel_base: str = HIGHLEVEL_BASE
    rate: float = TEST_RATE
    history_days: int = HISTORY_DAYS
    """How far back charges, set-ups and payments are read."""
    read_only: bool = False
    caps: Caps = field(default_factory=Caps)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    locale: str = "en_US"
    theme: str = "textual-dark"
    keymap: Mapping[str, str] = field(default_factory=dict)
    return_url: str = "https://stripe.com"
    """Where Stripe's pages send a customer afterwards: the seller's own site."""
    name: str = ""

    def __post_init__(self) -> None:
        hold(self.stripe_key, self.highlevel_token, self.highlevel_agency_token)

    @property
    def mode(self) -> str:
        """TEST or LIVE, the word that is always on the screen."""
        return "LIVE" if self.livemode else "TEST"


def load_settings(
    env: Mapping[str, str] = os.environ, *, rate: float | None = None, read_only: bool = False
) -> Settings:
    """The settings of this run.

    Raises UsageError where no key is set, the key is a publishable one, or the file cannot be understood.
    """
    config_dir, data_dir, log_dir = folders(env)
    path = config_dir / "config.toml"
    written = _written(path)
    keys = _keys(env, path, written)
    key = keys["stripe_key"]
    if not key:
        raise UsageError("No Stripe key is set.", hint=_NO_KEY_HINT)
    livemode = "_test_" not in key
    pace = rate if rate is not None else _number(written, "rate", LIVE_RATE if livemode else TEST_RATE)
    return Settings(
        stripe_key=key,
        stripe_base=_base(env, "STRIPE_API_BASE", STRIPE_BASE),
        livemode=livemode,
        data_dir=data_dir,
        log_dir=log_dir,
        highlevel_token=keys["highlevel_token"],
        highlevel_location=env.get("HIGHLEVEL_LOCATION_ID", "").strip(),
        highlevel_agency_token=keys["highlevel_agency_token"],
        highlevel_company=env.get("HIGHLEVEL_COMPANY_ID", "").strip(),
        highlevel_base=_base(env, "HIGHLEVEL_API_BASE", HIGHLEVEL_BASE),
        rate=pace,
        history_days=_history(written),
        read_only=read_only,
        caps=_caps(written.get("caps", {})),
        timezone=_zone(str(written.get("timezone", "")) or _system_zone(env)),
        locale=str(written.get("locale", "en_US")),
        theme=str(written.get("theme", "textual-dark")),
        return_url=str(written.get("return_url", "https://stripe.com")),
        keymap={str(name): str(keys) for name, keys in dict(written.get("keys", {})).items()},
    )


def folders(env: Mapping[str, str]) -> tuple[Path, Path, Path]:
    """The folders of the settings file, the data and the log."""
    home = env.get("GHL_TRIAGE_HOME", "")
    if home:
        folder = Path(home).expanduser()
        return folder, folder, folder
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("ghl-triage", appauthor=False)
    return dirs.user_config_path, dirs.user_data_path, dirs.user_log_path


def known_database(settings: Settings) -> Path | None:
    """The store of the account behind this key, where an earlier run learned which account that is."""
    name = _known_keys(settings).get(fingerprint(settings))
    return _store(settings, name) if name else None


def remember_database(settings: Settings, account: str | None) -> Path:
    """The store of this account and mode, kept so that the next start finds it before any answer of Stripe's.

    The file belongs to the account, not to the key: a rotated key opens the same notes and the same journal.
    `account` is None where the key may not read it; then the key itself names the file.
    """
    mark = fingerprint(settings)
    safe = re.sub(r"[^A-Za-z0-9_]", "", account or f"key_{mark}")[:_LONGEST_ACCOUNT]
    name = f"{safe}-{settings.mode.lower()}.sqlite3"
    known = _known_keys(settings)
    if known.get(mark) != name:
        _write_index(settings.data_dir / "workspaces.json", json.dumps({**known, mark: name}, indent=1))
    return _store(settings, name)


def _store(settings: Settings, name: str) -> Path:
    """The file itself where a link leads to it: its locks and copies lie beside it, whoever comes which way."""
    path = settings.data_dir / name
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _write_index(index: Path, text: str) -> None:
    from ghl_triage.private_file import replace_text

    try:
        replace_text(index, text)
    except OSError as fault:
        raise StoreError(
            f"The folder {index.parent} cannot be written: {fault.strerror}.",
            hint="Make room on the disk, or check that it belongs to you; GHL_TRIAGE_HOME names another one.",
        ) from fault


def _known_keys(settings: Settings) -> dict[str, str]:
    try:
        known = json.loads((settings.data_dir / "workspaces.json").read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): Path(str(name)).name for key, name in known.items()} if isinstance(known, dict) else {}


def fingerprint(settings: Settings) -> str:
    """What a key is known by where it must not stand itself: a one-way digest, which gives nobody the key."""
    return hashlib.sha256(f"{settings.stripe_base}\n{settings.stripe_key}".encode()).hexdigest()[:20]


def _written(path: Path) -> dict[str, Any]:
    try:
        path.stat()
    except FileNotFoundError:
        return {}
    except OSError:
        pass  # whoever reads it says what is wrong
    from ghl_triage.settings_file import read_settings

    return read_settings(path)


def _keys(env: Mapping[str, str], path: Path, written: Mapping[str, Any]) -> Mapping[str, str]:
    """The keys by name: from the environment, else from where the settings say."""
    if HANDED in env or "secrets" in written:
        from ghl_triage.secrets.asking import keys_of

        keys = keys_of(env, path, written)
    else:
        keys = {name: env.get(variable, "").strip() for name, variable in VARIABLES.items()}
    for name, key in keys.items():
        usable(name, key)
    return keys


def usable(name: str, key: str) -> None:
    """Raises UsageError for a text that can be no such key; it is not quoted."""
    if key.startswith("pk_"):
        raise UsageError("The Stripe key is a publishable one, which cannot read anything.", hint=_NO_KEY_HINT)
    if key.startswith(_STRANGERS["stripe_key" if name == "stripe_key" else "highlevel"]):
        raise UsageError(
            f"The {name} ({VARIABLES[name]}) is a secret of another system: it was sent nowhere.",
            hint="Set each key where it belongs.",
        )
    if not key.isascii() or not key.isprintable() or " " in key or len(key) > LONGEST:
        raise UsageError(
            f"The {name} ({VARIABLES[name]}) is no key: it is too long, or holds characters that no key has.",
            hint="Copy it again from where it was made.",
        )


def _base(env: Mapping[str, str], name: str, default: str) -> str:
    base = env.get(name, "").strip().rstrip("/") or default
    if not base.startswith(("https://", "http://")):
        raise UsageError(f"{name} is no web address: it must begin with https:// or http://.")
    return base


def _number(written: Mapping[str, Any], name: str, default: float) -> float:
    value = written.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise UsageError(f"The setting `{name}` must be a number of at least 0, not {value!r}.")
    return float(value)


def _history(written: Mapping[str, Any]) -> int:
    days = written.get("history_days", HISTORY_DAYS)
    if type(days) is not int or not HISTORY_DAYS <= days <= MOST_HISTORY_DAYS:
        raise UsageError(
            f"The setting `history_days` must be a whole number of {HISTORY_DAYS} to {MOST_HISTORY_DAYS}, not {days!r}."
        )
    return days


def _caps(written: object) -> Caps:
    if not isinstance(written, dict):
        raise UsageError("The setting `caps` must be a table.")
    known = {item.name: item for item in fields(Caps)}
    unknown = sorted(set(written) - set(known))
    if unknown:
        raise UsageError(f"`caps.{unknown[0]}` is no setting.", hint=f"There are: {', '.join(known)}.")
    values = {name: _number(written, name, 0.0) for name in written}
    return Caps(**{name: value if known[name].type == "float" else int(value) for name, value in values.items()})  # type: ignore[arg-type]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise UsageError(f"The time zone {name!r} is unknown.", hint="Write it like Europe/Berlin or UTC.") from fault


def _system_zone(env: Mapping[str, str]) -> str:
    named = env.get("TZ", "").lstrip(":")
    if named:
        return named if _exists(named) else "UTC"
    target = Path("/etc/localtime")
    parts = target.resolve().parts if target.exists() else ()
    name = "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else "UTC"
    return name if _exists(name) else "UTC"


def _exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
