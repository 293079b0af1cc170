"""Trials as they are counted against the stories of a whole world, whatever Stripe's documents leave open."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import pytest

from ghl_triage.diagnosis.trial_state import read_from
from ghl_triage.sandbox.engine.beliefs import SWITCHES, Beliefs, with_belief
from ghl_triage.sandbox.server import SandboxOptions
from ghl_triage.store.reader import Reader
from tests.command_line import CommandLine, environment_of
from tests.report.stories import judged
from tests.sandbox_server import NOW, SandboxServer

OTHERWISE = reduce(lambda beliefs, name: with_belief(beliefs, name, SWITCHES[name][1]), SWITCHES, Beliefs())
"""Every switch away from its default."""


@pytest.mark.slow
@pytest.mark.parametrize("beliefs", [Beliefs(), OTHERWISE], ids=["usual", "otherwise"])
def test_every_trial_counts_as_its_story_tells(
    beliefs: Beliefs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = SandboxOptions(customers=1_200, now=NOW, rate_limit=False, beliefs=beliefs)
    with SandboxServer(options) as sandbox:
        assert CommandLine(environment_of(sandbox, tmp_path), capsys).run("sync").code == 0
        labels = sandbox.labels()
    with Reader(next(tmp_path.glob("*.sqlite3"))) as reader:
        since = read_from(reader.coverage())
        assert since is not None
        compared, wrong = judged(reader.trials(), labels, since)
    assert wrong == []
    assert compared.total() > 1_000
