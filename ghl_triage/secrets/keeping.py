"""Puts keys into the system's keyring, takes them out, and says in the settings file that they are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghl_triage.errors import UsageError
from ghl_triage.secrets.asking import unusable
from ghl_triage.secrets.origins import SERVICE, TABLE, FromCommand, FromKeyring, Origin
from ghl_triage.settings_file import read_settings

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


def place_of(name: str, origin: Origin | None) -> FromKeyring:
    """Where a key is stored. Raises UsageError where the settings say that a command gives it."""
    if isinstance(origin, FromCommand):
        raise UsageError(
            f"The settings take the {name} from a {origin}.", hint=f"Take that line out of [{TABLE}] first."
        )
    return origin or FromKeyring(SERVICE, name)


def store(place: FromKeyring, key: str) -> None:
    """Put a key into the keyring. Raises UsageError where there is none that guards what it is given."""
    import keyring
    from keyring.core import recommended

    backend = keyring.get_keyring()
    if not recommended(backend):
        # What is left then keeps passwords in a plain file, or nowhere.
        raise UsageError(
            f"This system has no keyring that guards a key ({type(backend).__module__}).",
            hint="Take the key from the environment, or from a command such as `op read …` or `pass …`.",
        )
    try:
        keyring.set_password(place.service, place.user, key)
    except Exception as fault:
        raise unusable(fault) from None


def remove(place: FromKeyring) -> bool:
    """Take a key out of the keyring; whether one was there. Raises UsageError where there is no keyring to ask."""
    import keyring

    try:
        if keyring.get_password(place.service, place.user) is None:
            return False
        keyring.delete_password(place.service, place.user)
    except Exception as fault:
        raise unusable(fault) from None
    return True


def name_in_settings(path: Path, name: str, place: FromKeyring) -> None:
    """Let the settings say that a key comes from the keyring; comments and all else stay. Raises UsageError."""

    def change(document: TOMLDocument) -> None:
        import tomlkit

        said = tomlkit.inline_table()
        said["keyring"] = place.service
        if place.user != name:
            said["user"] = place.user
        table: Any = document.setdefault(TABLE, tomlkit.table())
        table[name] = said

    _edit(path, change)


def drop_from_settings(path: Path, name: str) -> None:
    """Let the settings say no more where a key comes from. Raises UsageError."""

    def change(document: TOMLDocument) -> None:
        table: Any = document.get(TABLE, {})
        table.pop(name, None)
        if not table:
            document.pop(TABLE, None)

    _edit(path, change)


def _edit(path: Path, change: Callable[[TOMLDocument], None]) -> None:
    import tomlkit

    from ghl_triage.private_file import replace_text

    read_settings(path)
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else "")
        change(document)
        replace_text(path, tomlkit.dumps(document).rstrip("\n") + "\n")
    except OSError as fault:
        raise UsageError(f"{path} cannot be written: {fault.strerror}.") from None
