"""One corpus through every path: the same listings, history, clusters and sums, or an exit code 1.

    .venv/bin/python bench/same_answer.py --listings 100000

The corpus (`corpus`: all four kinds, recorded pages included) is spooled three times: in a folder,
in Kafka, in a bucket. Each way (`WAYS`) drains one of them into a store of its own. All must have
the content hash of the first, the same fates, and the same table of runs but for the time of
processing. Servers are started for it and stopped; a way whose server is not here is left out
and told, unless `--all`.

Seconds are of one way from the first capture read to the last listing found in the index; Spark's
own start (told once) is not in them. With `--sizes`, what each store takes on disk.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus import entries
from ground import WAYS, Answer, Ground, differences, servers_in
from spark_cluster import Cluster

from vigie.config import load
from vigie.wiring.sparking import open_session
from vigie.wiring.stack import Server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="beside the first, ways whose name has this")
    parser.add_argument("--all", action="store_true", help="a server that is missing is an error")
    parser.add_argument("--sizes", action="store_true")
    given = parser.parse_args()
    os.environ.pop("AWS_CA_BUNDLE", None)
    folder = Path(tempfile.mkdtemp(prefix="vigie-same-", dir="/var/tmp"))
    folder.chmod(0o755)  # servers that run as other users live below
    try:
        with servers_in(folder, every=given.all) as servers:
            wrong = _compare(folder, servers, given)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(1 if wrong else 0)


def _compare(folder: Path, servers: Mapping[str, Server], given: argparse.Namespace) -> list[str]:
    started = time.perf_counter()
    ground = Ground(folder, servers)
    ground.fill(entries(given.listings, seed=given.seed))
    print(f"{ground.messages} entries spooled, {time.perf_counter() - started:.1f} s", flush=True)
    first: Answer | None = None
    wrong: list[str] = []
    tried = 0
    for cluster in (False, True):
        ways = [
            way for way in WAYS
            if way.cluster == cluster and way.needs <= set(servers)
            and (way == WAYS[0] or given.only in way.name)
        ]  # fmt: skip
        if not ways:
            continue
        with Cluster(folder / "cluster") if cluster else _Local() as place:
            started = time.perf_counter()
            options = load({"spool": {"url": "kafka://x:1"}, "spark": place.settings}, environ={})
            spark = open_session(options.settings, place.master)
            where, seconds = spark.sparkContext.master, time.perf_counter() - started
            print(f"Spark started at {where}, {seconds:.1f} s", flush=True)
            for way in ways:
                settings = ground.settings(way)
                started = time.perf_counter()
                found = ground.answer(way, settings, place.master)
                seconds = time.perf_counter() - started
                first, tried = first or found, tried + 1
                odd = differences(found, first)
                wrong += [f"{way.name}: {one}" for one in odd]
                print(
                    f"{way.name:52}{found.fates.found:>8} found{seconds:>8.1f} s  "
                    f"{'DIFFERENT: ' + ', '.join(odd) if odd else found.content}",
                    flush=True,
                )
                if given.sizes and not way.cluster and not wrong:
                    from sizes import told

                    print(told(settings), flush=True)
            spark.stop()
    if first is not None:
        print(f"{len(first.runs)} runs; {first.fates.counts()}")
    left = [way.name for way in WAYS if not way.needs <= set(servers)]
    if left:
        print(f"not tried, for their servers are not here: {', '.join(left)}")
    if tried < 2 and not wrong:
        wrong = ["fewer than two ways were tried: nothing was compared"]
    print(f"the same on {tried} ways" if not wrong else "\n".join(["NOT THE SAME", *wrong]))
    return wrong


class _Local:
    """Spark inside the driver."""

    master = "local[2]"
    settings: Mapping[str, Any] = {"driver_memory": "1g"}

    def __enter__(self) -> "_Local":
        return self

    def __exit__(self, *_: object) -> None:
        return


if __name__ == "__main__":
    main()
