"""Which stories can be told at Stripe, in which requests; and why the others can't."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ghl_triage.sandbox.engine.beliefs import Beliefs, RetryPolicy
from ghl_triage.sandbox.engine.engine import Engine
from ghl_triage.sandbox.engine.ids import Ids
from ghl_triage.sandbox.stories import STORIES, mapping, strangers
from ghl_triage.sandbox.stories.registry import RetryEnd, Story
from ghl_triage.sandbox.stories.scene import DAY, Customer, PathName, Price, Scene, Setting
from ghl_triage.sandbox.verify.experiments import EXPERIMENTS
from ghl_triage.sandbox.verify.recording import Recorder
from ghl_triage.sandbox.verify.transcript import Call, NotPlayable, Transcript

PRODUCT = "ghl-triage verify"
_HIGHLEVELS = (mapping.__name__, strangers.__name__)
_LONGEST = 58
"""No story is told for longer than this many days, unless it says so itself."""
_AMOUNTS = {"usd": (9_700, 19_700, 2_700), "eur": (8_900, 17_900, 2_400), "inr": (49_900, 99_900, 14_900)}
"""By currency the price that is sold, another one, and a weekly one, in minor units."""


@dataclass(frozen=True, slots=True)
class Tale:
    """A story as it is told here: for so many days, in one currency."""

    name: str
    tell: Callable[[Scene], None]
    days: float
    currency: str
    retry_end: RetryEnd | None = None
    path: PathName = "api"


@dataclass(frozen=True, slots=True)
class Played:
    """A tale that the sandbox has played: its transcript, and the engine that holds what it left."""

    tale: Tale
    transcript: Transcript
    engine: Recorder

    def prices(self) -> frozenset[str]:
        """The sandbox's ids of the prices that it sells."""
        calls = (step for step in self.transcript.steps if isinstance(step, Call))
        return frozenset(str(item["price"]) for call in calls for item in call.params.get("items", ()))


@dataclass(frozen=True, slots=True)
class Shop:
    """The catalogue that all tales sell from, and the moment at which they begin, UTC epoch seconds."""

    engine: Engine
    product: str
    prices: dict[str, tuple[Price, Price, Price]]
    start: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be played, and by name what will not, with the reason."""

    shop: Shop
    played: tuple[Played, ...]
    skipped: tuple[tuple[str, str], ...]

    def customers(self) -> int:
        """How many customers will be made."""
        return sum(len(each.transcript.customers) for each in self.played)

    def moves(self) -> int:
        """How often a clock will be moved at least."""
        return sum(each.transcript.moves() for each in self.played)


def tales() -> Iterator[Tale]:
    """All that there is to tell, the sandbox's stories first."""
    for story in STORIES:
        name = story.name if story.path == "api" else f"{story.name} ({story.path})"
        yield Tale(name, story.tell, _days(story), story.currency or "usd", story.retry_end, story.path)
    for each in EXPERIMENTS:
        yield Tale(each.name, each.tell, each.days, each.currency or "usd")


def _days(story: Story) -> float:
    first, last = story.days
    return min(last, max(first + 1, _LONGEST))


def make(
    names: Sequence[str], start: int, beliefs: Beliefs | None = None, after_retries: RetryEnd = "past_due"
) -> Plan:
    """Plays every tale of these names (all, where none is named) on the sandbox. KeyError for an unknown name.

    `after_retries` is what the account's settings say of the end of retries.
    """
    retry = RetryPolicy(end=after_retries)
    shop = _shop(start, replace(beliefs or Beliefs(), retry=retry, event_lifetime=20 * 365 * DAY))
    known = {tale.name: tale for tale in tales()}
    played, skipped = [], []
    for tale in [known[name] for name in names] if names else known.values():
        try:
            played.append(_play(tale, shop, after_retries))
        except NotPlayable as reason:
            skipped.append((tale.name, str(reason)))
    return Plan(shop, tuple(played), tuple(skipped))


def _shop(start: int, beliefs: Beliefs) -> Shop:
    engine = Engine("verify", start, beliefs)
    product = str(engine.create_product({"name": PRODUCT})["id"])
    prices = {currency: _prices(engine, product, currency, amounts) for currency, amounts in _AMOUNTS.items()}
    return Shop(engine, product, prices, start)


def _prices(engine: Engine, product: str, currency: str, amounts: tuple[int, int, int]) -> tuple[Price, Price, Price]:
    def price(amount: int, interval: str) -> Price:
        params = {"product": product, "unit_amount": amount, "currency": currency}
        return Price(str(engine.create_price({**params, "recurring": {"interval": interval}})["id"]), amount, currency)

    sold, other, weekly = amounts
    return price(sold, "month"), price(other, "month"), price(weekly, "week")


def _play(tale: Tale, shop: Shop, after_retries: RetryEnd) -> Played:
    if tale.retry_end not in (None, after_retries):
        raise NotPlayable(f"an account whose retries end otherwise (--after-retries {tale.retry_end})")
    if tale.tell.__module__ in _HIGHLEVELS:
        raise NotPlayable("what it tells is on HighLevel's side")
    foreseen = Recorder(shop.engine, shop.start)
    _tell(tale, shop, foreseen)
    recorder = Recorder(shop.engine, shop.start, foreseen.fates)
    _tell(tale, shop, recorder)
    return Played(tale, recorder.transcript(), recorder)


def _tell(tale: Tale, shop: Shop, engine: Recorder) -> None:
    price, other, weekly = shop.prices[tale.currency]
    ends = shop.start + int(tale.days * DAY)
    setting = Setting(price, other, weekly, "ca_highlevel", "ca_foreign", "location", 0, ends)
    who = Customer("Jane Roe", "jane.roe@example.com", "JANE.ROE@EXAMPLE.COM", "+15550100")
    tale.tell(Scene(engine, _Words("verify"), who, setting, tale.path, "healthy", None))
    engine.clock.advance_to(ends)


class _Words(Ids):
    """Identifiers of the story's own."""

    __slots__ = ()

    def hexadecimal(self) -> str:
        """Something like a UUID."""
        return self.characters(32).lower()
