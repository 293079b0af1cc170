"""The job from the command line, against the sandbox over HTTP: load, see, understand, mend."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ghl_triage.diagnosis.trial_state import read_from
from ghl_triage.sandbox.server import SandboxOptions
from ghl_triage.store.reader import Reader
from tests.command_line import CommandLine, environment_of
from tests.report.stories import judged
from tests.sandbox_server import NOW, SandboxServer

SECRETS = ("client_secret", "rk_test_sandbox", "pit-sandbox", "invoice.stripe.com", "checkout.stripe.com/c/")


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxServer]:
    """A world in which every cause occurs."""
    with SandboxServer(SandboxOptions(customers=260, now=NOW, rate_limit=False)) as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def writes(world: SandboxServer) -> int:
    """How many requests were sent that change something."""
    return sum(count for name, count in world.counters()["stripe"].items() if not name.startswith("GET "))


@pytest.fixture
def shell(world: SandboxServer, home: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine({**environment_of(world, home), "TZ": "UTC"}, capsys)


def test_the_first_command_loads_by_itself(shell: CommandLine, home: Path) -> None:
    ran = shell.run("cases", "--json")
    assert ran.code == 0
    assert "syncing first" in ran.err
    assert ran.document["workspace"] == "Course Creator 360"
    assert ran.document["total"] == len(ran.document["cases"]) > 40
    assert {case["stage"] for case in ran.document["cases"]} == {"failing", "at_risk"}
    stores = list(home.glob("*.sqlite3"))
    assert len(stores) == 1
    assert stores[0].stat().st_mode & 0o777 == 0o600


def test_every_case_gets_the_stage_cause_and_path_of_its_story(shell: CommandLine, world: SandboxServer) -> None:
    told = {sub: (label["stage"], label["cause"], label["path"]) for sub, label in world.labels().items()}
    cases = shell.run("cases", "--all", "--json").document["cases"]
    given = {case["subscription"]: (case["stage"], case["cause"], case["path"]) for case in cases}
    assert given == told


def test_every_trial_counts_as_its_story_tells(shell: CommandLine, world: SandboxServer, home: Path) -> None:
    assert shell.run("report", "conversion", "--format", "json").code == 0
    with Reader(next(home.glob("*.sqlite3"))) as reader:
        since = read_from(reader.coverage())
        assert since is not None
        compared, wrong = judged(reader.trials(), world.labels(), since)
    assert wrong == []
    assert compared["trialing"] > 40
    assert compared["paid_first"] > 80
    assert compared["failed_first"] > 25


def test_the_conversion_report_counts_the_same_in_every_format(shell: CommandLine, tmp_path: Path) -> None:
    found = shell.run("report", "conversion", "--format", "json", "--since-fix", "2026-10-01").document
    whole = found["total"]["all"]
    assert sum(whole["states"].values()) == whole["trials"] > 60
    assert {each["key"] for each in found["groups"]} == {"highlevel", "checkout", "api", "unknown"}
    shown = f"{whole['unpaid_at_first']['count']} of {whole['unpaid_at_first']['of']}"
    for ending in ("md", "html", "txt"):
        file = tmp_path / f"report.{ending}"
        ran = shell.run("report", "conversion", "-o", str(file))
        assert (ran.code, ran.out) == (0, "")
        assert shown in file.read_text(), ending
        assert file.stat().st_mode & 0o777 == 0o600
    assert shown in shell.run("report", "conversion").out
    lines = list(csv.DictReader(io.StringIO(shell.run("report", "conversion", "--format", "csv").out)))
    assert sum(int(line["trials"]) for line in lines) == whole["trials"]
    by_month = shell.run("report", "conversion", "--by", "total", "--period", "month", "--format", "csv").out
    assert {line["total"] for line in csv.DictReader(io.StringIO(by_month))} == {"total"}


def test_a_fix_date_that_is_none_is_refused(shell: CommandLine) -> None:
    ran = shell.run("report", "conversion", "--since-fix", "yesterday")
    assert ran.code == 2
    assert "For example 2026-11-01" in ran.err
    to_come = shell.run("report", "conversion", "--since-fix", "2099-01-01")
    assert (to_come.code, to_come.out) == (2, "")
    assert "still to come" in to_come.err


def test_trials_that_end_soon_are_listed_by_their_end(shell: CommandLine) -> None:
    soon = shell.run("cases", "stage:at_risk", "trial-ends:<7d", "--json").document["cases"]
    ends = [case["trial_end"] for case in soon]
    assert len(set(ends)) > 2
    assert ends == sorted(ends)
    assert len({case["actor"] for case in soon}) > 1, "the queue's own order would list those of one actor first"
    by_amount = shell.run("cases", "stage:at_risk", "trial-ends:<7d", "--sort", "amount", "--json").document["cases"]
    assert [case["trial_end"] for case in by_amount] != ends


def test_the_json_of_a_case_keeps_its_keys(shell: CommandLine) -> None:
    case = shell.run("cases", "cause:card_not_default", "--json").document["cases"][0]
    assert {
        "subscription", "customer", "email", "name", "path", "path_confidence", "path_evidence", "status", "stage",
        "cause", "findings", "actor", "recommended", "blocked", "amount_at_risk", "currency", "invoice", "attempts",
        "next_retry_at", "effective_payment_method", "candidate_payment_method", "decline_code", "advice_code",
        "trial_end", "failed_at", "created", "livemode", "highlevel",
    } <= set(case)  # fmt: skip
    assert {"contact", "subscription", "status", "saas_location"} <= set(case["highlevel"])
    assert case["recommended"][0] == "fix_default"
    assert "retry" in case["blocked"]


def test_csv_holds_no_formula_and_the_table_no_escape(shell: CommandLine) -> None:
    ran = shell.run("cases", "--all", "--csv")
    rows = list(csv.reader(io.StringIO(ran.out)))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell[:1] in "=+@" and cell]
    table = shell.run("cases", "--all")
    assert "\x1b" not in table.out + ran.out
    assert table.code == 0


def test_show_tells_why_who_and_the_history(shell: CommandLine) -> None:
    first = shell.run("cases", "stage:failing cause:no_off_session_setup", "--json").document["cases"][0]
    shown = shell.run("show", first["email"])
    assert shown.code == 0
    assert "no off session setup" in shown.out
    assert "evidence" in shown.out
    assert "··A·" in shown.out or "·C··" in shown.out
    document = shell.run("show", first["subscription"], "--json").document
    assert document["timeline"]
    assert document["evidence"]
    assert document["payment_methods"]
    assert document["journal"] == []
    assert [event["at"] for event in document["timeline"]] == sorted(event["at"] for event in document["timeline"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("cases", "caus:x"), 2, "cause:"),
        (("cases", "--json", "--csv"), 2, "exclude"),
        (("cases", "--sort", "beauty"), 2, "beauty"),
        (("show", "nobody@acme.test"), 1, "nobody@acme.test"),
        (("retry",), 2, "which cases"),
        (("retry", "path:api", "--apply"), 2, "--yes"),
        (("retry", "sub_nothing"), 1, "sub_nothing"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    shell: CommandLine, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = shell.run(*arguments)
    assert ran.code == code
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_without_a_key_every_command_says_what_to_set(shell: CommandLine) -> None:
    for command in ("sync", "cases", "journal"):
        ran = shell.run(command, STRIPE_API_KEY="")
        assert ran.code == 2
        assert "STRIPE_API_KEY" in ran.err
        assert "ghl-triage demo" in ran.err


def test_a_revoked_key_is_told_with_stripe_s_request(shell: CommandLine, tmp_path: Path) -> None:
    ran = shell.run("sync", STRIPE_API_KEY="rk_test_wrong", GHL_TRIAGE_HOME=str(tmp_path))
    assert ran.code == 1
    assert "rk_test_wrong" not in ran.err
    assert "req_" in ran.err


def test_no_network_is_told_and_nothing_is_lost(shell: CommandLine, tmp_path: Path) -> None:
    ran = shell.run(
        "cases", STRIPE_API_BASE="http://127.0.0.1:9", STRIPE_API_KEY="rk_test_x", GHL_TRIAGE_HOME=str(tmp_path)
    )
    assert ran.code == 1
    assert "cannot be reached" in ran.err


def test_a_plan_shows_its_requests_and_sends_nothing(shell: CommandLine, world: SandboxServer) -> None:
    before = writes(world)
    ran = shell.run("retry", "stage:failing", "--json")
    assert ran.code == 0
    steps = ran.document["steps"]
    sent = [step for step in steps if step["skipped"] is None]
    assert sent
    assert all(step["requests"][0]["path"].endswith("/pay") for step in sent)
    assert all(step["requests"] == [] for step in steps if step["skipped"])
    assert ran.document["results"] == []
    assert writes(world) == before


def test_a_default_card_then_a_retry_bring_the_money(shell: CommandLine, world: SandboxServer) -> None:
    wanted = "stage:failing cause:card_not_default"
    fixed = shell.run("fix-default", wanted, "--apply", "--yes", "--json")
    assert fixed.code == 0
    done = [result["case"] for result in fixed.document["results"] if result["outcome"] == "done"]
    assert done
    paid = shell.run("retry", *done, "--apply", "--yes", "--json")
    outcomes = {result["case"]: result["outcome"] for result in paid.document["results"]}
    assert "done" in outcomes.values()
    assert world.double_paid() == []
    for case, outcome in outcomes.items():
        now = shell.run("show", case, "--json").document
        assert (now["status"] == "active") == (outcome == "done")
        assert [entry["action"] for entry in now["journal"]] == ["retry", "fix_default"][outcome == "skipped" :]
    again = shell.run("retry", *[case for case, outcome in outcomes.items() if outcome == "done"], "--apply", "--yes")
    assert again.code == 0
    assert "nothing to do" in again.out
    assert world.double_paid() == []
    journal = shell.run("journal", "--json").document
    assert journal["journal"][0]["state"] in ("done", "declined")
    assert {plan["id"]: plan["by"] for plan in journal["plans"]} == {
        entry["plan"]: entry["by"] for entry in journal["journal"]
    }
    assert {plan["shown"]["account"] for plan in journal["plans"]} == {world.info()["account"]}


def test_declines_end_with_exit_code_3(shell: CommandLine, world: SandboxServer) -> None:
    ran = shell.run("retry", "cause:soft_decline,generic_decline", "--apply", "--yes")
    assert ran.code == 3
    assert "declined" in ran.err
    assert "(req_" in ran.err
    assert world.double_paid() == []


def test_links_are_printed_and_stored_nowhere(shell: CommandLine, home: Path, tmp_path: Path) -> None:
    ran = shell.run("resend-link", "stage:failing cause:no_off_session_setup", "--apply", "--yes")
    assert ran.code == 0, ran.err
    links = [line.split("\t")[1] for line in ran.out.splitlines() if "\thttps://" in line]
    assert links, ran.err
    file = tmp_path / "links.txt"
    written = shell.run("resend-link", "stage:at_risk cause:no_payment_method", "--apply", "--yes", "-o", str(file))
    assert written.code == 0, written.err
    assert file.stat().st_mode & 0o777 == 0o600
    links += [line.split("\t")[1] for line in file.read_text().splitlines()]
    kept = b"".join(path.read_bytes() for path in home.iterdir() if path.is_file())
    for secret in (*links, *SECRETS):
        assert secret.encode() not in kept


def test_a_sync_finishes_what_a_customer_s_set_up_made_possible(shell: CommandLine, world: SandboxServer) -> None:
    ran = shell.run("resend-link", "stage:at_risk cause:card_expired path:checkout", "--apply", "--yes", "--json")
    made = next(result for result in ran.document["results"] if "checkout.stripe.com" in result["link"])
    assert made["case"] in shell.run("resume", "--json").document["waiting_for_set_up"]
    before = shell.run("show", made["case"], "--json").document["effective_payment_method"]
    page = made["link"].rpartition("/")[2]
    world.play("complete_setup_checkout", session=page)
    world.faults({"match": f"GET /v1/checkout/sessions/{page}", "kind": "409-key", "times": 2})
    broken = shell.run("sync", "--json")
    assert (broken.code, broken.document["finished"], broken.document["set_ups"]) == (1, True, [])
    synced = shell.run("sync", "--json")
    assert {"case": made["case"], "state": "done"}.items() <= synced.document["set_ups"][0].items()
    after = shell.run("show", made["case"], "--json").document
    assert after["effective_payment_method"] != before
    assert after["cause"] is None
    assert made["case"] not in shell.run("resume", "--json").document["waiting_for_set_up"]


def test_a_read_only_run_plans_and_sends_nothing(shell: CommandLine, world: SandboxServer) -> None:
    before = writes(world)
    ran = shell.run("--read-only", "fix-default", "stage:at_risk cause:card_not_default", "--apply", "--yes")
    assert ran.code == 2
    assert "read-only" in ran.err
    assert writes(world) == before


def test_a_live_key_wants_its_own_word(shell: CommandLine, tmp_path: Path) -> None:
    ran = shell.run("retry", "path:api", "--apply", "--yes", STRIPE_API_KEY="rk_live_x", GHL_TRIAGE_HOME=str(tmp_path))
    assert ran.code == 2
    assert "--live" in ran.err


def test_resume_with_nothing_to_settle_says_so(shell: CommandLine) -> None:
    ran = shell.run("resume", "--json")
    assert ran.code == 0
    assert ran.document["cut_off"] == []


def test_cases_are_counted_by_columns_and_no_two_currencies_are_added_up(shell: CommandLine) -> None:
    cases = shell.run("cases", "--json").document["cases"]
    document = shell.run("cases", "--group-by", "path,code", "--json").document
    assert document["total"] == len(cases) == sum(group["count"] for group in document["groups"])
    first = document["groups"][0]
    of_it = [case for case in cases if (case["path"], case["decline_code"]) == (first["path"], first["code"])]
    assert first["count"] == len(of_it) == max(group["count"] for group in document["groups"])
    for currency, amount in first["amounts"].items():
        assert amount == sum(case["amount_at_risk"] for case in of_it if case["currency"] == currency)
    rows = list(csv.DictReader(io.StringIO(shell.run("cases", "--group-by", "path,code", "--csv").out)))
    assert sum(int(row["count"]) for row in rows) == len(cases)
    assert {"path", "code", "count", "amount_usd"} <= set(rows[0])
    table = shell.run("cases", "path:api", "--group-by", "code", "--limit", "2")
    assert "Decline code" in table.out
    assert "cases in" in table.err
    refused = shell.run("cases", "--group-by", "beauty")
    assert refused.code == 2
    assert "beauty" in refused.err
    sorted_ = shell.run("cases", "--group-by", "path", "--sort", "age")
    assert (sorted_.code, "by their size" in sorted_.err) == (2, True)


def test_a_filter_that_begins_with_a_dash_is_told_where_to_stand(shell: CommandLine) -> None:
    ran = shell.run("cases", "-currency:usd")
    assert (ran.code, ran.out) == (2, "")
    assert "stands after --: ghl-triage cases -- -currency:usd" in ran.err
    found = shell.run("cases", "--json", "--", "-currency:usd").document["cases"]
    assert "usd" not in {case["currency"] for case in found}
    assert "stands after" not in shell.run("cases", "--jsno").err


def test_the_decline_view_agrees_with_the_cases_and_names_the_issuers_codes(shell: CommandLine) -> None:
    cases = shell.run("cases", "--json").document["cases"]
    codes = [case["decline_code"] for case in cases if case["decline_code"]]
    view = shell.run("report", "declines", "--by", "path,code", "--format", "json").document
    assert (view["cases"], view["refused"]) == (len(cases), len(codes))
    assert {row["code"]: row["cases"] for row in view["codes"]} == {code: codes.count(code) for code in codes}
    assert view["network_read"] <= view["refused"]
    funds = next(row for row in view["codes"] if row["code"] == "insufficient_funds")
    assert set(funds["network"]) == {"51"}
    told = shell.run("report", "declines", "path:api")
    assert "path:api" in told.out
    assert "Same card again?" in told.out
    rows = list(csv.DictReader(io.StringIO(shell.run("report", "declines", "--format", "csv").out)))
    assert sum(int(row["cases"]) for row in rows) == len(codes)


def test_the_consultant_s_word_is_kept_shown_and_taken_back(shell: CommandLine, home: Path) -> None:
    said = shell.run("confirm", "retry-policy", "Smart Retries,\n8 tries in 2 weeks")
    assert said.code == 0
    assert "retry-policy: Smart Retries, 8 tries in 2 weeks" in said.out
    shell.run("confirm", "stripe-emails", "failed payments: on")
    document = shell.run("confirm", "--json").document
    assert document["acts"]["stripe_emails"] == "failed payments: on"
    assert document["acts"]["highlevel_workflows"] is None
    (file,) = home.glob("*.toml")
    assert file.stat().st_mode & 0o777 == 0o600
    shell.run("confirm", "retry-policy", "--forget")
    assert tomllib.loads(file.read_text())["acts"] == {"stripe_emails": "failed payments: on"}
    assert shell.run("confirm", "retry-policy", " ").code == 2
    assert shell.run("confirm", "weather", "fine").code == 2
    assert shell.run("confirm", "retry-policy", "x" * 501).code == 2


def test_an_entry_that_no_journal_can_have_is_bad_usage(shell: CommandLine) -> None:
    assert [shell.run("undo", number).code for number in ("0", "9" * 30)] == [2, 2]


def test_notes_and_tags_stay_with_their_cases_and_find_them_again(shell: CommandLine) -> None:
    cases = shell.run("cases", "stage:at_risk", "--json").document["cases"]
    one, other = cases[0]["subscription"], cases[1]["subscription"]
    assert shell.run("note", one, "wrote", "to her,", "rk_test_" + "a1" * 12).code == 0
    changed = shell.run("tag", one, other, "--add", "Call Back", "--add", "vip", "--json").document
    assert [case["tags"] for case in changed["cases"]] == [["call back", "vip"]] * 2
    found = shell.run("cases", 'tag:"call back"', "--json").document["cases"]
    assert {case["subscription"] for case in found} == {one, other}
    assert shell.run("tag", "tag:vip", "--remove", "vip", "--remove", "never given").code == 0
    assert shell.run("cases", "tag:vip", "--json").document["cases"] == []
    shown = shell.run("show", one)
    assert "tags: call back" in shown.out
    assert "wrote to her," in shown.out
    assert "rk_test_" not in shown.out
    document = shell.run("show", one, "--json").document
    assert (document["tags"], len(document["notes"])) == (["call back"], 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tag", "stage:at_risk"), "Which tag is meant?"),
        (("tag", "--add", "vip"), "Say which cases are meant."),
        (("note", "sub_unknown", "text"), "No case has the id"),
        (("note", "stage:at_risk", "text"), "a note is for one"),
    ],
)
def test_a_note_or_a_tag_for_nothing_is_refused(shell: CommandLine, arguments: tuple[str, ...], said: str) -> None:
    ran = shell.run(*arguments)
    assert ran.code in (1, 2)
    assert said in ran.err


def test_links_that_could_not_be_written_are_not_made(shell: CommandLine, world: SandboxServer, tmp_path: Path) -> None:
    before = writes(world)
    missing = tmp_path / "nowhere" / "links.txt"
    ran = shell.run("resend-link", "stage:at_risk cause:no_payment_method", "--apply", "--yes", "-o", str(missing))
    assert ran.code == 2
    assert "no folder" in ran.err
    assert writes(world) == before
