"""A story that was played once, ready to be told again by another customer at another hour.

Playing a story costs milliseconds, copying one tens of microseconds. A template holds the graph of a cell's plain data
with its holes marked: identifiers, the customer's name and address, and every moment. `Template.cell` fills them in.
What has no hole is shared by all copies; what was one object in the story is one object in each copy.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ghl_triage.sandbox.world.ids import HEX_MARK, MARK, Scrambler
from ghl_triage.sandbox.world.people import Person

STAND_IN = Person("zz-name-zz", "zz-mail-zz@cell.test", "+zz-phone-zz")
"""Who plays the customer in a story that becomes a template."""
SHOUTED = STAND_IN.email.upper()
_PERSONAL = {STAND_IN.name: "name", STAND_IN.email: "email", SHOUTED: "shout", STAND_IN.phone: "phone"}
_TEXT = re.compile("|".join((MARK.pattern, HEX_MARK.pattern, *map(re.escape, _PERSONAL))))
_PAST = 250 * 86_400
_FUTURE = 5 * 366 * 86_400

_Code: TypeAlias = int
_CONSTANT, _STRING, _TIME, _NODE = range(4)
_Ref: TypeAlias = tuple[_Code, Any]


@dataclass(frozen=True, slots=True)
class _Node:
    """How to make one container: a copy of `shape` with some places filled; `rebuild` where a copy can't be filled."""

    shape: Any
    holes: tuple[tuple[Any, _Code, Any], ...]
    rebuild: Any = None


def _maker(data_class: type) -> Callable[[list[Any]], Any]:
    return lambda fields: data_class(*fields)


class Compiler:
    """Turns plain data into nodes, each container once however often it is referred to."""

    def __init__(self, now: int) -> None:
        self._past, self._future = now - _PAST, now + _FUTURE
        self.nodes: list[_Node] = []
        self.strings: dict[str, int] = {}
        self._seen: dict[int, tuple[_Ref, Any]] = {}

    def refer(self, value: Any) -> _Ref:
        """Where a value comes from in a copy. The types are told apart by identity: a world has millions of values."""
        kind = type(value)
        if kind is str:
            if _may_have_hole(value) and _TEXT.search(value):
                return _STRING, self.strings.setdefault(value, len(self.strings))
            return _CONSTANT, value
        if kind is int:
            return (_TIME if self._past < value < self._future else _CONSTANT), value
        if value is None or kind is bool or kind is float:
            return _CONSTANT, value
        seen = self._seen.get(id(value))
        if seen is None:
            seen = self._seen[id(value)] = (self._container(value), value)
        return seen[0]

    def _container(self, value: Any) -> _Ref:
        kind = type(value)
        if kind is dict:
            if any(map(_may_have_hole, value)):
                return self._filled(value, [[key, item] for key, item in value.items()], dict)
            return self._filled(value, value, None)
        if kind is list:
            return self._filled(value, value, None)
        if kind in {tuple, set, frozenset}:
            return self._filled(value, list(value), kind)
        if isinstance(value, Mapping):
            return self._container(dict(value))
        if dataclasses.is_dataclass(value):
            fields = [getattr(value, field.name) for field in dataclasses.fields(value)]
            return self._filled(value, fields, _maker(kind))
        raise TypeError(f"a cell holds plain data, not {kind.__name__}")

    def _filled(self, whole: Any, shape: Any, rebuild: Any) -> _Ref:
        refer = self.refer
        holes = []
        for place, item in shape.items() if type(shape) is dict else enumerate(shape):
            code, payload = refer(item)
            if code != _CONSTANT:
                holes.append((place, code, payload))
        if not holes:
            return _CONSTANT, whole
        self.nodes.append(_Node(shape.copy(), tuple(holes), rebuild))
        return _NODE, len(self.nodes) - 1


def _may_have_hole(text: str) -> bool:
    """Whether a text has one of the beginnings of a hole: a quick look before a thorough one."""
    return "~" in text or "zz-" in text or "ZZ-" in text


def _parts(text: str) -> tuple[tuple[str, Any], ...]:
    """A text cut at its holes: what stands there ("text", "token", "hex", or who), and which."""
    parts: list[tuple[str, Any]] = []
    end = 0
    for match in _TEXT.finditer(text):
        if match.start() > end:
            parts.append(("text", text[end : match.start()]))
        end = match.end()
        if match[0] in _PERSONAL:
            parts.append((_PERSONAL[match[0]], None))
        elif match[0].endswith(".xx~"):
            parts.append(("hex", int(match[0][2:5], 16)))
        else:
            kind = "token" if match[1] == "s" else "capitals"
            parts.append((kind, (int(match[2], 16), int(match[3]))))
    if end < len(text):
        parts.append(("text", text[end:]))
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Filler:
    """What goes into the holes of one copy. `shift` is added to every moment, in seconds."""

    cell: int
    person: Person
    shift: int
    scrambler: Scrambler

    def text(self, parts: tuple[tuple[str, Any], ...]) -> str:
        """A text with its holes filled."""
        return "".join(map(self._part, parts))

    def _part(self, part: tuple[str, Any]) -> str:
        kind, value = part
        if kind == "token":
            return self.scrambler.characters(self.cell, *value)
        if kind == "text":
            return str(value)
        if kind == "capitals":
            return self.scrambler.characters(self.cell, *value).upper()
        if kind == "hex":
            return self.scrambler.hexadecimal(self.cell, value)
        if kind == "shout":
            return self.person.email.upper()
        return str(getattr(self.person, kind))


class Template:
    """Compiled plain data: call `fill` for a copy."""

    def __init__(self, value: Any, now: int) -> None:
        compiler = Compiler(now)
        self._root = compiler.refer([value])
        self._nodes = tuple((node.shape, node.holes, node.rebuild) for node in compiler.nodes)
        self._strings = tuple(map(_parts, compiler.strings))

    def fill(self, filler: Filler) -> Any:
        """A copy of the data with the holes filled."""
        strings = list(map(filler.text, self._strings))
        shift = filler.shift
        made: list[Any] = []
        for shape, holes, rebuild in self._nodes:
            copy = shape.copy()
            for place, code, payload in holes:
                if code == _STRING:
                    copy[place] = strings[payload]
                elif code == _TIME:
                    copy[place] = payload + shift
                else:
                    copy[place] = made[payload]
            if rebuild is not None:
                copy = rebuild(copy)
            made.append(copy)
        code, payload = self._root
        return (made[payload] if code == _NODE else payload)[0]
