"""One Kafka broker that is its own controller (KRaft)."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from vigie.errors import ServerError
from vigie.wiring.stack.jars import jars_folder, kafka_jars
from vigie.wiring.stack.server import HOST, Server, State, missing

_PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{broker},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers={host}:{controller}
log.dirs={folder}
num.partitions=1
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.backoff.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
"""


class Kafka(Server):
    """A broker at `url` (HOST:PORT); `jars` has Kafka's own tools."""

    name: ClassVar[str] = "kafka"
    ports: ClassVar[int] = 2
    start_seconds: ClassVar[float] = 90
    stop_seconds: ClassVar[float] = 30
    fetches: ClassVar[str] = "Maven fetches its jars (54 MB)"

    @property
    def jars(self) -> Path:
        return kafka_jars(self._cache)

    @property
    def url(self) -> str:
        return f"{HOST}:{self.port}"

    def settings(self) -> Mapping[str, str]:
        return {"VIGIE_SPOOL__URL": f"kafka://{self.url}", "VIGIE_KAFKA__BROKERS": self.url}

    def check(self) -> None:
        if shutil.which("java") is None:
            raise missing(self.name, "Java 17 or later", "openjdk-17-jre-headless")
        kafka_jars(self._cache)

    def fetched(self) -> bool:
        return jars_folder(self._cache).is_dir()

    def prepare(self, state: State) -> None:
        broker, controller = state.ports
        text = _PROPERTIES.format(
            host=HOST, broker=broker, controller=controller, folder=self.folder / "data"
        )
        properties = self.folder / "server.properties"
        properties.write_text(text, encoding="utf-8")
        if not (self.folder / "data" / "meta.properties").exists():
            self._format(properties)

    def command(self, state: State) -> Sequence[str]:  # noqa: ARG002  # as all servers
        return [*self.java("-Xmx512m"), "kafka.Kafka", str(self.folder / "server.properties")]

    def ready(self, log: str) -> bool:
        return "Kafka Server started" in log

    def java(self, *options: str) -> list[str]:
        """Return the words that run a class of Kafka's jars; the class comes next."""
        return ["java", *options, "-cp", f"{self.jars}/*"]

    def _format(self, properties: Path) -> None:
        made = self._storage("random-uuid").strip().splitlines()[-1]
        self._storage("format", "--standalone", "-t", made, "-c", str(properties))

    def _storage(self, *words: str) -> str:
        told = subprocess.run(
            [*self.java(), "kafka.tools.StorageTool", *words],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if told.returncode:
            last = " | ".join((told.stdout + told.stderr).strip().splitlines()[-3:])
            raise ServerError(f"kafka: its folder cannot be made: {last}")
        return told.stdout
