"""Our own child processes get the keys by a pipe: neither their arguments nor their environment show them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ghl_triage.config import Settings, load_settings
from ghl_triage.errors import UsageError
from ghl_triage.secrets.handing import inheritance
from ghl_triage.secrets.known import HANDED
from tests.secrets.planting import AGENCY_TOKEN, HIGHLEVEL_TOKEN, STRIPE_KEY

ASKING = """
import json, os, sys
from ghl_triage.config import load_settings
from ghl_triage.errors import UsageError
settings = load_settings()
shown = [path.read_bytes().decode() for path in map(__import__("pathlib").Path, sys.argv[1:])]
keys = [settings.stripe_key, settings.highlevel_token, settings.highlevel_agency_token]
try:
    load_settings()
except UsageError as fault:
    again = fault.message
print(json.dumps({"keys": keys, "shown": shown, "environment": dict(os.environ), "again": again}))
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes by /proc")
def test_a_child_has_the_keys_and_shows_them_nowhere(tmp_path: Path) -> None:
    env = {
        "STRIPE_API_KEY": STRIPE_KEY,
        "HIGHLEVEL_TOKEN": HIGHLEVEL_TOKEN,
        "HIGHLEVEL_AGENCY_TOKEN": AGENCY_TOKEN,
        "STRIPE_LOG": "debug",
    }
    settings = load_settings({**env, "GHL_TRIAGE_HOME": str(tmp_path)})
    with inheritance(settings, {**os.environ, **env}) as inherited:
        ran = subprocess.run(
            [sys.executable, "-c", ASKING, "/proc/self/environ", "/proc/self/cmdline"],
            env=inherited.environment,
            pass_fds=inherited.descriptors,
            capture_output=True,
            text=True,
            check=True,
        )
    told = json.loads(ran.stdout)
    assert told["keys"] == [STRIPE_KEY, HIGHLEVEL_TOKEN, AGENCY_TOKEN]
    assert "PLANTED" not in str((told["shown"], told["environment"]))
    assert "STRIPE_LOG" not in told["environment"]
    assert "not handed over" in told["again"], "a pipe is read once"


@pytest.mark.parametrize("descriptor", ["", "x", "-1", "987654"])
def test_what_is_no_pipe_of_ours_is_told(tmp_path: Path, descriptor: str) -> None:
    with pytest.raises(UsageError, match="not handed over") as caught:
        load_settings({"GHL_TRIAGE_HOME": str(tmp_path), HANDED: descriptor, "STRIPE_API_KEY": "rk_test_1"})
    assert HANDED in caught.value.hint


def test_no_pipe_stays_open_where_no_child_could_be_started(tmp_path: Path) -> None:
    settings = Settings("rk_test_secret", "http://127.0.0.1:9", False, tmp_path, tmp_path)
    before = len(os.listdir("/dev/fd"))
    with pytest.raises(FileNotFoundError), inheritance(settings, {}) as inherited:
        subprocess.run(["/no/such/program"], pass_fds=inherited.descriptors, check=True)
    assert len(os.listdir("/dev/fd")) == before
