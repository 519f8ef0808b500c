"""Holding pages and raising alarms, inside the store's transaction.

What is usual of a source is asked for as of the page's time: profiles of other runs that were
over by then. So the same entries in the same order are judged alike, however they are split.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import msgspec
import polars as pl
from sqlalchemy import Connection

from vigie.model.capture import RunEnd
from vigie.model.fates import State
from vigie.model.frames import Refined
from vigie.model.kinds import KINDS
from vigie.store.bulk import read_listings, select_in
from vigie.store.health.alarms import HELD, HOLDING, write_alarms
from vigie.store.health.measure import PageMeasure, measure, sampled
from vigie.store.health.profile import LEAST_RUNS, Baseline, Profile
from vigie.store.health.remembered import baseline, profiles_of, remember, started
from vigie.store.health.runs import Key, drift, run_alarms
from vigie.store.health.verdict import (
    CHANCE,
    CHANCE_IN_DOUBT,
    LEAST_DOUBTED,
    Alarm,
    gathered,
    renamed,
    strange,
    verdict,
)
from vigie.store.rows import iso

TELLING: Final[dict[str, tuple[str, ...]]] = {
    "job": ("title", "company", "place_raw", "text"),
    "ad": ("title", "price_raw", "place_raw"),
    "post": ("text",),
    "figure": (),
}
"""Fields that two listings rarely have in common; the first is looked for."""


def inspect(connection: Connection, batch: Refined) -> Refined:
    """Return *batch* with the rows of pages that look wrong held, and remember the others."""
    answered = batch.pages.filter(
        pl.col("status").is_not_null() & (pl.col("state") == str(State.OK))
    ).select("run", "capture_id", "source", "watch", "query", "at")
    if not answered.height:
        return batch
    why: dict[tuple[str, str], list[Alarm]] = {}
    for name, rows in batch.listings.items():
        if name == "figure":  # each published table has a shape of its own
            continue
        good = rows.filter(pl.col("fate").is_null()).join(
            answered.select("run", "capture_id"), on=["run", "capture_id"], how="semi"
        )
        for (run, source), part in good.group_by("run", "source", maintain_order=True):
            whole = rows.filter((pl.col("run") == run) & (pl.col("source") == source))
            why |= _judge_pages(connection, (name, str(run), str(source)), part, whole)
    if not why:
        return batch
    held = _hold(batch, why)
    for place in answered.iter_rows(named=True):
        alarms = why.get((place["run"], place["capture_id"]), [])
        key = (place["run"], place["source"], place["watch"], place["query"])
        write_alarms(connection, key, iso(place["at"]), alarms, place["capture_id"])
    return held


def still_wrong(connection: Connection, batch: Refined) -> set[str]:
    """Return the captures of *batch* that are held and still look wrong as they are read now."""
    captures = batch.pages["capture_id"].unique().to_list()
    held = {
        row[0]
        for row in select_in(
            connection,
            "SELECT q.capture_id FROM quarantine q WHERE q.capture_id IN ({ids})"
            f" AND q.reason LIKE '{HELD}%' AND NOT EXISTS (SELECT 1 FROM alarms a"
            " WHERE a.run = q.run AND a.source = q.source AND a.status = 'released')",
            captures,
        )
    }
    wrong: set[str] = set()
    for name, rows in batch.listings.items() if held else ():
        good = rows.filter(pl.col("fate").is_null() & pl.col("capture_id").is_in(list(held)))
        for (run, source), part in good.group_by("run", "source", maintain_order=True):
            key = (name, str(run), str(source))
            told = _compare(connection, key, part, part, again=True)
            wrong |= {page.capture_id for page, alarms in told if alarms}
    return wrong


def end_of(connection: Connection, end: RunEnd) -> str | None:
    """Raise the alarms of one query of a run that is over; return why it is held, if it is."""
    key: Key = (end.run, end.source, end.watch, end.query)
    alarms = run_alarms(connection, key)
    for kind, reading, profile in profiles_of(connection, end.run, end.source):
        known = baseline(connection, (end.source, kind, reading), run=end.run, at=iso(end.at))
        alarms += gathered(profile, known) or drift(profile, known)
    write_alarms(connection, key, iso(end.at), alarms)
    return next((alarm.name for alarm in alarms if alarm.name == HOLDING), None)


Visited = tuple[str, str, str]
"""kind, run, source"""


def _judge_pages(
    connection: Connection, key: Visited, rows: pl.DataFrame, whole: pl.DataFrame
) -> dict[tuple[str, str], list[Alarm]]:
    """Return why pages of one run are held; remember what the others look like.

    Args:
        rows: Those that would be published.
        whole: All rows of the run in the batch, set apart or not.
    """
    kind, run, source = key
    why: dict[tuple[str, str], list[Alarm]] = {}
    gathered: dict[tuple[str, int], Profile] = {}
    for page, alarms in _compare(connection, key, rows, whole):
        gathered.setdefault((page.reading, int(bool(alarms))), Profile()).add(page)
        if alarms:
            why[run, page.capture_id] = alarms
    last = iso(rows["at"].max())  # type: ignore[arg-type]  # not empty
    for (reading, held), profile in gathered.items():
        remember(connection, (run, source, kind, reading, held), last, profile)
    return why


def _compare(
    connection: Connection, key: Visited, rows: pl.DataFrame, whole: pl.DataFrame, *,
    again: bool = False,
) -> list[tuple[PageMeasure, list[Alarm]]]:  # fmt: skip
    """Return each page's measure with what is not as usual of it.

    Args:
        again: They are read again, and were held: where nothing usual is known, they stay held.
    """
    kind, run, source = key
    first = started(connection, run, source) or iso(whole["at"].min())  # type: ignore[arg-type]  # not empty
    known: dict[str, Baseline] = {}
    told = []
    so_far = defaultdict(Profile)
    waiting = defaultdict[str, list[PageMeasure]](list)
    for name, reading, profile in profiles_of(connection, run, source):
        if name == kind:
            so_far[reading] = profile
    chance = CHANCE_IN_DOUBT if _in_doubt(connection, run, source) else CHANCE
    shape = KINDS[kind]
    firsts = _firsts(connection, rows, whole, run)
    stored = read_listings(connection, shape, firsts["id"].to_list())
    for page in measure(shape, rows, firsts, stored):
        if page.reading not in known:
            known[page.reading] = baseline(
                connection, (source, kind, page.reading), run=run, at=first, nearest=again
            )
        if page.rows >= LEAST_DOUBTED:
            alarms = verdict(page, known[page.reading], chance)
            if strange(page, known[page.reading]):
                new = firsts.filter(
                    (pl.col("capture_id") == page.capture_id)
                    & ~pl.col("id").is_in(stored["id"].implode())
                )
                alike = _alike(connection, kind, source, new)
                alarms += renamed(page, alike)
        else:
            summed = so_far[page.reading]
            while waiting[page.reading]:  # summed only where small pages need the sum
                summed.add(waiting[page.reading].pop(0))
            summed = summed.merged(Profile())
            summed.add(page)
            alarms = verdict(page, known[page.reading]) or gathered(summed, known[page.reading])
        if again and known[page.reading].runs < LEAST_RUNS:
            alarms = [Alarm("unknown", "", "three runs", f"{known[page.reading].runs} remembered")]
        if alarms:
            chance = CHANCE_IN_DOUBT
        else:
            waiting[page.reading].append(page)
        told.append((page, alarms))
    return told


def _firsts(
    connection: Connection, rows: pl.DataFrame, whole: pl.DataFrame, run: str
) -> pl.DataFrame:
    """Return the rows, of the first such of each page, that show a listing first in the run."""
    named = whole.filter(pl.col("id").is_not_null())
    first = named.sort("at", "capture_id", "item").unique("id", keep="first", maintain_order=True)
    seen = select_in(
        connection,
        "SELECT DISTINCT listing_id FROM scope_members WHERE listing_id IN ({ids})"
        " AND last_run = ?",
        first["id"].to_list(),
        run,
    )
    new = first.filter(~pl.col("id").is_in([row[0] for row in seen]))
    mine = new.join(rows.select("capture_id", "item"), on=["capture_id", "item"], how="semi")
    return sampled(mine)


def _alike(connection: Connection, kind: str, source: str, new: pl.DataFrame) -> int:
    """Return how many of *new* say what a known open listing of the source says."""
    names = TELLING[kind]
    if not names or not new.height:
        return 0
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * new.height)
    first = new[names[0]].to_list()
    known = connection.exec_driver_sql(
        f"SELECT {columns} FROM \"{kind}\" WHERE source = ? AND status = 'open'"
        f' AND "{names[0]}" IN ({marks})',
        (source, *first),
    ).fetchall()
    said = {tuple(row) for row in known}
    return sum(row in said for row in new.select(names).iter_rows())


def _in_doubt(connection: Connection, run: str, source: str) -> bool:
    """Return whether a page of the run is held."""
    sql = "SELECT 1 FROM alarms WHERE run = ? AND source = ? AND capture_id <> '' LIMIT 1"
    return connection.exec_driver_sql(sql, (run, source)).scalar() is not None


def _hold(batch: Refined, why: Mapping[tuple[str, str], list[Alarm]]) -> Refined:
    told = pl.DataFrame(
        [(run, capture, alarms[0].name, "; ".join(map(str, alarms))[:300])
         for (run, capture), alarms in why.items()],
        schema=dict.fromkeys(("run", "capture_id", "_alarm", "_told"), pl.String()), orient="row",
    )  # fmt: skip
    listings: dict[str, pl.DataFrame] = {}
    for name, rows in batch.listings.items():
        joined = rows.join(told, on=["run", "capture_id"], how="left", maintain_order="left")
        hit = pl.col("fate").is_null() & pl.col("_alarm").is_not_null()
        listings[name] = joined.with_columns(
            pl.when(hit).then(pl.lit("quarantined")).otherwise("fate").alias("fate"),
            pl.when(hit).then(HELD + pl.col("_alarm")).otherwise("reason").alias("reason"),
            pl.when(hit).then("_told").otherwise("detail").alias("detail"),
        ).drop("_alarm", "_told")
    joined = batch.pages.join(told, on=["run", "capture_id"], how="left", maintain_order="left")
    wrong = pl.col("_alarm").is_not_null()
    pages = joined.with_columns(
        pl.when(wrong).then(pl.lit(str(State.LAYOUT_CHANGED))).otherwise("state").alias("state"),
        pl.when(wrong).then("held: " + pl.col("_told")).otherwise("why").alias("why"),
    ).drop("_alarm", "_told")
    return msgspec.structs.replace(batch, listings=listings, pages=pages)
