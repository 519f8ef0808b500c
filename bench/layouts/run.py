"""How many broken layouts are seen, how many false alarms quiet runs raise, how many bad rows leak.

    .venv/bin/python bench/layouts/run.py --quiet 30 --ways 40

Each source collects thirty times, undisturbed, from its stand-in site, a day apart: every alarm is
a false one. Then each way of breaking its pages (see `breaking`) happens to it in one more run,
each time from the same thirty. A way that changes nothing that is read is no break and is not
counted; nor is one that changes only counters, which move by themselves (likes, applicants).

Seen means: the run says so itself (a state other than ok, rows held or quarantined, an alarm).
A leak is a row that was published with a value other than the unbroken page gives.
"""

import argparse
import contextlib
import dataclasses
import os
import random
import shutil
import sys
import tempfile
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import msgspec
import polars as pl

sys.path.insert(0, str(Path(__file__).parent))

from breaking import Break, untouched, ways  # the folder is not a package

from vigie import sources
from vigie.demo.contents import Contents
from vigie.demo.site import Ask, Site
from vigie.demo.stage import stand_ins
from vigie.demo.world import World
from vigie.engines.batch import Recipe, refine
from vigie.errors import SourceError
from vigie.model.capture import Capture, Request, RunEnd, Scan, capture_id
from vigie.model.frames import Refined
from vigie.model.kinds import KINDS
from vigie.steps import STANDARD
from vigie.steps import run as run_steps
from vigie.store import SqlStore, open_store

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
MARKUP = ("html",)
"""Another tag around the same words is no other reading."""
LEAST_SEEN, MOST_FALSE = 0.95, 1
MOST_PAGES = 12
SETTINGS: dict[str, dict[str, object]] = {
    "avito_ma": {"via": "pages"},
}


def visit(
    source: Any, name: str, site: Site, contents: Contents, run: str
) -> tuple[list[Capture], Scan]:
    """Return the pages of one visit, asked without any network, and how far it looked."""
    query = source.example
    queue, seen = deque(source.first(query)), set[tuple[str, bytes | None]]()
    pages: list[Capture] = []
    while queue and len(pages) < MOST_PAGES:
        request = queue.popleft()
        if (request.url, request.body) in seen:
            continue
        seen.add((request.url, request.body))
        page = source.scrub(_answer(request, name, site, contents, run))
        identity = capture_id(source=name, url=page.url, body=page.body, at=page.at, status=200)
        page = msgspec.structs.replace(page, id=identity)
        pages.append(page)
        queue += source.follow(page)
    bounded = queue or query.since_hours or any("since_hours" in page.note for page in pages)
    return pages, Scan.NEWEST if bounded else Scan.COMPLETE


def _answer(request: Request, name: str, site: Site, contents: Contents, run: str) -> Capture:
    page = site.answer(_ask(_signed(request, name, site, contents), site), contents)
    if (to := dict(page.headers).get("Location")) and page.status in (301, 302):
        moved = msgspec.structs.replace(request, url=urljoin(request.url, to))
        page = site.answer(_ask(moved, site), contents)
    return Capture(
        id="", at=contents.today, source=name, url=request.url, body=page.body, run=run,
        query="example", status=page.status, headers=(("Content-Type", page.type), *page.headers),
        request_body=request.body, method=request.method, note=request.note,
    )  # fmt: skip


def _signed(request: Request, name: str, site: Site, contents: Contents) -> Request:
    """Return *request* with what the source's login adds, if it has one."""
    made = sources.login_class(name)
    if made is None:
        return request
    login = made(**{field.name: "demo" for field in dataclasses.fields(made)})
    asked, letter = login.request(), None
    if asked is not None:
        told = site.answer(_ask(asked, site), contents)
        letter = Capture(
            id="", at=contents.today, source=name, url=asked.url, body=told.body, run="",
            status=told.status, headers=told.headers,
        )  # fmt: skip
    signed: Request = login.sign(request, letter)
    return signed


def _ask(request: Request, site: Site) -> Ask:
    parts = urlsplit(request.url)
    folders: dict[str, str] = getattr(site, "folders", {})
    return Ask(
        request.method,
        folders.get(f"{parts.scheme}://{parts.netloc}", "") + unquote(parts.path),
        dict(parse_qsl(parts.query, keep_blank_values=True)),
        {key.lower(): value for key, value in request.headers},
        request.body or b"",
    )


def refined(source: Any, pages: list[Capture]) -> Refined:
    recipe = Recipe(
        find=lambda _: source, clean=lambda kind, rows: run_steps(kind, rows, STANDARD[kind])
    )
    return refine(pages, recipe)


def end_of(name: str, run: str, pages: list[Capture], scan: Scan, at: datetime) -> RunEnd:
    return RunEnd(
        at=at, source=name, run=run, scan=scan, query="example", started_at=at,
        pages=len(pages),
    )  # fmt: skip


def save(store: SqlStore, batch: Refined, end: RunEnd) -> None:
    store.save(batch, None)
    store.save(Refined(batch.pages.clear(), {}, (end,)), None)


def judged(store: SqlStore, run: str) -> list[str]:
    """Return what the run says is wrong with it."""
    row = store.run(run).row(0, named=True)
    said = [f"state {row['state']}"] if row["state"] != "ok" else []
    said += [f"held {row['held']}"] if row["held"] else []
    said += [f"quarantined {row['quarantined']}"] if row["quarantined"] else []
    said += [f"rejected {row['rejected']}"] if row["rejected"] else []
    told = store.alarms(every=True).filter(pl.col("run") == run)
    return said + [f"{a} {f}".strip() for a, f in told.select("alarm", "field").rows()]


def compared(truth: Refined, batch: Refined) -> bool:
    """Return whether the batch reads otherwise than the truth."""
    for name in {*truth.listings, *batch.listings}:
        mine, other = truth.listings.get(name), batch.listings.get(name)
        if mine is None or other is None or not _values(name, mine).equals(_values(name, other)):
            return True
    return truth.pages["state"].to_list() != batch.pages["state"].to_list()


def _values(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    names = [f.name for f in KINDS[kind].values if f.name not in MARKUP and not f.volatile]
    return rows.select("native_id", "fate", *names).sort("native_id")


def measure(name: str, quiet: int, most: int, seed: int) -> dict[str, Any]:
    """Return the figures of one source."""
    site = stand_ins()[name]
    source = sources.make(name, SETTINGS.get(name, {}))
    folder = Path(tempfile.mkdtemp(prefix="vigie-layouts-"))
    world = World(seed, START)
    false_alarms: list[str] = []
    try:
        store = open_store(f"sqlite:///{folder / 'quiet.db'}")
        for number in range(quiet):
            contents = Contents.of(world)
            run = f"run{number:03}"
            pages, scan = visit(source, name, site, contents, run)
            save(store, refined(source, pages), end_of(name, run, pages, scan, contents.today))
            said = judged(store, f"run{number:03}")
            false_alarms += [f"run {number}: {one}" for one in said]
            world = world.next()
        store.close()
        contents = Contents.of(world)
        pages, scan = visit(source, name, site, contents, "broken")
        # Written as the broken ones are, so that what differs is what was broken.
        pages = [msgspec.structs.replace(page, body=untouched(page.body)) for page in pages]
        truth = refined(source, pages)
        chosen = list(ways(pages[0].body)) if pages else []
        dice = random.Random(seed)
        told = chosen[:5] + dice.sample(chosen[5:], min(len(chosen) - 5, 3 * most))
        broken, seen, leaked, missed = 0, 0, 0, list[str]()
        for way, change in told:
            if broken >= most:
                break
            outcome = _once(folder, source, pages, truth, change, scan)
            if outcome is None:
                continue
            broken += 1
            said, bad = outcome
            seen += bool(said)
            leaked += bad
            if not said or bad:
                missed.append(f"{way}: {'; '.join(said[:3]) or 'NOT SEEN'}; {bad} leaked")
        return {"source": name, "listings": sum(r.height for r in truth.listings.values()),
                "false": false_alarms, "broken": broken, "seen": seen, "leaked": leaked,
                "missed": missed}  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _once(  # noqa: PLR0917 - all of them are the one visit
    folder: Path, source: Any, pages: list[Capture], truth: Refined, change: Break, scan: Scan
) -> tuple[list[str], int] | None:  # fmt: skip
    broken = []
    for page in pages:
        body = change(page.body)
        other = msgspec.structs.replace(page, body=body)
        with contextlib.suppress(SourceError):
            other = source.scrub(other)
        broken.append(other)
    batch = refined(source, broken)
    if not compared(truth, batch):
        return None
    copy = folder / "broken.db"
    shutil.copy(folder / "quiet.db", copy)
    store = open_store(f"sqlite:///{copy}")
    try:
        save(store, batch, end_of(pages[0].source, "broken", broken, scan, pages[0].at))
        return judged(store, "broken"), published_wrong(store, truth, batch)
    finally:
        store.close()
        for path in folder.glob("broken.db*"):
            path.unlink()


def published_wrong(store: SqlStore, truth: Refined, batch: Refined) -> int:
    """Return how many listings the broken run changed for the worse.

    A value that the unbroken page does not give is wrong; a value that was lost is, too, when the
    store lost it.
    """
    wrong = 0
    with store.database.reading() as connection:
        for name, rows in batch.listings.items():
            ids = [
                row[0]
                for row in connection.exec_driver_sql(
                    f'SELECT id FROM "{name}" WHERE capture_id IN'  # noqa: S608 - our own name
                    " (SELECT capture_id FROM pages WHERE run = 'broken')"
                )
            ]
            if not ids:
                continue
            names = [
                field.name for field in KINDS[name].values
                if not field.volatile and field.name not in (*MARKUP, "posted_at",
                                                             "posted_precision")
            ]  # fmt: skip
            shown = store.get(name, ids).select("id", *names)
            whole = truth.listings.get(name, rows.clear())
            right = whole.sort("at").unique("id", keep="last").select("id", *names)
            joined = shown.join(right, on="id", how="left", suffix=" right")
            strange = shown.join(right, on="id", how="anti").height
            both = joined.join(right.select("id"), on="id", how="semi")
            differ = [
                pl.col(n).is_not_null() & ~pl.col(n).eq_missing(pl.col(f"{n} right")) for n in names
            ]
            bad = both.filter(pl.any_horizontal(differ))
            if os.environ.get("SHOW_LEAKS"):
                for row in bad.head(3).iter_rows(named=True):
                    told = {n: (row[n], row[f"{n} right"]) for n in names
                            if row[n] is not None and row[n] != row[f"{n} right"]}  # fmt: skip
                    print("      ", str(told)[:300])
            wrong += strange + bad.height
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", type=int, default=30)
    parser.add_argument("--ways", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--check", action="store_true", help="fail below the bars of the promise")
    given = parser.parse_args()
    broken = seen = noisy = 0
    print(f"{'source':18}{'listings':>9}{'false':>7}{'broken':>8}{'seen':>6}{'leaked':>8}")
    for name in given.only.split(",") if given.only else stand_ins():
        told = measure(name, given.quiet, given.ways, given.seed)
        print(
            f"{name:18}{told['listings']:>9}{len(told['false']):>7}{told['broken']:>8}"
            f"{told['seen']:>6}{told['leaked']:>8}",
            flush=True,
        )
        broken, seen = broken + told["broken"], seen + told["seen"]
        noisy += len(told["false"]) > MOST_FALSE
        if given.verbose:
            for line in told["false"] + told["missed"]:
                print(f"    {line}")
    print(f"seen: {seen} of {broken} ({seen / max(broken, 1):.1%}); noisy sources: {noisy}")
    if given.check and (seen < LEAST_SEEN * broken or noisy):
        sys.exit("fewer broken layouts are seen, or more false alarms raised, than promised")


if __name__ == "__main__":
    main()
