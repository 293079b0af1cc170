"""A store of 100,000 cases, all of them in the queue: made once, kept in the system's temporary folder, copied for use.

The values are drawn from a fixed seed, spread as in an account: few causes are frequent, most are rare.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

from ghl_triage.config import Settings, load_settings, remember_database
from ghl_triage.model import (
    ActionKind,
    Actor,
    CardView,
    Case,
    Cause,
    Confidence,
    Evidence,
    Finding,
    HighLevelView,
    Level,
    LinkKind,
    Path,
    Stage,
)
from ghl_triage.store.reader import Reader
from ghl_triage.store.version import VERSION
from ghl_triage.store.writer import Writer
from ghl_triage.sync.load import VERDICTS

CASES = 100_000
DAY = 86_400
_BATCH = 2_000
_FIRST = ("Jane", "Kim", "Aïcha", "Łukasz", "田中", "Omar", "Zoë", "Иван", "María", "Chidi", "Ravi", "Sören")
_LAST = ("Roe", "Okafor", "Lake", "山本", "Novák", "Silva", "Haddad", "Петров", "O'Neil", "Müller", "Singh", "Costa")
_CAUSES = (
    Cause.CARD_NOT_DEFAULT,
    Cause.NO_PAYMENT_METHOD,
    Cause.NO_OFF_SESSION_SETUP,
    Cause.SOFT_DECLINE,
    Cause.GENERIC_DECLINE,
    Cause.CARD_EXPIRED,
    Cause.HARD_DECLINE,
    Cause.AUTHENTICATION_REQUIRED,
    Cause.SETUP_NOT_COMPLETED,
    Cause.DISPUTED,
    Cause.DUPLICATE_SUBSCRIPTION,
    Cause.BLOCKED_BY_STRIPE,
)
_CAUSE_WEIGHTS = (26, 14, 13, 12, 9, 8, 6, 5, 3, 2, 1, 1)


def workspace(home: File, environment: dict[str, str], account: str) -> Settings:
    """A workspace in this folder whose store holds the 100,000 cases; the key in `environment` finds it."""
    settings = load_settings({**environment, "GHL_TRIAGE_HOME": str(home), "TZ": "UTC"})
    path = remember_database(settings, account)
    shutil.copyfile(_filled(), path)
    with Writer(path) as writer:
        # No sync has seen these cases: without this the next one would judge them anew, and find no objects of theirs.
        writer.save_cursor(VERDICTS, str(int(time.time())))
    return settings


def _filled() -> File:
    """The filled store; made anew where the schema or this generator has changed."""
    recipe = hashlib.sha256(File(__file__).read_bytes()).hexdigest()[:12]
    kept = File(tempfile.gettempdir()) / f"ghl-triage-bench-{os.getuid()}-{VERSION}-{recipe}.sqlite3"
    if not kept.exists():
        print(f"filling {kept} with {CASES:,} cases, once", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            draft = File(folder) / "draft.sqlite3"
            with Writer(draft) as writer:
                batch: list[Case] = []
                for case in _cases():
                    batch.append(case)
                    if len(batch) == _BATCH:
                        writer.save_cases(batch)
                        batch.clear()
                writer.save_cases(batch)
            with Reader(draft) as reader:
                assert reader.counts()["queue"] == CASES
            draft.replace(kept)
    return kept


def _cases() -> Iterator[Case]:
    draw = random.Random(1)  # noqa: S311 - a fixed seed is the point
    now = int(time.time())
    for number in range(CASES):
        yield _case(number, draw, now)


def _case(number: int, draw: random.Random, now: int) -> Case:
    failing = draw.random() < 0.6
    cause = draw.choices(_CAUSES, _CAUSE_WEIGHTS)[0]
    created = now - draw.randrange(40 * DAY) - (30 * DAY if failing else 0)
    card = _card(number, draw, now) if cause is not Cause.NO_PAYMENT_METHOD else None
    currency = draw.choices(("usd", "eur", "gbp", "jpy"), (80, 10, 6, 4))[0]
    failed_at = created + 30 * DAY + draw.randrange(DAY) if failing else None
    return Case(
        subscription=f"sub_{number:014d}",
        customer=f"cus_{number:014d}",
        email=f"u{number:05d}@acme.test",  # short enough to stand in the table whole
        name=f"{draw.choice(_FIRST)} {draw.choice(_LAST)}",
        path=draw.choices((Path.HIGHLEVEL, Path.CHECKOUT, Path.API), (20, 30, 50))[0],
        path_confidence=Confidence.STRONG,
        path_evidence="no Checkout Session, no application, not in HighLevel",
        status="past_due" if failing else "trialing",
        stage=Stage.FAILING if failing else Stage.AT_RISK,
        cause=cause,
        findings=(Finding.NOT_IN_HIGHLEVEL,) if draw.random() < 0.5 else (),
        actor=draw.choices((Actor.CONSULTANT, Actor.CUSTOMER, Actor.NOBODY), (50, 35, 15))[0],
        recommended=(ActionKind.RETRY, ActionKind.RESEND_LINK),
        blocked={ActionKind.FIX_DEFAULT: "no other usable card"},
        amount_at_risk=draw.choice((2_900, 9_700, 19_700, 29_700)) * (1 if currency != "jpy" else 100),
        currency=currency,
        invoice=f"in_{number:014d}" if failing else None,
        attempts=draw.randrange(5) if failing else 0,
        next_retry_at=now + draw.randrange(7 * DAY) if failing and draw.random() < 0.5 else None,
        effective_payment_method=card.id if card else None,
        effective_level=Level.CUSTOMER if card else None,
        candidate_payment_method=None,
        decline_code=draw.choice(("insufficient_funds", "generic_decline", "do_not_honor")) if failing else None,
        advice_code="try_again_later" if failing else None,
        trial_end=created + 30 * DAY,
        failed_at=failed_at,
        created=created,
        livemode=False,
        link=LinkKind.PORTAL,
        card=card,
        price=f"price_{draw.choice(('Basic', 'Pro', 'Agency'))}",
        reviving_invoice=f"in_{number:014d}" if failing else None,
        evidence=(Evidence(f"cus_{number:014d}", "invoice_settings.default_payment_method", "null", created),),
        payment_methods=(card,) if card else (),
        highlevel=HighLevelView(contact=f"ct{number:018d}"),
    )


def _card(number: int, draw: random.Random, now: int) -> CardView:
    given: dict[str, Any] = {
        "id": f"pm_{number:014d}",
        "type": "card",
        "brand": draw.choices(("visa", "mastercard", "amex"), (60, 30, 10))[0],
        "last4": f"{draw.randrange(10_000):04d}",
        "exp_month": draw.randrange(1, 13),
        "exp_year": 2030,
        "funding": draw.choice(("credit", "debit")),
        "country": draw.choice(("US", "DE", "GB", "IN")),
        "fingerprint": f"fp{number}",
        "created": now - 40 * DAY,
    }
    return CardView(**given)
