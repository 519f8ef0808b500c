"""What a run of a source looked like, and what several of them make usual."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

import msgspec

from vigie.store.health.measure import SHAPES, FieldMeasure, PageMeasure

LEAST_RUNS: Final = 3
"""Runs before anything is usual."""
FULL_PAGE: Final = 8
"""Rows from which a page's distinct values and medians mean something."""


class FieldProfile(msgspec.Struct):
    """One field over a run's pages."""

    filled: int = 0
    shapes: list[int] = msgspec.field(default_factory=lambda: [0] * len(SHAPES))
    repeat: float = 0.0
    """Highest share of values on a full page that repeat another."""
    lowest: float | None = None
    highest: float | None = None
    """Of the full pages' medians, in powers of ten."""
    compared: int = 0
    lost: int = 0
    altered: int = 0

    def merged(self, more: "FieldProfile") -> "FieldProfile":
        """Return both in one."""
        return FieldProfile(
            filled=self.filled + more.filled,
            shapes=[a + b for a, b in zip(self.shapes, more.shapes, strict=True)],
            repeat=max(self.repeat, more.repeat),
            lowest=_least(self.lowest, more.lowest),
            highest=_most(self.highest, more.highest),
            compared=self.compared + more.compared,
            lost=self.lost + more.lost,
            altered=self.altered + more.altered,
        )


class Profile(msgspec.Struct):
    """A run's pages of one kind and reading."""

    rows: int = 0
    pages: int = 0
    nulls: int = 0
    """Most fields without a value in one row."""
    doubles: int = 0
    mangled: int = 0
    texts: int = 0
    looked: int = 0
    fresh: int = 0
    fields: dict[str, FieldProfile] = {}

    def add(self, page: PageMeasure) -> None:
        """Add one page."""
        self.rows += page.rows
        self.pages += 1
        self.nulls = max(self.nulls, page.nulls)
        self.doubles += page.doubles
        self.mangled += page.mangled
        self.texts += page.texts
        self.looked += page.looked
        self.fresh += page.fresh
        for name, seen in page.fields.items():
            kept = self.fields.setdefault(name, FieldProfile())
            kept.filled += seen.filled
            kept.compared += seen.compared
            kept.lost += seen.lost
            kept.altered += seen.altered
            if seen.shapes:
                kept.shapes = [a + b for a, b in zip(kept.shapes, seen.shapes, strict=True)]
            if page.rows >= FULL_PAGE:
                kept.repeat = max(kept.repeat, repeated(seen))
                if seen.middle is not None and seen.filled >= FULL_PAGE:
                    kept.lowest = _least(kept.lowest, seen.middle)
                    kept.highest = _most(kept.highest, seen.middle)

    def merged(self, more: "Profile") -> "Profile":
        """Return both in one."""
        fields = dict(self.fields)
        for name, other in more.fields.items():
            fields[name] = fields[name].merged(other) if name in fields else other
        return Profile(
            rows=self.rows + more.rows,
            pages=self.pages + more.pages,
            nulls=max(self.nulls, more.nulls),
            doubles=self.doubles + more.doubles,
            mangled=self.mangled + more.mangled,
            texts=self.texts + more.texts,
            looked=self.looked + more.looked,
            fresh=self.fresh + more.fresh,
            fields=fields,
        )


class Usual(msgspec.Struct):
    """What is usual of one field."""

    least: float
    """Lowest share of filled rows of a run."""
    most: float
    shapes: list[float]
    """Share of each shape over all runs."""
    repeat: float
    lowest: float | None
    highest: float | None
    compared: int
    """Known values that all runs were compared with."""
    lost: float
    altered: float
    """Highest share of them that one run had lost, or other."""


class Baseline(msgspec.Struct):
    """What is usual of a source's pages of one kind and reading."""

    runs: int
    rows: int
    nulls: int
    doubles: float
    mangled: float
    """Highest share in one run."""
    fresh: float
    """Median share of listings that nobody had seen before."""
    fields: dict[str, Usual]


LEAST_ROWS: Final = 20
"""Rows that a run needs for its share of filled fields to count as usual or not."""


def usual(profiles: Sequence[Profile]) -> Baseline:
    """Return what *profiles* have in common: the range of every run's shares, all shapes summed."""
    names = {name for profile in profiles for name in profile.fields}
    return Baseline(
        runs=len(profiles),
        rows=sum(profile.rows for profile in profiles),
        nulls=max((profile.nulls for profile in profiles), default=0),
        doubles=_highest((one.doubles, one.rows) for one in profiles),
        mangled=_highest((one.mangled, one.texts) for one in profiles),
        fresh=median([one.fresh / one.looked for one in profiles if one.looked] or [1.0]),
        fields={name: _usual(name, profiles) for name in sorted(names)},
    )


def _usual(name: str, profiles: Sequence[Profile]) -> Usual:
    told = [(profile, profile.fields[name]) for profile in profiles if name in profile.fields]
    weighty = [pair for pair in told if pair[0].rows >= LEAST_ROWS] or told
    shares = [one.filled / profile.rows for profile, one in weighty if profile.rows]
    summed = [sum(one.shapes[place] for _, one in told) for place in range(len(SHAPES))]
    total = sum(summed)
    return Usual(
        least=min(shares, default=0.0),
        most=max(shares, default=0.0),
        shapes=[count / total for count in summed] if total else [],
        repeat=max((one.repeat for _, one in told), default=0.0),
        lowest=_least(*(one.lowest for _, one in told)),
        highest=_most(*(one.highest for _, one in told)),
        compared=sum(one.compared for _, one in told),
        lost=_highest((one.lost, one.compared) for _, one in told),
        altered=_highest((one.altered, one.compared) for _, one in told),
    )


def _highest(pairs: Iterable[tuple[int, int]]) -> float:
    """Return the highest share that one run had, of the runs that say something."""
    told = list(pairs)
    weighty = [pair for pair in told if pair[1] >= LEAST_ROWS] or told
    return max((hits / tries for hits, tries in weighty if tries), default=0.0)


def repeated(seen: FieldMeasure) -> float:
    """Return the share of a field's values that repeat another one of the page."""
    return 1 - seen.distinct / seen.filled if seen.filled and seen.distinct else 0.0


def _least(*values: float | None) -> float | None:
    return min(_known(values), default=None)


def _most(*values: float | None) -> float | None:
    return max(_known(values), default=None)


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
