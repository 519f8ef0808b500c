"""Kill producer, broker, driver, workers and database at random: nothing is lost or doubled.

    .venv/bin/python bench/soak/servers.py --kills 50 --seed 1 --store postgresql

A corpus (`corpus`: four kinds, three visits) flows from a producer through Kafka and Spark
(`vigie process --engine spark --trigger 500ms`) into a database. In turn, at random instants and
only while it uses the processor, each part gets a SIGKILL: the producer, the broker, the driver
(its Python or its Java), one of its Python workers, the database. Producer and driver are started
again at once; broker and database after a random pause, the broker once after `--outage` seconds,
in which captures must come to wait on disk. At the end all must equal an undisturbed run of the
embedded engine on the same entries.

The harness proves that it can see: `--plant position` commits positions before rows, `--plant
lossy` has a producer without a waiting room. Both must be caught.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))

from corpus import entries  # noqa: E402  # the folder above is not a package
from ground import answer_of, differences  # noqa: E402
from roles import drive, produce  # noqa: E402
from striking import Soak  # noqa: E402
from verdict import TROUBLE, end  # noqa: E402

from vigie.config import load  # noqa: E402
from vigie.model.capture import Capture  # noqa: E402
from vigie.model.fates import Fates  # noqa: E402
from vigie.wiring import Instance  # noqa: E402
from vigie.wiring.spooling import kafka_spool  # noqa: E402


def fill(base: Path, listings: int) -> tuple[int, int]:
    """Spool the corpus in a folder; return how many entries and captures it has."""
    every = list(entries(listings, with_recorded=False))
    with Instance(_quiet(base)) as here:
        here.spool.append(every)
    return len(every), sum(isinstance(entry, Capture) for entry in every)


def _quiet(base: Path) -> Any:
    return load({"data_dir": str(base / "quiet")}, environ={}).settings


def judge(here: Instance) -> dict[str, Any]:
    """Return what must be the same with and without kills."""
    changes = here.store.feed.read(0, 10**9)
    with here.store.database.reading() as connection:
        pages = connection.exec_driver_sql(
            "SELECT COUNT(*), COUNT(DISTINCT capture_id) FROM pages WHERE capture_id <> ''"
        ).one()
        sightings = connection.exec_driver_sql("SELECT COUNT(*) FROM sightings").scalar()
    unlike = here.search.reconcile(here.store.feed.snapshot()[1])
    return {
        "feed": Counter((one.kind, one.id, str(one.what)) for one in changes),
        "gap_free": [one.seq for one in changes] == list(range(1, len(changes) + 1)),
        "pages": tuple(pages), "sightings": sightings,
        "index": {name: len(getattr(unlike, name)) for name in unlike.__struct_fields__
                  if getattr(unlike, name)},
    }  # fmt: skip


def compare(base: Path, killed: Any, captures: int) -> list[str]:
    """Return what differs between the killed and the quiet instance; nothing when all is well."""
    with Instance(_quiet(base)) as here:
        here.process()
        first, told = answer_of(here, Fates()), judge(here)
        print(f"{here.store.runs(100_000)['found'].sum()} listings shown", flush=True)
    with Instance(killed) as here:
        wrong = differences(answer_of(here, Fates()), first)
        found = judge(here)
        with kafka_spool(killed).logs() as logs:
            keys = [one.key for part in logs for one in part.stretch(*part.ends())]
    wrong += [name for name in told if told[name] != found[name]]
    if found["pages"] != (captures, captures):
        wrong.append(f"pages: {found['pages']} of {captures} captures")
    if len(keys) != len(set(keys)):
        wrong.append(f"{len(keys) - len(set(keys))} entries stand twice in Kafka")
    return wrong


def soak(given: argparse.Namespace) -> list[str]:
    """Return what differs; nothing when all is well."""
    base = Path(tempfile.mkdtemp(prefix="vigie-soak-", dir="/var/tmp"))
    base.chmod(0o755)  # servers that run as other users live below
    started = time.monotonic()
    total, captures = fill(base, given.listings)
    soaked = Soak(base, given)
    try:
        wrong = soaked.run(total) or compare(base, soaked.settings, captures)
        if given.outage > 15 and not soaked.waited and soaked.killed["broker"]:
            wrong.append(f"{TROUBLE}nothing waited on disk while the broker was away")
        _tell(soaked, total, time.monotonic() - started)
    finally:
        soaked.clear()
        if not given.keep:
            shutil.rmtree(base, ignore_errors=True)
    return wrong


def _tell(soaked: Soak, total: int, seconds: float) -> None:
    def counted(counts: Mapping[str, int]) -> str:
        return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "none"

    hit = sum(soaked.killed.values())
    print(
        f"{hit} of {soaked.kills} kills hit a process at work ({counted(soaked.killed)}); "
        f"missed: {counted(soaked.missed)}"
    )
    starts = {name: part.starts for name, part in soaked.parts.items()}
    ends = {name: part.own_ends for name, part in soaked.parts.items() if part.own_ends}
    print(
        f"{total} entries in {seconds:.0f} s; starts: {counted(starts)}; ended in error, their "
        f"Java or server gone: {counted(ends)}; segments that waited: {soaked.waited}; more was "
        f"stored before {soaked.progress} kills of worker, database and driver"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", default="postgresql", choices=["postgresql", "mariadb"])
    parser.add_argument("--outage", type=float, default=60.0, help="seconds, once")
    parser.add_argument("--plant", default="", choices=["", "position", "lossy"])
    parser.add_argument("--keep", action="store_true", help="leave the folder with its logs")
    parser.add_argument("--role", default="", help="used by the harness itself")
    given = parser.parse_args()
    if given.role == "producer":
        produce(Path(os.environ["VIGIE_DATA_DIR"]), given.plant)
        return
    if given.role == "driver":
        drive(given.plant)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    wrong = soak(given)
    end(wrong, given.plant, "equal to the undisturbed run")


if __name__ == "__main__":
    main()
