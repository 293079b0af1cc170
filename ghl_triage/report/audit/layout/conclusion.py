"""The conclusion on the hypothesis in sentences, made of the numbers alone."""

from __future__ import annotations

from collections.abc import Mapping

from ghl_triage.report.audit.hypothesis import PathTest
from ghl_triage.report.audit.rivals import PathRivals, Reason, Rival
from ghl_triage.report.audit.verdict import Answer, Ground, Judgement
from ghl_triage.report.display import p_text, path_name, percent, rate_text, ratio_text
from ghl_triage.text import plural

ANSWERS: Mapping[Answer, str] = {
    Answer.SUPPORTED: "Supported",
    Answer.NOT_SUPPORTED: "Not supported",
    Answer.NOT_ENOUGH_DATA: "Not enough data",
}
REASONS: Mapping[Reason, str] = {
    Reason.HYPOTHESIS: "authentication asked for, card not set up",
    Reason.AUTHENTICATION: "authentication asked for all the same",
    Reason.NO_DEFAULT: "card there, but not the default: nothing to charge",
    Reason.NO_CARD: "no card: nothing to charge",
    Reason.NOT_READ: "nothing to charge; the customer's cards were not read",
    Reason.SOFT: "declined for now (no funds, try later)",
    Reason.GENERIC: "declined without a reason",
    Reason.HARD: "declined for good",
    Reason.CARD_DATA: "card data wrong",
    Reason.EXPIRED: "card expired",
    Reason.BLOCKED: "blocked by Stripe",
    Reason.MANDATE: "mandate missing",
    Reason.OTHER: "another code",
}
"""Each reason in a few words."""
RIVALS: Mapping[Rival, str] = {
    Rival.NOTHING_TO_CHARGE: "nothing to charge (no card, or one that was not the default)",
    Rival.ORDINARY_DECLINES: "ordinary declines by the bank",
    Rival.AUTHENTICATION: "banks that want authentication although the card was set up",
    Rival.CARD_DATA: "wrong card data",
    Rival.EXPIRED: "expired cards",
    Rival.BLOCKED: "payments that Stripe blocked",
    Rival.MANDATE: "missing mandates",
    Rival.OTHER: "reasons that no rule knows",
}
"""Each rival explanation in a few words."""
CAUTIONS: Mapping[Answer, str] = {
    Answer.SUPPORTED: "",
    Answer.NOT_SUPPORTED: (
        "At risk for want of a set-up is the warning of a rule, not a forecast: so far a missing set-up was not why "
        "first charges failed here."
    ),
    Answer.NOT_ENOUGH_DATA: (
        "At risk for want of a set-up is the warning of a rule, not a forecast: whether a missing set-up makes first "
        "charges fail here is not decided yet."
    ),
}
"""What stands beside trials at risk for want of a set-up: the verdict on the hypothesis, so that both agree."""

_REPAIR = "The repair itself would show it: set up the cards of new sign-ups, and hold them against those before."


def conclusion(test: PathTest | None, rival: PathRivals | None, judgement: Judgement) -> str:
    """The verdict in one paragraph: the answer, what it rests on, and what explains the failures."""
    answer = f"{ANSWERS[judgement.answer]}{_but(rival, judgement)}."
    if test is None:
        return f"{answer} No trial of this path has come to its first charge yet.{_missing(judgement)}"
    parts = [answer, _ground(test, judgement.ground) + _missing(judgement), _explained(rival)]
    return " ".join(part for part in parts if part)


def _but(rival: PathRivals | None, judgement: Judgement) -> str:
    """An association may be real and explain less than something else does."""
    if judgement.answer is not Answer.SUPPORTED or rival is None or rival.largest is None:
        return ""
    return ", but not the main reason" if rival.rivals[rival.largest] > rival.explained else ""


def _ground(test: PathTest, ground: Ground) -> str:
    """What the answer rests on."""
    where = f"On the {path_name(test.path)}"
    failed = test.table.not_set_up_failed
    fails = f"cards saved without an off-session set-up failed at their first charge in {rate_text(test.without)}"
    against = f"{where}, {fails}, cards with one in {rate_text(test.with_set_up)}"
    if test.compared:
        against += f" (ratio {ratio_text(test.compared)}, {p_text(test.compared.p)})"
    asked = f"{test.asked_without.count:,} of the {plural(failed, 'failure')} without a set-up wanted authentication"
    said = {
        Ground.BOTH_HALVES: f"{against}, and {asked}.",
        Ground.OTHER_REASONS: f"{against}. But only {asked}: that is not the main reason.",
        Ground.FEW_SUCH_CARDS: (
            f"{where}, only {failed:,} of {failed + test.table.set_up_failed:,} failed first charges were on cards "
            "saved without an off-session set-up."
        ),
        Ground.SELDOM_FAILS: f"{where}, {fails}: that is seldom.",
        Ground.NO_DIFFERENCE: f"{against}: the set-up makes no difference that would explain the failures.",
        Ground.NO_COMPARISON: f"{where}, there is nothing to compare: {_one_kind(test)}. {_REPAIR}",
        Ground.TOO_FEW: f"{against}; {asked}. The intervals leave both answers open.",
    }
    return said[ground]


def _one_kind(test: PathTest) -> str:
    if not test.without.of and not test.with_set_up.of:
        return "no first charge was made of a card of which the set-up is known"
    kind, rate = ("without", test.without) if test.without.of else ("with", test.with_set_up)
    asked = test.asked_without if test.without.of else test.asked_with
    return (
        f"all cards were saved {kind} an off-session set-up. Of them {rate_text(rate)} failed, "
        f"and {asked.count:,} of these wanted authentication"
    )


def _missing(judgement: Judgement) -> str:
    if judgement.answer is not Answer.NOT_ENOUGH_DATA:
        return ""
    if judgement.missing is None:
        return " More of the same would not decide it: the rates lie too near to the thresholds."
    more = judgement.missing
    return (
        f" About {plural(more.not_set_up, 'more first charge')} without a set-up and {more.set_up:,} with one would "
        "decide it, if the rates stay as they are."
    )


def _explained(rival: PathRivals | None) -> str:
    """How much of all that did not come through the hypothesis explains, and which rival explains most."""
    if rival is None or not rival.failed:
        return ""
    told = (
        f"Of all {plural(rival.failed, 'trial')} of this path whose first charge did not come through, the hypothesis "
        f"explains {rival.explained:,} ({percent(rival.explained / rival.failed)})."
    )
    if rival.largest is None:
        return told
    count = rival.rivals[rival.largest]
    kind = "More is explained by another reason" if count > rival.explained else "The largest rival explanation"
    return f"{told} {kind}: {RIVALS[rival.largest]}, {count:,} ({percent(count / rival.failed)})."
