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
import random
import shutil
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
from roles import DONE, GATE, drive, note, number_in, produce  # noqa: E402
from same_answer import answer_of, differences  # noqa: E402
from victims import Daemon, at_work, below, kill, named  # noqa: E402

from vigie.config import load  # noqa: E402
from vigie.model.capture import Capture  # noqa: E402
from vigie.model.fates import Fates  # noqa: E402
from vigie.wiring import Instance  # noqa: E402
from vigie.wiring.spooling import kafka_spool  # noqa: E402
from vigie.wiring.stack import SERVERS, Server  # noqa: E402
from vigie.wiring.stack.running import cache_folder  # noqa: E402

KINDS = ("producer", "worker", "database", "driver", "broker")
PATIENCE_SECONDS = 90
"""How long a victim may take to be at work before its turn is passed over."""
REST_SECONDS = 600
"""How long the rest may take when the kills are used up."""


class Soak:
    """One corpus, its parts, and what has happened to them."""

    def __init__(self, base: Path, given: argparse.Namespace) -> None:
        self.base, self.rng = base, random.Random(given.seed)
        self.kills, self.outage, self.plant = given.kills, given.outage, given.plant
        self.killed: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self.waited = 0
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
        ours = [sys.executable, str(HERE), "--plant", self.plant, "--store", given.store, "--role"]
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
            note(self.base / GATE, total * (number + 1) // (self.kills + 1))
            self._keep_up()
            self._strike(kind, total)
        note(self.base / GATE, total)
        return self._rest()

    def _strike(self, kind: str, total: int) -> None:
        """Kill one of a kind as soon as it is at work after a random instant."""
        time.sleep(self.rng.uniform(0, 1.5))
        limit = time.monotonic() + PATIENCE_SECONDS
        pid = None
        while (pid := self._victim(kind)) is None and time.monotonic() < limit:
            self._keep_up()
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
        pid = self.parts[kind].pid
        if pid is None or not at_work(pid):
            return None
        java = named(below(pid), "java") if kind == "driver" else []
        return self.rng.choice([pid, *java[:1]])

    def _bring_back(self, kind: str, total: int) -> None:
        """Start the server again after a pause; the broker's longest is once, in the middle."""
        self.servers[kind].kill()  # it is dead: only its number is forgotten
        pause = self.rng.uniform(0.5, 4)
        if kind == "broker" and not self.waited:
            # What is appended meanwhile has to wait on disk.
            pause, more = self.outage, number_in(self.base / GATE) + max(16, total // 50)
            note(self.base / GATE, min(more, total))
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
            time.sleep(0.5)
            if time.monotonic() > limit:
                return ["not all was stored in time"]
        code = self.parts["driver"].ask_to_end(120)
        return [] if code == 0 else [f"the driver ended with {code}"]

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


def fill(base: Path, listings: int) -> tuple[int, int]:
    """Spool the corpus in a folder; return how many entries and captures it has."""
    every = list(entries(listings))
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
            wrong.append("nothing waited on disk while the broker was away")
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
    print(f"{total} entries in {seconds:.0f} s; starts: {counted(starts)}; ended by themselves: "
          f"{counted(ends)}; segments that waited: {soaked.waited}")  # fmt: skip


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
    wrong = soak(given)
    if given.plant:
        print(f"planted {given.plant}: " + (f"caught ({', '.join(wrong)})" if wrong else "MISSED"))
        raise SystemExit(0 if wrong else 1)
    print("equal to the undisturbed run" if not wrong else f"DIFFERENT: {', '.join(wrong)}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
