"""A page against what is usual of its source: the reasons for which it is held, if any.

Each test asks how likely the page would be if nothing had changed; what is less likely than one
in a million is no chance. With some thirty fields a page and a hundred thousand pages a year that
leaves a few false alarms a year, and every one is a page that a person can release.
"""

import math
from typing import Final

import msgspec

from vigie.store.health.measure import SHAPES, FieldMeasure, PageMeasure
from vigie.store.health.profile import FULL_PAGE, LEAST_RUNS, Baseline, Profile, Usual, repeated

LEAST_ROWS: Final = 60
"""Rows, beside `LEAST_RUNS`, before anything is usual."""
CHANCE: Final = 1e-6
CHANCE_IN_DOUBT: Final = 1e-2
"""The same, on the pages that follow a held page in one run: what broke one breaks others."""
LEAST_DOUBTED: Final = 4
"""Rows of a page for that: one listing without a place is no sign of anything."""
CLEAR: Final = 0.25
"""A share must also differ by so much: large pages find small drifts, which are no break."""
STRANGE_SHAPES: Final = 0.6
"""Share of a page's values whose shape the source has (nearly) never had in that field."""
RARE_SHAPE: Final = 0.02
SAME: Final = 0.9
"""Share of repeated values of a field that usually has few."""
POWERS: Final = 1.0
"""Powers of ten between a page's median and all medians before. Cents for euros are two."""
LEAST_RATE: Final = 0.02
"""Nothing is taken to be rarer than this, however quiet its past."""
MOST_MOVED: Final = 0.5
"""Share of a page's known values that must be lost, or other."""
MANGLED_SHARE: Final = 0.02
FRESH: Final = 0.9
USUALLY_FRESH: Final = 0.5
"""Share of a page's listings that are new, and that usually are, before it is asked whether they
are known under another identity."""
THIN: Final = 2
"""More empty fields than any row before, by more than this, on a page of few rows."""


class Alarm(msgspec.Struct, frozen=True):
    """One thing that is not as usual."""

    name: str
    """Short, fixed and countable: vanished, shapes, repeats, amounts, thin."""
    field: str
    expected: str
    seen: str

    def __str__(self) -> str:
        about = f" {self.field}" if self.field else ""
        return f"{self.name}{about}: {self.seen}, usually {self.expected}"


def verdict(page: PageMeasure, baseline: Baseline, chance: float = CHANCE) -> list[Alarm]:
    """Return what of *page* cannot be chance; nothing while too little is known of the source.

    Args:
        chance: What is less likely than this is none.
    """
    if baseline.runs < LEAST_RUNS or baseline.rows < LEAST_ROWS:
        return []
    alarms: list[Alarm] = []
    for name, seen in page.fields.items():
        known = baseline.fields.get(name)
        if known is None:
            continue
        alarms += _vanished(name, seen.filled, page.rows, known, chance)
        alarms += _shapes(name, seen, known, chance)
        alarms += _repeats(name, seen, page.rows, known)
        alarms += _amounts(name, seen, known)
        alarms += _moved(name, (seen.compared, seen.lost, seen.altered), known, chance)
    alarms += _doubles(page, baseline, chance)
    alarms += _mangled(page, baseline, chance)
    if page.rows < FULL_PAGE and page.nulls > baseline.nulls + THIN:
        alarms.append(
            Alarm("thin", "", f"at most {baseline.nulls} empty fields", f"{page.nulls} empty")
        )
    return alarms


def strange(page: PageMeasure, baseline: Baseline) -> bool:
    """Return whether nearly all listings of a page are new where half of them are known."""
    return (
        baseline.runs >= LEAST_RUNS
        and baseline.fresh <= USUALLY_FRESH
        and page.fresh >= FRESH * page.looked > 0
    )


def renamed(page: PageMeasure, alike: int) -> list[Alarm]:
    """Known listings under new identities: a token in every address makes each of them new.

    Args:
        alike: How many of the page's new listings say what a known one says.
    """
    if alike < max(LEAST_DOUBTED, MOST_MOVED * page.looked):
        return []
    seen = f"{alike} of {page.looked} are known under another identity"
    return [Alarm("identities", "native_id", "few", seen)]


def gathered(run: Profile, baseline: Baseline) -> list[Alarm]:
    """Return what of all that a run has brought so far cannot be chance.

    For pages of few rows, such as single listings: one alone proves nothing, ten in a row do.
    """
    if baseline.runs < LEAST_RUNS or baseline.rows < LEAST_ROWS or not run.rows:
        return []
    alarms: list[Alarm] = []
    for name, seen in run.fields.items():
        if (known := baseline.fields.get(name)) is not None:
            alarms += _vanished(name, seen.filled, run.rows, known, CHANCE)
            alarms += _moved(name, (seen.compared, seen.lost, seen.altered), known, CHANCE)
    return alarms


def _vanished(name: str, filled: int, rows: int, known: Usual, chance: float) -> list[Alarm]:
    """A field that is filled less often than it ever was."""
    share = filled / rows
    if share > known.least - CLEAR:
        return []
    if tail(filled, rows, min(known.least, 1 - 1e-3)) > chance:
        return []
    usually = f"{known.least:.0%} to {known.most:.0%}"
    return [Alarm("vanished", name, usually, f"filled in {filled} of {rows}")]


def _shapes(name: str, seen: FieldMeasure, known: Usual, chance: float) -> list[Alarm]:
    """Texts that look like something else than before: a date in the price's place."""
    total = sum(seen.shapes)
    if not total or not known.shapes:
        return []
    strange = sum(
        count for count, share in zip(seen.shapes, known.shapes, strict=True) if share < RARE_SHAPE
    )
    if strange < STRANGE_SHAPES * total or RARE_SHAPE**strange > chance:
        return []
    found = ", ".join(
        shape for shape, count in zip(SHAPES, seen.shapes, strict=True) if 2 * count > total
    )
    usually = ", ".join(
        shape for shape, share in zip(SHAPES, known.shapes, strict=True) if share >= 0.2
    )
    return [Alarm("shapes", name, usually or "otherwise", found or "another mix")]


def _repeats(name: str, seen: FieldMeasure, rows: int, known: Usual) -> list[Alarm]:
    """One value everywhere, where values used to differ."""
    if rows < FULL_PAGE or seen.filled < FULL_PAGE or known.repeat > SAME / 2:
        return []
    share = repeated(seen)
    if share < SAME * (1 - 1 / seen.filled):
        return []
    usually = f"at most {known.repeat:.0%} of a page's values repeated"
    return [Alarm("repeats", name, usually, f"{share:.0%} repeated")]


def _amounts(name: str, seen: FieldMeasure, known: Usual) -> list[Alarm]:
    """Amounts in another unit: cents for euros."""
    if seen.middle is None or seen.filled < FULL_PAGE or known.lowest is None:
        return []
    highest = known.lowest if known.highest is None else known.highest
    if known.lowest - POWERS <= seen.middle <= highest + POWERS:
        return []
    usually = f"a page's median from {10**known.lowest:,.0f} to {10**highest:,.0f}"
    return [Alarm("amounts", name, usually, f"a median of {10**seen.middle:,.0f}")]


def _moved(name: str, seen: tuple[int, int, int], known: Usual, chance: float) -> list[Alarm]:
    """Listings that all lost a value at once, or all have another: no site changes so."""
    if known.compared < LEAST_ROWS:
        return []
    compared, lost, altered = seen
    alarms = []
    for what, hits, rate in (
        ("lost", lost, known.lost), ("altered", altered, known.altered)
    ):  # fmt: skip
        usually = max(rate, LEAST_RATE)
        if hits < MOST_MOVED * compared or hits < usually * compared + 1:
            continue
        if tail(compared - hits, compared, 1 - usually) <= chance:
            told = f"{hits} of {compared} known values"
            alarms.append(Alarm(what, name, f"at most {usually:.0%}", told))
    return alarms


def _doubles(page: PageMeasure, baseline: Baseline, chance: float) -> list[Alarm]:
    """One identity for many items."""
    if 2 * page.doubles < page.rows or not page.doubles:
        return []
    if tail(page.rows - page.doubles, page.rows, 1 - max(baseline.doubles, LEAST_RATE)) > chance:
        return []
    seen = f"{page.doubles} of {page.rows} rows name a listing twice"
    return [Alarm("doubles", "native_id", f"at most {baseline.doubles:.0%}", seen)]


def _mangled(page: PageMeasure, baseline: Baseline, chance: float) -> list[Alarm]:
    """Texts in a wrong encoding."""
    if page.mangled <= MANGLED_SHARE * page.texts:
        return []
    usually = max(baseline.mangled, LEAST_RATE / 10)
    if tail(page.texts - page.mangled, page.texts, 1 - usually) > chance:
        return []
    seen = f"{page.mangled} of {page.texts} texts in a wrong encoding"
    return [Alarm("mangled", "", f"at most {baseline.mangled:.0%}", seen)]


def tail(hits: int, tries: int, chance: float) -> float:
    """Return the probability of at most *hits* in *tries* of *chance* each (binomial)."""
    if chance <= 0:
        return 1.0
    if chance >= 1:
        return 0.0 if hits < tries else 1.0
    log_chance, log_miss = math.log(chance), math.log1p(-chance)
    return sum(
        math.exp(
            math.lgamma(tries + 1) - math.lgamma(k + 1) - math.lgamma(tries - k + 1)
            + k * log_chance + (tries - k) * log_miss
        )
        for k in range(hits + 1)
    )  # fmt: skip
