"""Writes the workspace's file: only the words that change, so that comments and unknown keys stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghl_triage.errors import UsageError
from ghl_triage.model import LearnedName
from ghl_triage.workspace_file import ACTS, SIGNATURES, Acts, lines_of_entries, read, read_text

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_HEAD = """\
# What was said by hand about this workspace: edit it as you like, comments stay.
# `ghl-triage learn` lists the kinds of subscriptions that occur, and writes their names here.

"""


def learn(path: Path, name: LearnedName) -> None:
    """Write a name; the one that agrees on the same words gives way to it. Raises UsageError for a broken file."""

    def change(document: TOMLDocument, known: tuple[LearnedName, ...]) -> None:
        place = _place(known, name)
        if place is not None:
            entry: Any = document[SIGNATURES][place]
            entry["name"], entry["path"] = name.name, str(name.path)
            if name.note or "note" in entry:
                entry["note"] = name.note
            return
        _append(document, name)

    _edit(path, change)


def forget(path: Path, name: LearnedName) -> None:
    """Take the name for these words out; comments beside it stay. Nothing where there is none."""
    text = read_text(path)
    place = _place(read(path, text).names, name)
    if place is not None:
        _replace(path, _without(path, text, place))


def confirm(path: Path, acts: Acts) -> None:
    """Write what the consultant says of those who act beside us; an empty text takes a word back."""

    def change(document: TOMLDocument, _known: tuple[LearnedName, ...]) -> None:
        import tomlkit

        table: Any = document.setdefault(ACTS, tomlkit.table())
        for key, said in asdict(acts).items():
            if said:
                table[key] = said
            elif key in table:
                del table[key]

    _edit(path, change)


def _place(known: tuple[LearnedName, ...], name: LearnedName) -> int | None:
    """The place of the name that agrees on the same words."""
    wanted = _words_of(name)
    return next((place for place, each in enumerate(known) if _words_of(each) == wanted), None)


def _words_of(name: LearnedName) -> LearnedName:
    return replace(name, name="", path=next(iter(type(name.path))), note="")


def _append(document: TOMLDocument, name: LearnedName) -> None:
    import tomlkit

    entry = tomlkit.table()
    for key, value in asdict(name).items():
        if value is not None and not (key == "note" and not value):
            entry[key] = list(value) if isinstance(value, tuple) else str(value)
    known: Any = document.get(SIGNATURES)
    if not known:
        document.pop(SIGNATURES, None)
        known = document[SIGNATURES] = tomlkit.aot()
    elif not tomlkit.dumps(document).endswith("\n\n"):
        entry.trivia.indent = "\n"
    known.append(entry)


def _edit(path: Path, change: Callable[[TOMLDocument, tuple[LearnedName, ...]], None]) -> None:
    import tomlkit

    text = read_text(path)
    known = read(path, text).names
    document = tomlkit.parse(text or _HEAD)
    change(document, known)
    _replace(path, tomlkit.dumps(document))


def _without(path: Path, text: str, place: int) -> str:
    """The text without one signature: from its heading to its last word, so that comments after it stay."""
    expected = read(path, text)
    expected = replace(expected, names=expected.names[:place] + expected.names[place + 1 :])
    lines, headings = text.splitlines(keepends=True), lines_of_entries(text)
    if place < len(headings):
        first = headings[place]
        end = next(
            (number for number in range(first + 1, len(lines)) if lines[number].lstrip().startswith("[")), len(lines)
        )
        while end > first + 1 and lines[end - 1].strip()[:1] in ("", "#"):
            end -= 1
        if first and not lines[first - 1].strip() and not "".join(lines[end : end + 1]).strip():
            first -= 1
        left = "".join(lines[:first] + lines[end:])
        if _reads_as(path, left, expected):
            return left
    import tomlkit

    # Signatures written in another way than under headings: their comments go with them.
    document = tomlkit.parse(text)
    del document[SIGNATURES][place]
    return tomlkit.dumps(document)


def _reads_as(path: Path, text: str, expected: object) -> bool:
    try:
        return read(path, text) == expected
    except UsageError:
        return False


def _replace(path: Path, text: str) -> None:
    from ghl_triage.private_file import replace_text
    from ghl_triage.secrets.hiding import shows

    if shows(text):
        # What stood there before was looked through when it was read.
        raise UsageError("What looks like a key, or like a link that lets one pay, is not written down.")
    try:
        replace_text(path, text)
    except OSError as fault:
        raise UsageError(f"{path} cannot be written: {fault.strerror}.") from fault
