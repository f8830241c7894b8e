"""What if: a round played before it opens, with the same rules that later cut parts and fill gaps."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.campaigns.keys import Standing, propose
from app.campaigns.model import OnDefault, ShareKey
from app.campaigns.sharing import count_to_cut, cut, scope, used_of
from app.kit.money import Cents, split


@dataclass(frozen=True)
class Piece:
    """A milestone as the estimate prices it, in cents excluding VAT."""

    title: str
    price_cents: Cents
    is_required: bool = True


@dataclass(frozen=True)
class Backer:
    """One who would pledge: so much, or by what the cost-share key weighs."""

    promised_cents: Cents = 0
    weight: int = 0


@dataclass(frozen=True)
class Missing:
    """What follows when the largest backer does not pay its first call, in cents."""

    gap_cents: Cents
    # What each backer's headroom fills of it, and what is offered to each; nothing for who did not pay.
    filled: list[Cents]
    offered: list[Cents]
    # How many of the financed milestones, the last ones first, are cut; the parts each pays in the end.
    cut_titles: list[str] = field(default_factory=list)
    ends: bool = False

    @property
    def open_cents(self) -> Cents:
        """What the others are offered: nobody has to take it."""
        return sum(self.offered)


@dataclass(frozen=True)
class Outcome:
    """How the round would end: what each promises, which milestones are financed, and each one's parts of them."""

    backers: list[Backer]
    financed: list[Piece]
    parts: list[list[Cents]]
    minimum_cents: Cents
    total_cents: Cents
    largest: int | None = None
    default: Missing | None = None

    @property
    def promised_cents(self) -> Cents:
        """What all promise together."""
        return sum(backer.promised_cents for backer in self.backers)

    @property
    def is_reached(self) -> bool:
        """Whether the round would be secured."""
        return bool(self.financed)

    @property
    def missing_cents(self) -> Cents:
        """What the minimum lacks."""
        return max(0, self.minimum_cents - self.promised_cents)

    def pays(self, number: int) -> Cents:
        """What one backer's parts sum to."""
        return sum(self.parts[number]) if self.parts else 0


def play(pieces: Sequence[Piece], key: str, on_default: str, backers: Sequence[Backer]) -> Outcome:
    """Play a round with these backers to its end, and again with the largest of them not paying."""
    minimum = sum(piece.price_cents for piece in pieces if piece.is_required)
    total = sum(piece.price_cents for piece in pieces)
    pledged = _within(total, _promises(key, minimum, backers))
    outcome = Outcome(pledged, [], [], minimum, total)
    if outcome.promised_cents < minimum or not pledged:
        return outcome
    optional = [piece for piece in pieces if not piece.is_required]
    count = scope(minimum, [piece.price_cents for piece in optional], outcome.promised_cents)
    left_out = [id(piece) for piece in optional[count:]]
    financed = [piece for piece in pieces if id(piece) not in left_out]
    amounts = [backer.promised_cents for backer in pledged]
    parts = cut(amounts, [piece.price_cents for piece in financed])
    largest = max(range(len(amounts)), key=lambda n: amounts[n])
    reached = replace(outcome, financed=financed, parts=parts, largest=largest)
    return replace(reached, default=_default(reached, on_default, largest))


def _promises(key: str, minimum: Cents, backers: Sequence[Backer]) -> list[Backer]:
    if key == ShareKey.FREE:
        return list(backers)
    proposed = propose(key, minimum, [Standing(backer.weight) for backer in backers])
    return [replace(backer, promised_cents=cents) for backer, cents in zip(backers, proposed, strict=True)]


def _within(total: Cents, backers: Sequence[Backer]) -> list[Backer]:
    """Nobody can promise more than the estimate still leaves open."""
    found = []
    for backer in backers:
        cents = min(backer.promised_cents, total)
        found.append(replace(backer, promised_cents=cents))
        total -= cents
    return found


def _default(outcome: Outcome, rule: str, late: int) -> Missing:
    missing = outcome.parts[late]
    others = [n for n in range(len(outcome.backers)) if n != late]
    rooms = [
        0 if n == late else backer.promised_cents - outcome.pays(n)
        for n, backer in enumerate(outcome.backers)
    ]
    nothing = [0] * len(rooms)
    if rule in (OnDefault.REFUND_ALL, OnDefault.FUND):
        return Missing(sum(missing), nothing, nothing, ends=rule == OnDefault.REFUND_ALL)
    gone = 0
    if rule in (OnDefault.CUT_OPTIONAL, OnDefault.VOTE):
        places = [
            n for n, piece in enumerate(outcome.financed) if rule == OnDefault.VOTE or not piece.is_required
        ][::-1]
        frees = [(missing[n], sum(outcome.parts[one][n] for one in others)) for n in places]
        found = count_to_cut(sum(missing), sum(rooms), frees)
        if found is None or found >= len(outcome.financed):
            return Missing(sum(missing), nothing, nothing, ends=True)
        for n in places[:found]:
            gone += missing[n]
            rooms = [room + (0 if who == late else outcome.parts[who][n]) for who, room in enumerate(rooms)]
        titles = [outcome.financed[n].title for n in places[:found]]
    else:
        titles = []
    gap = sum(missing) - gone
    filled = used_of(rooms, gap)
    stakes = [0 if n == late else outcome.pays(n) for n in range(len(rooms))]
    still = gap - sum(filled)
    offered = split(still, stakes) if still and any(stakes) else nothing
    return Missing(gap, filled, offered, titles, ends=bool(still and not any(stakes)))
