"""From capture to row: how long after a page is spooled its ads stand in the database.

    .venv/bin/python bench/latency_engines.py --pages 60

Kafka and MariaDB, real ones. A page of 35 new ads is appended twice a second; another connection
looks every 10 ms for pages that are stored. For Spark in batches of 10 seconds, for Spark without
pause, and for the embedded engine. First, from producer to consumer through Kafka alone: until the
message is in a consumer's hands.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from raw_ads import PER_PAGE, SOURCE, page  # the folder is not a package

from vigie.config import load
from vigie.model.capture import Capture, capture_id

ENGINES = (("spark", "10s"), ("spark", "continuous"), ("embedded", "continuous"))
PACE_SECONDS = 0.5

_number = itertools.count()


def fresh() -> Capture:
    """Return a page that nobody has seen, captured now."""
    place = next(_number)
    body = page(list(range(place * PER_PAGE, (place + 1) * PER_PAGE)), 10**6, place, 0, 1)
    at, url = datetime.now(UTC), f"https://www.avito.ma/fr/maroc/tout?o={place}"
    return Capture(
        id=capture_id(source=SOURCE, url=url, body=body, at=at, status=200), at=at, url=url,
        source=SOURCE, body=body, run="latency", watch="bench", query="all", status=200,
    )  # fmt: skip


def told(name: str, seconds: list[float], lost: int = 0) -> None:
    ranked = sorted(seconds)
    at = {p: ranked[min(len(ranked) - 1, int(len(ranked) * p / 100))] * 1000 for p in (50, 99)}
    print(
        f"{name:24}{len(ranked):>6}{at[50]:>10.0f}{at[99]:>10.0f}"
        f"{statistics.fmean(ranked) * 1000:>10.0f}{lost:>6}",
        flush=True,
    )


def through_kafka(spool: Any, count: int) -> None:
    """Measure append → consumer."""
    brokers = spool.brokers
    spool.append([fresh()])
    topic = brokers.topic_of(SOURCE)
    from confluent_kafka import Consumer

    got: dict[str, float] = {}
    consumer = Consumer({
        "bootstrap.servers": brokers.brokers, "group.id": "latency", "fetch.wait.max.ms": 20,
        "auto.offset.reset": "latest", "isolation.level": "read_committed",
    })  # fmt: skip
    consumer.subscribe([topic])
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            for message in consumer.consume(100, 0.05):
                told = dict(message.headers() or []).get("id")
                if isinstance(told, bytes):
                    got[told.decode()] = time.perf_counter()

    reading = threading.Thread(target=read)
    reading.start()
    time.sleep(5)
    sent: dict[str, float] = {}
    for _ in range(count):
        one = fresh()
        sent[one.id] = time.perf_counter()
        spool.append([one])
        time.sleep(0.05)
    time.sleep(1)
    stop.set()
    reading.join()
    consumer.close()
    took = [got[one] - at for one, at in sent.items() if one in got]
    told("producer to consumer", took, len(sent) - len(took))


def through_engine(
    spool: Any, url: str, environ: dict[str, str], engine: tuple[str, str], count: int
) -> None:
    """Measure append → row."""
    from sqlalchemy import create_engine, text

    name, trigger = engine
    child = subprocess.Popen(
        [sys.executable, "-m", "vigie", "process", "--engine", name, "--trigger", trigger],
        env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    stored: dict[str, float] = {}
    stop = threading.Event()

    def look() -> None:
        newest = 0
        with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
            while not stop.wait(0.01):
                rows = connection.execute(
                    text("SELECT number, capture_id FROM pages WHERE number > :n"), {"n": newest}
                ).fetchall()
                for number, capture in rows:
                    newest = max(newest, number)
                    stored.setdefault(capture, time.perf_counter())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        warm = fresh()
        spool.append([warm])
        limit = time.monotonic() + 180
        while warm.id not in stored and time.monotonic() < limit:
            time.sleep(0.2)
        for _ in range(6):  # the first batches load and compile
            spool.append([fresh()])
            time.sleep(1)
        sent: dict[str, float] = {}
        for _ in range(count):
            one = fresh()
            spool.append([one])
            sent[one.id] = time.perf_counter()
            time.sleep(PACE_SECONDS)
        limit = time.monotonic() + 60
        while sent.keys() - stored.keys() and time.monotonic() < limit:
            time.sleep(0.1)
    finally:
        stop.set()
        looking.join()
        child.terminate()
        child.wait(60)
    took = [stored[one] - at for one, at in sent.items() if one in stored]
    told(f"{name} {trigger}", took, len(sent) - len(took))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=60)
    given = parser.parse_args()
    from vigie.wiring import Instance
    from vigie.wiring.spooling import kafka_spool
    from vigie.wiring.stack import Kafka, MariaDB
    from vigie.wiring.stack.running import cache_folder

    folder = Path(tempfile.mkdtemp(prefix="vigie-latency-"))
    folder.chmod(0o755)
    environ = dict(os.environ) | {"VIGIE_DATA_DIR": str(folder / "data")}
    environ["VIGIE_SPARK__MASTER"] = "local[2]"
    servers: list[Any] = []
    try:
        for made in (Kafka, MariaDB):
            server = made(folder / "stack", cache=cache_folder(), with_parent=True)
            server.start()
            servers.append(server)
            environ |= server.settings()
        settings = load({}, environ=environ).settings
        with Instance(settings) as here:
            here.store.positions("store")  # the tables are made now
        spool = kafka_spool(settings)
        print(f"{'path':24}{'pages':>6}{'p50 ms':>10}{'p99 ms':>10}{'mean ms':>10}{'lost':>6}")
        through_kafka(spool, given.pages * 3)
        for engine in ENGINES:
            through_engine(spool, servers[1].url, environ, engine, given.pages)
        spool.close()
    finally:
        for server in servers:
            server.kill()


if __name__ == "__main__":
    main()
