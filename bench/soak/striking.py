"""One corpus on its way through the servers, and the kills that hit them."""

import argparse
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from roles import DONE, GATE, LOT, note, number_in
from verdict import TROUBLE
from victims import Daemon, at_work, below, kill, named

from vigie.config import load
from vigie.wiring import Instance
from vigie.wiring.spooling import kafka_spool
from vigie.wiring.stack import SERVERS, Server
from vigie.wiring.stack.running import cache_folder

HARNESS = Path(__file__).resolve().with_name("servers.py")
KINDS = ("producer", "worker", "database", "driver", "broker")
AFTER_STORING = {"worker", "database", "driver"}
PATIENCE_SECONDS = 120
"""How long a victim may take to be at work before its turn is passed over."""
MORE_SECONDS = 6
"""After which more of the corpus is let through, when nobody is at work."""
REST_SECONDS = 600
"""How long the rest may take when the kills are used up."""


class Soak:
    """One corpus, its parts, and what has happened to them."""

    def __init__(self, base: Path, given: argparse.Namespace) -> None:
        self.base, self.rng = base, random.Random(given.seed)
        self.kills, self.outage, self.plant = given.kills, given.outage, given.plant
        self.killed: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self.waited, self.stored, self.progress = 0, 0, 0
        cache = cache_folder()
        self.servers: dict[str, Server] = {
            "broker": SERVERS["kafka"](base, cache=cache, with_parent=True),
            "database": SERVERS[given.store](base, cache=cache, with_parent=True),
        }
        for server in self.servers.values():
            server.start()
        self.environ = {
            **{key: text for key, text in os.environ.items() if not key.startswith("VIGIE_")},
            "VIGIE_DATA_DIR": str(base / "killed"),
            "VIGIE_SPOOL__URL": f"kafka://{self.servers['broker'].url}",
            "VIGIE_KAFKA__PARTITIONS": "2", "VIGIE_KAFKA__BODY_LIMIT_MB": "0.1",
            "VIGIE_STORE__URL": self.servers["database"].url,
            "VIGIE_SPARK__MASTER": "local[2]", "VIGIE_SPARK__DRIVER_MEMORY": "768m",
            "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        ours = [
            sys.executable,
            str(HARNESS),
            "--plant",
            self.plant,
            "--store",
            given.store,
            "--role",
        ]
        process = [sys.executable, "-m", "vigie", "process", "--engine", "spark",
                   "--trigger", "500ms"]  # fmt: skip
        self.parts = {
            "producer": Daemon([*ours, "producer"], self.environ, base / "producer.log"),
            "driver": Daemon([*ours, "driver"] if self.plant else process, self.environ,
                             base / "driver.log"),
        }  # fmt: skip

    @property
    def settings(self) -> Any:
        return load(environ=self.environ).settings

    def run(self, total: int) -> list[str]:
        """Let the corpus flow, kill, wait for the end; return what went wrong on the way."""
        with Instance(self.settings) as here:
            here.store.positions("store")  # the tables are made before anybody is killed
        for number in range(self.kills):
            kind = KINDS[number % len(KINDS)]
            part = total * (number + 1) // (self.kills + 1)
            note(self.base / GATE, max(part, number_in(self.base / GATE)))
            self._keep_up()
            self._strike(kind, total)
        note(self.base / GATE, total)
        return self._rest()

    def _strike(self, kind: str, total: int) -> None:
        """Kill one of a kind as soon as it is at work after a random instant."""
        if kind in AFTER_STORING:
            self._wait_for_storing(total)
        time.sleep(self.rng.uniform(0, 1))
        limit, more = time.monotonic() + PATIENCE_SECONDS, time.monotonic() + MORE_SECONDS
        while (pid := self._victim(kind)) is None and time.monotonic() < limit:
            self._keep_up()
            if time.monotonic() > more:  # all that was let through may be stored by now
                self._open(max(LOT, total // self.kills // 4), total)
                more += MORE_SECONDS
        if pid is None or not kill(pid):
            self.missed[kind] += 1
            return
        self.killed[kind] += 1
        print(f"{time.strftime('%H:%M:%S')} killed {kind}, {number_in(self.base / DONE)} of {total}"
              " appended", flush=True)  # fmt: skip
        if kind in self.servers:
            self._bring_back(kind, total)
        elif kind in self.parts and not self.parts[kind].reap(60):
            raise SystemExit(f"{kind} lives on after its death (see {self.base})")

    def _wait_for_storing(self, total: int) -> None:
        """Wait until something was stored since the last of these kills: a chain that is killed
        again and again while it starts would never be killed while it stores."""
        limit, more = time.monotonic() + PATIENCE_SECONDS, time.monotonic() + MORE_SECONDS
        while (now := self._stored()) <= self.stored and time.monotonic() < limit:
            self._keep_up()
            time.sleep(0.3)
            if time.monotonic() > more and number_in(self.base / DONE) >= number_in(
                self.base / GATE
            ):
                self._open(LOT, total)
                more += MORE_SECONDS
        self.progress += now > self.stored
        self.stored = now

    def _stored(self) -> int:
        """Return how many entries are stored."""
        with Instance(self.settings) as here:
            return sum(here.store.positions("store").values())

    def _victim(self, kind: str) -> int | None:
        """Return a process of a kind that is at work now; None when there is none."""
        if kind in self.servers:
            pid = self.servers[kind].pid
            return pid if pid is not None and at_work(pid) else None
        driver = self.parts["driver"].pid
        if kind == "worker":
            workers = named(below(driver), "pyspark.daemon") if driver is not None else []
            # The first is the one that starts the others.
            found = [one for one in workers[1:] if at_work(one, with_children=False)]
            return self.rng.choice(found) if found else None
        part, done = self.parts[kind], self.base / DONE
        if (pid := part.pid) is None:
            return None
        if kind == "producer":
            began = done.exists() and done.stat().st_mtime > part.started_at
            return pid if began and at_work(pid) else None
        family = below(pid)
        if not named(family, "pyspark.daemon") or not at_work(pid):
            return None  # it is still starting
        return self.rng.choice([pid, *named(family, "java")[:1]])

    def _open(self, more: int, total: int) -> None:
        """Let *more* entries through."""
        now = number_in(self.base / GATE)
        note(self.base / GATE, min(now + more, total))

    def _bring_back(self, kind: str, total: int) -> None:
        """Start the server again after a pause; the broker's longest is once, in the middle."""
        self.servers[kind].kill()  # it is dead: only its number is forgotten
        pause = self.rng.uniform(0.5, 4)
        if kind == "broker" and not self.waited:
            # What is appended meanwhile has to wait on disk.
            pause = self.outage
            self._open(max(4 * LOT, total // self.kills), total)
        until = time.monotonic() + pause
        while time.monotonic() < until:
            time.sleep(0.2)
            self._keep_up()
            room = self.base / "killed" / "spool" / "waiting"
            self.waited = max(self.waited, len(list(room.rglob("*.warc.gz*"))))
        self.servers[kind].start()

    def _keep_up(self) -> None:
        for part in self.parts.values():
            part.keep_up()

    def _rest(self) -> list[str]:
        """Wait until everything is appended and stored, then let the driver end in order."""
        limit = time.monotonic() + REST_SECONDS
        while not self.parts["producer"].is_done or not self._all_stored():
            self._keep_up()
            time.sleep(2)
            if time.monotonic() > limit:
                return [f"{TROUBLE}not all was stored in time"]
        code = self.parts["driver"].ask_to_end(120)
        return [] if code == 0 else [f"{TROUBLE}the driver ended with {code}"]

    def _all_stored(self) -> bool:
        with Instance(self.settings) as here:
            stored = here.store.positions("store")
            with kafka_spool(here.settings).logs() as logs:
                return all(stored.get(part.name, 0) == part.ends()[1] for part in logs)

    def clear(self) -> None:
        """Leave no process behind."""
        for part in self.parts.values():
            part.sweep()
        for server in self.servers.values():
            server.kill()
