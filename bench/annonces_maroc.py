"""The watch `annonces-maroc` as its users run it, on real servers and stand-in sites.

    .venv/bin/python bench/annonces_maroc.py --minutes 4

Runs what `vigie watch run annonces-maroc --stack` runs: Kafka, MariaDB, collectors, the engine on
Spark in batches of 10 seconds, the site. A day passes on the stand-in
sites every 40 seconds, so that ads come, go and change. While it runs, the driver of Spark is
killed twice. Then it looks from outside, with other eyes: the pages' API, Kafka's own console
consumer on both topics, SQL on the view `annonces`.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

DAY_SECONDS = 40.0
OLD_SQL = (
    "SELECT COUNT(*), AVG(prix), COUNT(DISTINCT localisation) FROM annonces",
    "SELECT source, COUNT(*) AS n FROM annonces GROUP BY source ORDER BY n DESC",
    (
        "SELECT titre, prix, localisation FROM annonces WHERE prix <= 50000 AND titre LIKE '%a%'"
        " ORDER BY timestamp_scraped DESC LIMIT 3"
    ),
)


def watch_from_stand_ins(folder: Path) -> None:
    """What the command does, with the sites of the demo in the place of the real ones."""
    from vigie.cli.app import orderly_end
    from vigie.cli.beside import run_live, stack_beside
    from vigie.cli.context import Context, instance, set_context
    from vigie.demo import Stage
    from vigie.wiring import StandIn, now
    from vigie.wiring.watching import Chosen

    set_context(Context(data_dir=folder))
    names = ["avito_ma", "marocannonces"]
    with (
        orderly_end(),
        stack_beside(),
        Stage(7, now() - timedelta(days=20), only=names) as stage,
        instance() as here,
    ):
        moved = now()

        def clock() -> datetime:
            return stage.today + (now() - moved)

        def days_pass() -> None:
            nonlocal moved
            while True:
                time.sleep(DAY_SECONDS)
                stage.next_visit()
                moved = now()

        threading.Thread(target=days_pass, daemon=True).start()
        watch = here.watch("annonces-maroc")
        stand_in = StandIn(stage.rewrite, stage.allow_hosts, clock)
        run_live(here, watch, Chosen(), serve=True, stand_in=stand_in)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--child", type=Path)
    given = parser.parse_args()
    if given.child:
        watch_from_stand_ins(given.child)
        return
    from vigie.wiring.stack.running import Stack
    from vigie.wiring.stack.server import free_ports

    (port,) = free_ports(1)
    folder = Path(tempfile.mkdtemp(prefix="vigie-maroc-"))
    folder.chmod(0o755)
    with ExitStack() as opened:
        stack = Stack(folder / "data" / "stack")
        environ = os.environ | {"VIGIE_SPARK__MASTER": "local[2]", "VIGIE_SERVE__PORT": str(port)}
        child = subprocess.Popen(
            [sys.executable, __file__, "--child", str(folder / "data")], env=environ,
            stdout=(folder / "out.txt").open("w"), stderr=(folder / "err.txt").open("w"),
        )  # fmt: skip
        opened.callback(end, child, stack)
        look(child, stack, port, given.minutes, folder)


def look(
    child: "subprocess.Popen[bytes]", stack: Any, port: int, minutes: float, folder: Path
) -> None:
    """Watch from outside, kill the driver twice, then check."""
    kafka, mariadb = stack.servers["kafka"], stack.servers["mariadb"]
    started, totals, kills = time.monotonic(), list[int](), 0
    while time.monotonic() - started < minutes * 60:
        time.sleep(5)
        if child.poll() is not None:
            raise SystemExit(f"the watch ended: {(folder / 'err.txt').read_text()[-3000:]}")
        total = open_ads(port)
        if total is not None and (not totals or total != totals[-1]):
            totals.append(total)
            print(f"{time.monotonic() - started:6.0f} s: {total} ads on the page", flush=True)
        at = minutes * 60 * (0.35 if kills == 0 else 0.6)
        if kills < 2 and time.monotonic() - started > at and (driver := driver_of(child.pid)):
            os.kill(driver, signal.SIGKILL)
            kills += 1
            print(f"{time.monotonic() - started:6.0f} s: driver {driver} killed", flush=True)
    from sqlalchemy import create_engine, text

    with create_engine(mariadb.url).connect() as connection:
        doubled = connection.execute(
            text("SELECT url, COUNT(*) FROM annonces GROUP BY url HAVING COUNT(*) > 1")
        ).fetchall()
        for query in OLD_SQL:
            print(query, "\n   ", connection.execute(text(query)).fetchall())
        rows = connection.execute(text("SELECT COUNT(*) FROM annonces")).scalar()
        unbalanced = connection.execute(
            text(
                "SELECT COUNT(*) FROM runs WHERE found <> `new` + `changed` + `unchanged`"
                " + `duplicate` + rejected + quarantined"
            )
        ).scalar()
    print(f"{rows} rows, {len(doubled)} URLs twice, {unbalanced} runs out of balance")
    for topic in ("avito_listings", "annonces-raw"):
        lines = consumed(kafka, topic)
        first = json.loads(lines[0]) if lines else {}
        print(f"{topic}: {len(lines)} messages, the first: {str(first)[:160]}")
        assert lines, f"nothing in {topic}"
    assert not doubled
    assert not unbalanced
    assert kills == 2
    assert len(totals) > 3, "the page did not move"
    print("all held")


def open_ads(port: int) -> int | None:
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/api/v1/ads?limit=1", timeout=5
        ) as got:
            return int(json.load(got)["total"]["value"])
    except OSError:
        return None


def driver_of(parent: int) -> int | None:
    """Return the process of `vigie process` below *parent*."""
    import psutil

    for one in psutil.Process(parent).children(recursive=True):
        if "process" in one.cmdline() and "vigie" in one.cmdline():
            return int(one.pid)
    return None


def consumed(kafka: Any, topic: str) -> list[str]:
    """Return what Kafka's own console consumer prints of *topic*."""
    told = subprocess.run(
        [*kafka.java("-Xmx256m"), "org.apache.kafka.tools.consumer.ConsoleConsumer",
         "--bootstrap-server", kafka.url, "--topic", topic, "--from-beginning",
         "--timeout-ms", "8000", "--isolation-level", "read_committed"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [line for line in told.stdout.splitlines() if line.startswith("{")]


def end(child: "subprocess.Popen[bytes]", stack: Any) -> None:
    """End the command as a service manager does; nothing that it started may be left."""
    child.terminate()
    try:
        child.wait(90)
    except subprocess.TimeoutExpired:
        child.kill()
    left = stack.down([])
    assert not left, f"still running: {left}"


if __name__ == "__main__":
    main()
