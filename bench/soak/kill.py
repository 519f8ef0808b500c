"""Kill `vigie process` at random, start it again, and prove that nothing is lost or doubled.

    .venv/bin/python bench/soak/kill.py --listings 100000 --kills 50

The spool holds several runs (new ads, changed prices, vanished ads, broken pages). One instance
processes it without interruption; the other is killed with SIGKILL at random instants until the
kills are used up, then left to finish. Both must have the same content hash, fates and feed
without gaps, and the search index must hold exactly what the store holds.

The harness proves that it can see: two planted bugs must be caught. `--plant position` commits
the position before the rows; `--plant keyless` stores rows under an id of their own each time.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from raw_ads import entries  # noqa: E402  # the folder above is not a package
from verdict import TROUBLE, end  # noqa: E402

from vigie.config import load  # noqa: E402
from vigie.spool.files import FileSpool  # noqa: E402
from vigie.wiring import Instance  # noqa: E402


def instance(folder: Path) -> Instance:
    return Instance(load({"data_dir": str(folder)}, environ={}).settings)


def fill(folder: Path, listings: int) -> int:
    """Write three runs over *listings* ads; return how many listings the captures show."""
    shown = 0
    with instance(folder) as here:
        for visit in range(3):
            batch = []
            gone_from = listings - visit * (listings // 50) if visit else None
            for entry in entries(listings // 3, visit=visit, gone_from=gone_from, bad_every=97):
                batch.append(entry)
                if len(batch) == 64:
                    here.spool.append(batch)
                    batch = []
            here.spool.append(batch)
            here.spool.close()
            shown += listings // 3
    return shown


POINTS = ("before_save", "in_commit", "after_save")
"""Where a process kills itself when it is told to, beside the random instants."""

LAST_POINTS = ("before_index", "after_index")
"""The last kills: this process writes the index when all is stored."""


def work(folder: Path, plant: str, point: str = "", count: int = 0) -> None:
    """What the killed process does: `vigie process`, with a bug or a death planted when asked.

    Prints a line at every batch, so that random kills fall into the work and not the start-up.
    """
    with instance(folder) as here:
        # Small batches: many transactions to be killed in.
        here.__dict__["spool"] = FileSpool(here.settings.spool_folder, batch_entries=8)
        if plant:
            _plant(here, plant)
        if point and point != "quiet":
            _die_at(here, point, count)
        here.process(on_batch=lambda *_: print("batch", flush=True) if point != "quiet" else None)


def _die_at(here: Instance, point: str, count: int) -> None:
    """Make the process kill itself when it comes to *point* for the *count*-th time."""
    left = count

    def die() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(function: Any, *, before: bool) -> Any:
        def call(*given: Any, **more: Any) -> Any:
            if before:
                die()
            told = function(*given, **more)
            if not before:
                die()
            return told

        return call

    if point == "in_commit":
        # The feed is what a transaction writes last: everything is written, nothing committed.
        from vigie.store import feed

        feed.write = around(feed.write, before=False)
    elif point.endswith("save"):
        here.store.save = around(here.store.save, before=point == "before_save")  # type: ignore[method-assign]
    else:
        here.search.apply = around(here.search.apply, before=point == "before_index")  # type: ignore[method-assign]


def _plant(here: Instance, plant: str) -> None:
    store = here.store
    save = store.save

    def position_first(batch: Any, span: Any, **more: Any) -> Any:
        with store.database.writing() as connection:
            connection.exec_driver_sql(
                "INSERT INTO positions VALUES (?, ?, ?) ON CONFLICT (consumer, partition)"
                " DO UPDATE SET ordinal = excluded.ordinal",
                (span.consumer, span.partition, span.end),
            )
        return save(batch, None, **more)

    def keyless(batch: Any, span: Any, **more: Any) -> Any:
        import polars as pl

        salt = f"{os.getpid():x}"[-4:].rjust(4, "0")
        for name, rows in batch.listings.items():
            batch.listings[name] = rows.with_columns(
                (pl.col("id").str.slice(0, 12) + salt).alias("id")
            )
        told = save(batch, None, **more)
        with store.database.writing() as connection:
            connection.exec_driver_sql(
                "INSERT INTO positions VALUES (?, ?, ?) ON CONFLICT (consumer, partition)"
                " DO UPDATE SET ordinal = excluded.ordinal",
                (span.consumer, span.partition, span.end),
            )
        return told

    store.save = {"position": position_first, "keyless": keyless}[plant]  # type: ignore[method-assign]


def run_killed(folder: Path, kills: int, rng: random.Random, plant: str, batch_s: float) -> int:
    """Run the work, killing it *kills* times; return how many kills hit it at work.

    Every other kill is at a named point, the others at a random instant after a random batch.
    """
    hit = 0
    command = [sys.executable, str(Path(__file__).resolve()), "--work", str(folder),
               "--plant", plant]  # fmt: skip
    for number in range(kills):
        last = number - (kills - len(LAST_POINTS))
        if last >= 0 or number % 2 == 0:
            point = LAST_POINTS[last] if last >= 0 else POINTS[number // 2 % len(POINTS)]
            at_point = [
                *command,
                "--point",
                point,
                "--count",
                "1" if last >= 0 else str(rng.randint(1, 2)),
            ]
            told = subprocess.run(
                at_point, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
            )
            hit += told.returncode < 0
            continue
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert child.stdout is not None
        for _ in range(rng.randint(1, 2)):
            child.stdout.readline()
        try:
            child.wait(timeout=rng.uniform(0, 2 * batch_s))
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            hit += 1
        child.stdout.close()
        if child.wait() > 0:
            raise SystemExit(f"the process failed by itself ({child.returncode})")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return hit


def judge(folder: Path) -> dict[str, Any]:
    """What must be the same with and without kills."""
    with instance(folder) as here:
        runs = here.store.runs(100).drop("last_at").sort("run", "source", "query")
        changes = here.store.feed.read(0, 10**9)
        seqs = [change.seq for change in changes]
        differences = here.search.reconcile(here.store.feed.snapshot()[1])
        return {
            "content": here.store.content_hash(),
            "fates": runs.select("run", "query", "pages", "found", "new", "changed", "unchanged",
                                 "duplicate", "rejected", "quarantined", "closed").rows(),
            "feed": [(c.kind, c.id, str(c.what)) for c in changes],
            "gap_free": seqs == list(range(1, len(seqs) + 1)),
            "index": {name: len(getattr(differences, name)) for name in
                      differences.__struct_fields__ if getattr(differences, name)},
        }  # fmt: skip


def soak(listings: int, kills: int, seed: int, plant: str) -> list[str]:
    """Return what differs between the killed and the quiet instance; nothing when all is well."""
    base = Path(tempfile.mkdtemp(prefix="vigie-soak-"))
    try:
        shown = fill(base / "quiet", listings)
        shutil.copytree(base / "quiet", base / "killed")
        started = time.perf_counter()
        work(base / "quiet", "", "quiet")
        batch_s = max(0.05, (time.perf_counter() - started) * 8 * 35 / shown)
        rng = random.Random(seed)  # instants of kills
        hit = run_killed(base / "killed", kills, rng, plant, batch_s)
        quiet, killed = judge(base / "quiet"), judge(base / "killed")
        print(
            f"{shown} listings shown, {hit} of {kills} kills hit the process at work, seed {seed}"
        )
        if kills and not hit:
            return [f"{TROUBLE}no kill hit: the machine is too fast for the instants chosen"]
        return [name for name in quiet if quiet[name] != killed[name]] + [
            f"{who}: {what} {told['index']}"
            for who, told in (("quiet", quiet), ("killed", killed))
            for what, bad in (("gap in the feed", not told["gap_free"]),
                              ("index differs from the store", told["index"]))
            if bad
        ]  # fmt: skip
    finally:
        shutil.rmtree(base, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plant", default="", choices=["", "position", "keyless"])
    parser.add_argument("--work", type=Path, help="used by the harness itself")
    parser.add_argument("--point", default="")
    parser.add_argument("--count", type=int, default=0)
    given = parser.parse_args()
    if given.work:
        work(given.work, given.plant, given.point, given.count)
        return
    wrong = soak(given.listings, given.kills, given.seed, given.plant)
    end(wrong, given.plant, "equal to the uninterrupted run")


if __name__ == "__main__":
    main()
