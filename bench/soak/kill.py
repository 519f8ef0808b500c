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

from vigie.config import load  # noqa: E402
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


def work(folder: Path, plant: str) -> None:
    """What the killed process does: `vigie process`, with a bug planted when asked."""
    with instance(folder) as here:
        if plant:
            _plant(here, plant)
        here.process()


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


def run_killed(folder: Path, kills: int, rng: random.Random, plant: str, longest: float) -> int:
    """Run the work, killing it *kills* times; return how many kills hit it at work."""
    hit = 0
    command = [sys.executable, str(Path(__file__).resolve()), "--work", str(folder),
               "--plant", plant]  # fmt: skip
    for _ in range(kills):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            child.wait(timeout=rng.uniform(0.8, longest))
            if child.returncode:
                raise SystemExit(f"the process failed by itself ({child.returncode})")
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
            hit += 1
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
            "index": {"missing": len(differences.missing), "extra": len(differences.extra), "different": len(differences.different)} if differences else {},
        }  # fmt: skip


def soak(listings: int, kills: int, seed: int, plant: str) -> list[str]:
    """Return what differs between the killed and the quiet instance; nothing when all is well."""
    base = Path(tempfile.mkdtemp(prefix="vigie-soak-"))
    try:
        shown = fill(base / "quiet", listings)
        shutil.copytree(base / "quiet", base / "killed")
        started = time.perf_counter()
        work(base / "quiet", "")
        longest = max(2.0, (time.perf_counter() - started) / max(kills, 1) * 3)
        rng = random.Random(seed)  # noqa: S311  # instants of kills
        hit = run_killed(base / "killed", kills, rng, plant, longest)
        quiet, killed = judge(base / "quiet"), judge(base / "killed")
        print(
            f"{shown} listings shown, {hit} of {kills} kills hit the process at work, seed {seed}"
        )
        if kills and not hit:
            return ["no kill hit: the machine is too fast for the instants chosen"]
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
    parser.add_argument("--work", type=Path)
    given = parser.parse_args()
    if given.work:
        work(given.work, given.plant)
        return
    wrong = soak(given.listings, given.kills, given.seed, given.plant)
    if given.plant:
        print(f"planted {given.plant}: " + (f"caught ({', '.join(wrong)})" if wrong else "MISSED"))
        raise SystemExit(0 if wrong else 1)
    print("equal to the uninterrupted run" if not wrong else f"DIFFERENT: {', '.join(wrong)}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
