"""A whole run against the runs before it: alarms that no single page can raise.

None of them condemns what the run brought; `identities` alone also holds the run, so that it closes
nothing. (The incident behind that rule: a token in every address made 40 offers into 12,340.)
"""

from collections import Counter
from datetime import datetime
from statistics import median
from typing import Final

from sqlalchemy import Connection

from vigie.store.health.profile import LEAST_ROWS, LEAST_RUNS, Baseline, Profile
from vigie.store.health.verdict import CHANCE, Alarm, tail
from vigie.store.rows import instant

HISTORY: Final = 28
"""Runs of one query that are looked back at."""
LEAST_HISTORY: Final = 6
SAME_WEEKDAY: Final = 4
"""Runs of one weekday from which that weekday is compared with itself."""
DEVIATIONS: Final = 6.0
"""Median absolute deviations, scaled to a normal's standard deviation, that are no chance."""
SCALE: Final = 1.4826
HALF: Final = 0.5
"""… and the volume must also differ by half of the median."""
DRIFT: Final = 0.1
"""Share of filled rows by which a run leaves the range of all runs before."""
NEW_SHARE, USUAL_NEW_SHARE, LEAST_FOUND = 0.9, 0.5, 20
ANNOUNCED_SHARE: Final = 0.9

Key = tuple[str, str, str, str]


def run_alarms(connection: Connection, key: Key) -> list[Alarm]:
    """Return what one query of a run, now ended, has that its history has not."""
    run, source, watch, query = key
    now = connection.exec_driver_sql(
        "SELECT started_at, scan, state, found, new, duplicate, announced, held FROM runs"
        " WHERE run = ? AND source = ? AND watch = ? AND query = ?",
        key,
    ).one()
    started_at, scan, state, found, new, duplicate, announced, _held = now
    asked = connection.exec_driver_sql(
        "SELECT 1 FROM pages WHERE run = ? AND source = ? AND status IS NOT NULL LIMIT 1",
        (run, source),
    ).scalar()
    if asked is None:
        return []  # files that a person brought, or nothing that answered
    alarms = _announced(scan, found - duplicate, announced)
    if state not in ("ok", "empty"):
        return alarms  # it says already that it did not see everything
    before = connection.exec_driver_sql(
        "SELECT started_at, found - duplicate, new, found, scan FROM runs WHERE source = ?"
        " AND watch = ? AND query = ? AND run <> ? AND state IN ('ok', 'empty') AND held IS NULL"
        " AND started_at < ? ORDER BY started_at DESC LIMIT ?",
        (source, watch, query, run, started_at, HISTORY),
    ).fetchall()
    alike = [(row[0], row[1]) for row in before if row[4] == scan]
    alarms += _volume(found - duplicate, instant(started_at), alike)
    shares = [row[2] / row[3] for row in before if row[3]]
    # The first run of all knows nothing, so everything in it is new.
    if len(shares) > LEAST_RUNS and found >= LEAST_FOUND:
        usually, share = median(shares[:-1]), new / found
        if share >= NEW_SHARE and usually <= USUAL_NEW_SHARE:
            alarms.append(
                Alarm("identities", "", f"{usually:.0%} new", f"{share:.0%} of {found} new")
            )
    return alarms + _layers(connection, key, started_at)


def drift(now: Profile, baseline: Baseline) -> list[Alarm]:
    """Return the fields that a run filled less, or more, often than any run before it."""
    if baseline.runs < LEAST_RUNS or now.rows < LEAST_ROWS:
        return []
    alarms = []
    for name, seen in now.fields.items():
        known = baseline.fields.get(name)
        if known is None:
            continue
        share = seen.filled / now.rows
        low = share < known.least - DRIFT and tail(seen.filled, now.rows, known.least) < CHANCE
        missing = now.rows - seen.filled
        high = (
            known.most > 0
            and share > known.most + DRIFT
            and tail(missing, now.rows, 1 - known.most) < CHANCE
        )
        if low or high:
            usually = f"{known.least:.0%} to {known.most:.0%}"
            alarms.append(Alarm("drift", name, usually, f"filled in {share:.0%}"))
    return alarms


def _announced(scan: str, distinct: int, announced: int | None) -> list[Alarm]:
    if announced is None or scan != "complete" or distinct >= ANNOUNCED_SHARE * announced:
        return []
    return [Alarm("announced", "", f"{announced} announced", f"{distinct} distinct")]


def _volume(found: int, at: datetime | None, before: list[tuple[str, int]]) -> list[Alarm]:
    """Compare with runs of the same weekday where there are enough, else with all."""
    dated = [(instant(started), count) for started, count in before]
    same = [c for when, c in dated if when and at and when.weekday() == at.weekday()]
    counts = same if len(same) >= SAME_WEEKDAY else [count for _, count in dated]
    if len(counts) < (SAME_WEEKDAY if counts is same else LEAST_HISTORY):
        return []
    middle = median(counts)
    spread = SCALE * median(abs(count - middle) for count in counts)
    if abs(found - middle) <= max(DEVIATIONS * spread, HALF * middle, LEAST_FOUND):
        return []
    return [Alarm("volume", "", f"about {middle:.0f}", str(found))]


def _layers(connection: Connection, key: Key, started_at: str) -> list[Alarm]:
    """A page is read from another layer than before: the better one is no longer there."""
    run, source, watch, query = key
    where = " FROM pages WHERE source = ? AND watch = ? AND query = ? AND layer <> ''"
    now = Counter(
        dict(
            tuple(row)
            for row in connection.exec_driver_sql(
                f"SELECT layer, COUNT(*) {where} AND run = ? GROUP BY layer",
                (source, watch, query, run),
            )
        )
    )
    known = {
        row[0]
        for row in connection.exec_driver_sql(
            f"SELECT DISTINCT layer {where} AND run <> ? AND at < ?",
            (source, watch, query, run, started_at),
        )
    }
    return [
        Alarm("layer", "", ", ".join(sorted(known)), f"{count} pages read from {layer}")
        for layer, count in now.items()
        if known and layer not in known
    ]
