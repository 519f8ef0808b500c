"""Whether sites that misbehave slow the others down: pages a second of three healthy ones.

    .venv/bin/python bench/misbehaving.py --pause 0.1 --rounds 5

Each round visits the healthy sources alone and then beside three that misbehave: one never sends
its body, one sends a byte at a time, one answers 503. A source's speed is its pages by the time it
took itself. With `--pause 0` nothing but this machine's processor is measured, which the stand-in
sites share.
"""

import argparse
import tempfile
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from vigie import sources
from vigie.collect.job import Job, Options, Progress
from vigie.collect.run import collect
from vigie.demo import Fault, Stage
from vigie.model.capture import Query
from vigie.spool.files import FileSpool
from vigie.store import StoreAgenda, open_store

WELL = ("avito_ma", "arbeitnow", "france_travail")
ILL = {
    "marocannonces": Fault(kind="stall", seconds=60),
    "wttj": Fault(kind="trickle", seconds=0.05),
    "talent": Fault(kind="status", status=503),
}


def speeds(stage: Stage, names: tuple[str, ...], pause: float) -> dict[str, float]:
    """Visit *names*; return pages a second of each healthy source."""
    pages: dict[str, int] = {}
    took: dict[str, float] = {}
    stop = threading.Event()
    started = time.perf_counter()

    def told(news: Progress) -> None:
        pages[news.source] = news.pages
        if news.done:
            took[news.source] = time.perf_counter() - started
        if set(took) >= set(WELL):
            stop.set()

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/vigie.db")
        spool = FileSpool(Path(folder) / "spool")
        options = Options(
            pause_seconds=pause, backoff_seconds=0.5, allow_hosts=stage.allow_hosts,
            rewrite=stage.rewrite,
        )  # fmt: skip
        collect(
            [_job(name) for name in names], spool, StoreAgenda(store.database), options,
            on_progress=told, stop=stop,
        )  # fmt: skip
        spool.close()
        store.close()
    return {name: pages[name] / took[name] for name in WELL}


def _job(name: str) -> Job:
    made = sources.login_class(name)
    return Job(
        name=name, source=sources.make(name), watch="bench", queries=(Query(name="all"),),
        login=made(client_id="us", client_secret="-") if made else None,  # noqa: S106
    )  # fmt: skip


def main() -> None:
    """Print a table of medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pause", type=float, default=0.1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ads", type=int, default=1500)
    given = parser.parse_args()
    alone: dict[str, list[float]] = defaultdict(list)
    beside: dict[str, list[float]] = defaultdict(list)
    with Stage(seed=3, now=datetime.now(UTC), jobs=4 * given.ads, ads=given.ads) as stage:
        for name, fault in ILL.items():
            stage.fail(name, fault)
        speeds(stage, WELL, 0.0)  # renders what the stand-ins keep
        for _ in range(given.rounds):
            for seen, names in ((alone, WELL), (beside, (*ILL, *WELL))):
                for name, speed in speeds(stage, names, given.pause).items():
                    seen[name].append(speed)
    print(f"pause {given.pause} s, {given.rounds} rounds, medians")
    print(f"{'source':16} {'alone /s':>10} {'beside /s':>10} {'kept':>7}")
    for name in WELL:
        one, other = median(alone[name]), median(beside[name])
        print(f"{name:16} {one:10.2f} {other:10.2f} {other / one:7.1%}")


if __name__ == "__main__":
    main()
