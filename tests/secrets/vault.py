"""A keyring of a test's own: in memory, or in a file where processes must share it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

FILE = "TEST_VAULT"
"""The environment variable that names the file of `FileVault`."""


class Vault(KeyringBackend):
    """Holds what it is given; `asked` lists what was asked for."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[str, str] = {}
        self.asked: list[str] = []

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.append(f"{service}/{username}")
        return self.held.get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[f"{service}/{username}"] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError("nothing there")


class OpenDrawer(Vault):
    """As the back ends that keep passwords in a plain file say of themselves."""

    priority = 0.5


class Locked(Vault):
    """Refuses, and gives away what it should not."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"locked \x1b[31m while asked for rk_live_PLANTEDabcdefgh of {service}/{username}")


class FileVault(Vault):
    """Shared by processes: writes down, one a line, what it is asked for."""

    def get_password(self, service: str, username: str) -> str | None:
        path = Path(os.environ[FILE])
        with path.with_suffix(".asked").open("a", encoding="utf-8") as asked:
            asked.write(f"{service}/{username}\n")
        held = json.loads(path.read_text(encoding="utf-8"))
        return held.get(f"{service}/{username}")  # type: ignore[no-any-return]
