"""The cells of a world: made from templates when somebody wants them, kept while they are wanted or changed."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Cell, Params
from ghl_triage.sandbox.stories.highlevel import Record
from ghl_triage.sandbox.stories.scene import Label
from ghl_triage.sandbox.world.ids import Scrambler
from ghl_triage.sandbox.world.index import Index
from ghl_triage.sandbox.world.people import cell_of_email, person
from ghl_triage.sandbox.world.plan import Plan
from ghl_triage.sandbox.world.play import Told
from ghl_triage.sandbox.world.template import Filler

KEPT = 2_500
"""How many unchanged cells stay in the engine: about 150 kB each."""
STEP = 48
"""How many new cells a list asks for at once."""
_NAMING_FILTERS = ("charge", "customer", "invoice", "payment_intent", "payment_method", "setup_intent", "subscription")
_EMAILS = ("email", "folded_email")


class Cells:
    """Where the engine gets cells from: see `CellSource` in the engine's contract."""

    def __init__(self, seed: int, plan: Plan, told: Sequence[Told], engine: Engine) -> None:
        self._seed, self._plan, self._told, self._engine = seed, plan, told, engine
        self.scrambler = Scrambler(seed, len(plan.cells))
        self.shifts = array("i", (self._shift(number) for number in range(len(plan.cells))))
        self._live: OrderedDict[int, Cell] = OrderedDict()
        self._kept: set[int] = set()
        self._planned = bytearray(len(plan.cells))
        """Which cells were live before: the engine still has their work, even where it let the objects go."""
        self._index = Index(plan.cells, self.shifts, told)
        self._work = _work(plan.cells, self.shifts, told)

    # CellSource ---------------------------------------------------------------------------------------------------
    def find(self, kind: str, object_id: str) -> None:  # noqa: ARG002  an identifier says all
        """Makes the cell of this identifier live."""
        number = self.scrambler.cell_of(object_id)
        if number is not None:
            self.wake(number)

    def widen(self, kind: str, filters: Params, below: int | None) -> int | None:
        """Makes the next cells live that a list wants; see the contract."""
        named = _named(filters)
        if named:
            for value in named:
                number = cell_of_email(value) if "@" in value else self.scrambler.cell_of(value)
                if number is not None and number < len(self._plan.cells):
                    self.wake(number)
            return None
        self._forget()
        numbers, reached = self._index.next_cells(kind, filters, below, STEP)
        for number in numbers:
            self.wake(number)
        return reached

    def due(self, until: int) -> None:
        """Makes every cell live that Stripe has work for until then."""
        while self._work and self._work[-1][0] <= until:
            number = self._work.pop()[1]
            self.wake(number)
            self._keep(number)

    # Copies -------------------------------------------------------------------------------------------------------
    def wake(self, number: int) -> None:
        """Makes a cell live, if it is not."""
        if number in self._kept:
            return
        if number in self._live:
            self._live.move_to_end(number)
            return
        cell = self.told(number).cell(self.filler(number), self._engine.clock.now)
        if self._planned[number]:
            cell = replace(cell, jobs=())
        self._planned[number] = True
        self._live[number] = cell
        self._engine.adopt(cell)

    def told(self, number: int) -> Told:
        """The variant that a cell tells."""
        return self._told[self._plan.cells[number]]

    def filler(self, number: int) -> Filler:
        """What makes a cell differ from the others of its variant."""
        return Filler(number, person(self._seed, number), self.shifts[number], self.scrambler)

    def labels(self, number: int) -> tuple[Label, ...]:
        """What the author says of a cell's subscriptions."""
        return self.told(number).labels(self.filler(number))

    def records(self, number: int) -> tuple[Record, ...]:
        """What HighLevel noted down of a cell."""
        return self.told(number).records(self.filler(number))

    def __len__(self) -> int:
        return len(self._plan.cells)

    def _forget(self) -> None:
        """Lets the cells go that were wanted longest ago; one that has changed stays for good."""
        while len(self._live) > KEPT:
            number, cell = self._live.popitem(last=False)
            if not self._engine.release(cell):
                self._kept.add(number)

    def _keep(self, number: int) -> None:
        """A cell whose own time has begun stays for good: its later work is planned in the engine alone."""
        self._live.pop(number, None)
        self._kept.add(number)

    def _shift(self, number: int) -> int:
        lot = (number * 2_654_435_761 + self._seed * 40_503) % 1_000_003
        return -(lot % (self.told(number).slack + 1))


def _named(filters: Params) -> list[str]:
    """The identifiers and addresses that a list is narrowed to."""
    found: list[str] = []
    for name, value in filters.items():
        if isinstance(value, Mapping):
            found += _named({key: item for key, item in value.items() if not isinstance(item, int)})
        elif name in _NAMING_FILTERS or name in _EMAILS:
            found.append(str(value))
    return found


def _work(cells: array[int], shifts: array[int], told: Sequence[Told]) -> list[tuple[int, int]]:
    """When each cell has work of Stripe's next; the soonest last."""
    work = []
    for number, variant in enumerate(cells):
        at = told[variant].work
        if at is not None:
            work.append((at + shifts[number], number))
    work.sort(reverse=True)
    return work
