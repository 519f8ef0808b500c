"""A stand-alone cluster of Spark on this machine's loopback: a master and workers, as processes.

From pyspark's own jars; nothing else is installed. Each worker has one core.
"""

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from vigie.wiring.stack.server import HOST, answers, free_ports

START_SECONDS: Final = 60


class Cluster:
    """A master and two workers while the block lasts."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        """Know a cluster; nothing is started.

        Args:
            folder: Where logs and the workers' own folders are.
        """
        self.folder, self._count = folder, workers
        self._port = free_ports(1)[0]
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def master(self) -> str:
        return f"spark://{HOST}:{self._port}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings `[spark]` of a driver that uses it."""
        return {
            "master": self.master, "driver_memory": "1g",
            "options": {"spark.driver.host": HOST, "spark.driver.bindAddress": HOST,
                        "spark.executor.memory": "768m"},
        }  # fmt: skip

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._start("master.Master", "master", "--port", str(self._port), "--webui-port", "0")
            self._wait("master", "Starting Spark master")
            for number in range(self._count):
                name = f"worker{number}"
                self._start("worker.Worker", name, "--cores", "1", "--memory", "1g", "--work-dir",
                            str(self.folder / name), "--webui-port", "0", self.master)  # fmt: skip
            for number in range(self._count):
                self._wait(f"worker{number}", "Successfully registered with master")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):  # workers end their executors
            process.terminate()
        for process in self._running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def _start(self, what: str, name: str, *words: str) -> None:
        import pyspark

        home = Path(pyspark.__file__).parent
        environ = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": HOST}
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}"]
        with (self.folder / f"{name}.log").open("wb") as log:
            self._running.append(subprocess.Popen(
                [*command, "--host", HOST, *words], env=environ, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT,
            ))  # fmt: skip

    def _wait(self, name: str, word: str) -> None:
        limit = time.monotonic() + START_SECONDS
        log = self.folder / f"{name}.log"
        while word not in (told := log.read_text("utf-8", "replace")) or not answers(self._port):
            if time.monotonic() > limit or any(one.poll() is not None for one in self._running):
                raise SystemExit(f"Spark's {name} does not start: {told[-500:]}")
            time.sleep(0.1)
