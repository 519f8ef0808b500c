"""Real servers on a developer's own machine, as ordinary processes: no Docker, no services.

Kafka, PostgreSQL, MariaDB and an S3 emulator, each on a free port of this machine only, with its
data, log and password in a folder of ours. `vigie stack` and the tests start them the same way.
"""

from vigie.wiring.stack.kafka import Kafka
from vigie.wiring.stack.mariadb import MariaDB
from vigie.wiring.stack.postgresql import PostgreSQL
from vigie.wiring.stack.s3 import S3
from vigie.wiring.stack.server import Server

SERVERS: dict[str, type[Server]] = {
    made.name: made for made in (Kafka, PostgreSQL, MariaDB, S3)
}  # fmt: skip

__all__ = ["S3", "SERVERS", "Kafka", "MariaDB", "PostgreSQL", "Server"]
