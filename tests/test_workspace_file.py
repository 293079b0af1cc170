"""The consultant's own file beside the store: read with care, changed without losing a comment."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.errors import UsageError
from ghl_triage.model import LearnedName
from ghl_triage.model import Path as SoldThrough
from ghl_triage.secrets.hiding import shows
from ghl_triage.workspace_edit import confirm, forget, learn
from ghl_triage.workspace_file import Acts, WorkspaceFile, beside, load

CUSTOM = LearnedName("custom checkout v2", SoldThrough.API, "", ("plan", "user_ref"), "", "price_course")
SHOP = LearnedName("shop", SoldThrough.HIGHLEVEL, "ca_shop", (), "Course for", "price_course", "asked Bob")
BY_HAND = """\
# what Bob said on the phone
colour = "blue"          # a key of his own

[[signatures]]
name = "custom checkout v2"   # the landing page
path = "api"
application = ""
metadata = ["user_ref", "plan"]
description = ""
price = "price_course"
since = "May"

# the shop
[[signatures]]
name = "shop"
path = "highlevel"
price = "price_shop"

# the plug-ins
[acts]
retry_policy = "8 times in 2 weeks"
stripe_emails = ["failed payments", "expiring cards"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "acct_1-test.toml"


def test_it_lies_beside_the_store() -> None:
    assert beside(Path("/data/acct_1-live.sqlite3")) == Path("/data/acct_1-live.toml")


def test_no_file_says_nothing(file: Path) -> None:
    assert load(file) == WorkspaceFile()
    forget(file, CUSTOM)
    assert not file.exists()


def test_names_come_back_as_they_were_given(file: Path) -> None:
    learn(file, CUSTOM)
    learn(file, SHOP)
    assert load(file).names == (CUSTOM, SHOP)
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file], "no draft is left"


def test_a_second_name_for_the_same_words_replaces_the_first(file: Path) -> None:
    learn(file, CUSTOM)
    learn(file, LearnedName("old app", SoldThrough.UNKNOWN, "", ("plan", "user_ref"), "", "price_course", "ask"))
    assert [(each.name, each.path, each.note) for each in load(file).names] == [("old app", SoldThrough.UNKNOWN, "ask")]


def test_what_was_written_by_hand_is_read(file: Path) -> None:
    file.write_text(BY_HAND)
    said = load(file)
    assert said.names == (CUSTOM, LearnedName("shop", SoldThrough.HIGHLEVEL, price="price_shop"))
    assert said.acts == Acts("8 times in 2 weeks", "failed payments, expiring cards")


def test_a_change_keeps_comments_and_unknown_keys(file: Path) -> None:
    file.write_text(BY_HAND)
    learn(file, LearnedName("checkout of May", SoldThrough.API, "", ("plan", "user_ref"), "", "price_course"))
    learn(file, SHOP)
    confirm(file, Acts(retry_policy="4 times"))
    text = file.read_text()
    for kept in ("# what Bob said", "# a key of his own", "# the landing page", "# the shop", "# the plug-ins", "May"):
        assert kept in text
    said = load(file)
    assert [each.name for each in said.names] == ["checkout of May", "shop", "shop"]
    assert said.acts == Acts(retry_policy="4 times")


@pytest.mark.parametrize("place", [0, 1])
def test_forgetting_keeps_the_comments_around(file: Path, place: int) -> None:
    file.write_text(BY_HAND)
    before = load(file)
    forget(file, before.names[place])
    assert load(file) == WorkspaceFile((before.names[1 - place],), before.acts)
    text = file.read_text()
    for kept in ("# what Bob said", "# a key of his own", "# the shop", "# the plug-ins"):
        assert kept in text


def test_names_written_in_one_line_can_be_forgotten_too(file: Path) -> None:
    file.write_text('# mine\nsignatures = [{name = "a", path = "api", price = "p"}, {name = "b", path = "api"}]\n')
    forget(file, load(file).names[0])
    assert [each.name for each in load(file).names] == ["b"]
    assert "# mine" in file.read_text()


def test_a_link_to_the_file_keeps_leading_to_it(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "notes.toml"
    kept.write_text("# mine\n")
    file.symlink_to(kept)
    learn(file, CUSTOM)
    assert file.is_symlink()
    assert load(kept).names == (CUSTOM,)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ('[[signatures]]\nname = "a"\npath = api\n', 3, "value"),
        ('[[signatures]]\nname = "a"\npath = "shop"\n', 3, "highlevel, checkout, api, unknown"),
        ('# one\n[[signatures]]\nname = "a"\npath = "api"\n\n[[signatures]]\nname = 5\n', 7, "text in quotes"),
        ('[[signatures]]\npath = "api"\n', 1, "`name`"),
        ('[[signatures]]\nname = "a"\npath = "api"\nmetadata = "plan"\n', 4, "list of keys"),
        ("acts = 3\n", 1, "[acts]"),
        ("[acts]\nretry_policy = 8\n", 2, "text in quotes"),
        ('[[signatures]]\nname = "a', 2, ""),
    ],
)
def test_a_fault_is_told_with_file_and_line(file: Path, text: str, line: int, word: str) -> None:
    file.write_text(text)
    for read in (lambda: load(file), lambda: learn(file, CUSTOM), lambda: forget(file, CUSTOM)):
        with pytest.raises(UsageError) as fault:
            read()
        assert f"{file}, line {line}: " in str(fault.value)
        assert word in str(fault.value)
    assert file.read_text() == text, "a broken file is not touched"


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda text: not shows(text))
_names = st.builds(
    LearnedName,
    name=_texts.filter(bool),
    path=st.sampled_from(SoldThrough),
    application=st.none() | _texts,
    metadata=st.none() | st.lists(_texts, max_size=3, unique=True).map(lambda keys: tuple(sorted(keys))),
    description=st.none() | _texts,
    price=st.none() | _texts,
    note=_texts,
)


@given(
    st.lists(_names, max_size=4, unique_by=lambda each: (each.application, each.metadata, each.description, each.price))
)
def test_any_text_can_be_learned_and_forgotten(
    tmp_path_factory: pytest.TempPathFactory, names: list[LearnedName]
) -> None:
    file = tmp_path_factory.mktemp("any") / "names.toml"
    for each in names:
        learn(file, each)
    assert load(file).names == tuple(names)
    if names:
        tomllib.loads(file.read_text())
    for each in names:
        forget(file, each)
    assert load(file).names == ()
