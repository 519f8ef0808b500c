"""Kafka's programs and console tools: jars that Maven fetches once into the user's cache."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from vigie.errors import ServerError
from vigie.wiring.stack.server import missing

KAFKA_VERSION: Final = "4.1.0"
_POM: Final = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>vigie</groupId>
  <artifactId>kafka-jars</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"""


def jars_folder(cache: Path) -> Path:
    """Return where Kafka's jars are kept, fetched or not."""
    return cache / f"kafka-{KAFKA_VERSION}-with-tools"


def kafka_jars(cache: Path) -> Path:
    """Return the folder of Kafka's jars (54 MB), fetched if it is not there yet.

    Raises:
        ServerMissing: Maven is not here. ServerError: it could not fetch them.
    """
    target = jars_folder(cache)
    if target.is_dir():
        return target
    if (maven := shutil.which("mvn")) is None:
        raise missing("kafka", "Maven (mvn)", "maven")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        (Path(work) / "pom.xml").write_text(_POM, encoding="utf-8")
        told = subprocess.run(
            [maven, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars",
             "-DincludeScope=runtime"],
            cwd=work, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if told.returncode:
            last = " | ".join((told.stdout + told.stderr).strip().splitlines()[:3])
            raise ServerError(f"Maven cannot fetch Kafka {KAFKA_VERSION}: {last}")
        try:
            (Path(work) / "jars").rename(target)
        except OSError:  # another process was faster: its jars are the same
            if not target.is_dir():
                raise
    return target
