"""Reads a filter; whatever cannot be read is an error with its place and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ghl_triage.errors import FilterError
from ghl_triage.store.filters.qualifiers import QUALIFIERS
from ghl_triage.store.filters.query import QUALIFIED, FilterQuery, Match, Term, Value, Word
from ghl_triage.store.filters.values import RawValue, read_value


def parse(text: str) -> FilterQuery:
    """The filter that a text means. Raises `FilterError` with the place of the first fault."""
    # A terminal's broken bytes arrive as lone surrogates, which SQLite does not take.
    scanner = _Scanner(text.encode("utf-8", "replace").decode())
    terms: list[Term] = []
    while scanner.skip_blanks():
        term = _term(scanner)
        if term is not None:
            terms.append(term)
    return FilterQuery(tuple(terms))


@dataclass(slots=True)
class _Scanner:
    text: str
    at: int = 0

    @property
    def head(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    @property
    def at_gap(self) -> bool:
        """Whether the word ends here."""
        return not self.head or self.head.isspace()

    def skip_blanks(self) -> bool:
        """Go to the next word; False where there is none."""
        while self.head.isspace():
            self.at += 1
        return bool(self.head)

    def bare(self, stops: str = "") -> str:
        """All up to a blank or one of `stops`."""
        start = self.at
        while not self.at_gap and self.head not in stops:
            self.at += 1
        return self.text[start : self.at]

    def quoted(self, *, before: str = "") -> str:
        """A text in double quotes, in which a backslash takes the next character as it is."""
        start = self.at
        self.at += 1
        content = []
        while self.head != '"':
            if self.head == "\\":
                self.at += 1
            if not self.head:
                raise FilterError("The quote is not closed.", position=start, hint='Add a " at its end.')
            content.append(self.head)
            self.at += 1
        self.at += 1
        if not self.at_gap and self.head not in before:
            raise FilterError("A blank is missing after the quote.", position=self.at)
        if not content:
            raise FilterError("There is nothing between the quotes.", position=start)
        return "".join(content)


def _term(scanner: _Scanner) -> Term | None:
    start = scanner.at
    negated = scanner.head == "-"
    if negated:
        scanner.at += 1
        if scanner.at_gap:
            raise FilterError("Nothing stands after the minus.", position=start, hint="Write -word or -path:api.")
    if scanner.head == '"':
        return Word(scanner.quoted(), negated)
    qualifier = QUALIFIED.match(scanner.text, scanner.at)
    if qualifier:
        name = _qualifier(qualifier.group(1), scanner)
        scanner.at = qualifier.end()
        return Match(name, _values(name, scanner), negated)
    word = scanner.bare()
    if word == "*":
        if negated:
            raise FilterError("-* leaves nothing over.", position=start)
        return None
    return Word(word, negated)


def _qualifier(written: str, scanner: _Scanner) -> str:
    name = written.lower().replace("_", "-")
    if name in QUALIFIERS:
        return name
    hint = _closest(name, QUALIFIERS, "{}:") or f'To search for the text itself, quote it: "{written}:…".'
    raise FilterError(f"There is no qualifier {written}:.", position=scanner.at, hint=hint)


def _values(name: str, scanner: _Scanner) -> tuple[Value, ...]:
    values = []
    while True:
        values.append(_value(name, scanner))
        if scanner.head != ",":
            return tuple(values)
        scanner.at += 1


def _value(name: str, scanner: _Scanner) -> Value:
    qualifier, start = QUALIFIERS[name], scanner.at
    quoted = scanner.head == '"'
    text = scanner.quoted(before=",") if quoted else scanner.bare(",")
    if not text:
        raise FilterError(f"{name}: needs a value.", position=start, hint=f"For example {qualifier.example}.")
    value = read_value(qualifier, RawValue(text, quoted))
    if value is not None:
        return value
    if qualifier.compares:
        raise FilterError(f"{name}: cannot be {text}.", position=start, hint=f"For example {qualifier.example}.")
    hint = _closest(text, qualifier.values, f"{name}:{{}}") or f"For example {qualifier.example}."
    raise FilterError(f"There is no {name} {text}.", position=start, hint=hint)


def _closest(written: str, known: Iterable[str], form: str) -> str:
    from difflib import get_close_matches

    found = get_close_matches(written.lower().replace("-", "_"), [each.replace("-", "_") for each in known], 1, 0.6)
    originals = {each.replace("-", "_"): each for each in known}
    return f"Did you mean {form.format(originals[found[0]])}?" if found else ""
