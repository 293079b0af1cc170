"""The filter box's text as words: what choosing a view or a facet makes of it."""

from __future__ import annotations

import re

_WORD = re.compile(r'(?:[^\s"]|"[^"]*(?:"|$))+')


def tokens(text: str) -> list[str]:
    """The words of a filter; quotes hold a word together, and one left open is closed at the end."""
    return [word + '"' if word.count('"') % 2 else word for word in _WORD.findall(text)]


def qualifier(token: str) -> str:
    """`path` of `path:api`; empty for a bare or a negated word, which choosing a facet leaves alone."""
    name, colon, _value = token.partition(":")
    return name if colon and not token.startswith("-") else ""


def toggled(text: str, name: str, value: str) -> str:
    """The filter with this value of a qualifier instead of any other; without it where it stood there alone."""
    quoted = f'"{value}"' if any(character in value for character in ' ,"*') else value
    token = f"{name}:{quoted}"
    words = tokens(text)
    others = [word for word in words if qualifier(word) != name]
    return " ".join(others if token in words else [*others, token])


def has_value(text: str, name: str, value: str) -> bool:
    """Whether the filter asks for exactly this value."""
    return f"{name}:{value}" in tokens(text)


def is_view(text: str, view_filter: str) -> bool:
    """Whether the filter holds all of a view's words."""
    wanted = tokens(view_filter)
    return bool(wanted) and set(wanted) <= set(tokens(text))


def with_view(text: str, view_filter: str) -> str:
    """The filter of a view; nothing where it is the filter already, so that choosing it again leaves it."""
    return "" if tokens(text) == tokens(view_filter) else view_filter
