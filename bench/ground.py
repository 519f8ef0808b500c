"""One corpus in several spools, and the ways from there to listings, on servers or without."""

import secrets
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from vigie.config import load
from vigie.engines.streaming import AVAILABLE_NOW, follow
from vigie.errors import ServerError
from vigie.model.capture import Entry
from vigie.model.fates import Fate, Fates
from vigie.settings import Settings
from vigie.wiring import Instance
from vigie.wiring.sparking import _feeding as feeding_of
from vigie.wiring.sparking import open_session, process_on_spark, work_of
from vigie.wiring.stack import SERVERS, Server
from vigie.wiring.stack.running import cache_folder

AT_ONCE: Final = 64
SMALL_BATCHES: Final = 4
"""Micro-batches, at least, of a stream in `micro-batches`."""


class Way(msgspec.Struct, frozen=True):
    """One path from captures to listings."""

    spool: str
    engine: str
    store: str
    cluster: bool = False
    """On a stand-alone cluster of Spark instead of inside the driver."""

    @property
    def name(self) -> str:
        where = " on a cluster" if self.cluster else ""
        return f"{self.spool}, {self.engine}{where}, {self.store}"

    @property
    def needs(self) -> set[str]:
        """Names of the servers without which it cannot be gone."""
        return {self.spool, self.store} & set(SERVERS)

    @property
    def on_spark(self) -> bool:
        return self.engine != "embedded"


WAYS: Final = (
    Way("files", "embedded", "sqlite"),
    Way("kafka", "spark available-now", "postgresql"),
    Way("kafka", "spark micro-batches", "postgresql"),
    Way("kafka", "spark available-now", "mariadb"),
    Way("files", "spark available-now", "sqlite"),
    Way("s3", "embedded", "sqlite"),
    Way("kafka", "embedded", "mariadb"),
    Way("files", "spark available-now", "sqlite", cluster=True),
    Way("kafka", "spark micro-batches", "postgresql", cluster=True),
)


class Answer(msgspec.Struct, frozen=True):
    """What a way must have in common with the others."""

    content: str
    fates: Fates
    runs: list[tuple[Any, ...]]
    unbalanced: int
    """Runs in which found is not the sum of the fates."""


class Ground:
    """One corpus in several spools, and servers that ways can be gone on."""

    def __init__(
        self, folder: Path, servers: Mapping[str, Server], missing: Mapping[str, str] | None = None
    ) -> None:
        """Know servers that run, and why others do not."""
        self.folder, self.servers, self.missing = folder, servers, dict(missing or {})
        self._spools: dict[str, dict[str, Any]] = {"files": {"folder": str(folder / "files")}}
        self._more: dict[str, Any] = {}
        if "kafka" in servers:
            self._spools["kafka"] = {"url": f"kafka://{servers['kafka'].url}"}
            self._more["kafka"] = {
                "topic": f"same{secrets.token_hex(3)}-{{source}}", "partitions": 3,
                # Small enough that some bodies are kept beside.
                "body_limit_mb": 0.2, "beside_url": str(folder / "beside"),
            }  # fmt: skip
        if "s3" in servers:
            bucket = f"same-{secrets.token_hex(4)}"
            self._spools["s3"] = {"url": f"s3://{bucket}/captures"}
            s3 = servers["s3"]
            self._more["objects"] = {
                "endpoint_url": s3.url, "access_key_id": "vigie", "secret_access_key": s3.password,
            }  # fmt: skip
            made = urllib.request.Request(f"{s3.url}/{bucket}", method="PUT")  # ours
            urllib.request.urlopen(made, timeout=20).close()  # ours
        self.messages = 0

    def fill(self, every: Iterable[Entry]) -> None:
        """Append *every* entry to all spools."""
        rest = iter(every)
        with ExitStack() as stack:
            filled = [
                stack.enter_context(Instance(self._settings(f"fill-{name}", name)))
                for name in self._spools
            ]
            while part := list(islice(rest, AT_ONCE)):
                for here in filled:
                    here.spool.append(part)
                self.messages += len(part)

    def settings(self, way: Way, name: str = "") -> Settings:
        """Return the settings of an instance for *way*, its store made and empty."""
        name = name or f"way{secrets.token_hex(3)}"
        store = {}
        if way.store in self.servers:
            store["url"] = made_database(self.servers[way.store], name)
        return self._settings(name, way.spool, store=store)

    def answer(self, way: Way, settings: Settings, master: str = "local[2]") -> Answer:
        """Go *way* once; return what came of it."""
        with Instance(settings) as here:
            fates = self._go(way, here, master)
            return answer_of(here, fates)

    def _go(self, way: Way, here: Instance, master: str) -> Fates:
        if way.engine == "embedded":
            return here.process()
        if way.engine == "spark micro-batches":
            most = max(self.messages // SMALL_BATCHES, 1)
            feeding = replace(feeding_of(here.settings, AVAILABLE_NOW), most_messages=most)
            spark = open_session(here.settings, master)
            return follow(spark, here.store, work_of(here.settings), feeding, after=here.settle)
        return process_on_spark(here, master=master)

    def _settings(self, name: str, spool: str, **more: Any) -> Settings:
        given = {"data_dir": str(self.folder / name), "spool": self._spools[spool]}
        return load(given | self._more | more, environ={}).settings


def answer_of(here: Instance, fates: Fates) -> Answer:
    """Return what an instance holds, without the time of its processing."""
    runs = here.store.runs(100_000)
    fields = [name for name in runs.columns if name != "last_at"]
    rows = runs.select(fields).sort("run", "source", "watch", "query").rows()
    odd = [row for row in runs.iter_rows(named=True) if row["found"] != sum(row[f] for f in Fate)]
    return Answer(here.store.content_hash(), fates, rows, len(odd))


def differences(way: Answer, first: Answer) -> list[str]:
    """Return the names of what differs; none when all is well."""
    told = [name for name in ("content", "fates") if getattr(way, name) != getattr(first, name)]
    told += [f"{way.unbalanced} runs do not balance"] * bool(way.unbalanced)
    odd = {row[:2] for row in set(way.runs) ^ set(first.runs)}
    return told + [f"run {run} of {source}" for run, source in sorted(odd)]


def made_database(server: Server, name: str) -> str:
    """Return the address of a new, empty database of *server*."""
    engine = create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server.url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def servers_in(folder: Path, *, every: bool) -> Iterator[dict[str, Server]]:
    """Start every server that can be had here; stop them at the end."""
    running: dict[str, Server] = {}
    try:
        for name, made in SERVERS.items():
            server = made(folder, cache=cache_folder(), with_parent=True)
            try:
                server.start()
            except ServerError as error:
                if every:
                    raise
                print(f"without {name}: {error}", file=sys.stderr)
            else:
                running[name] = server
        yield running
    finally:
        for server in running.values():
            server.kill()
