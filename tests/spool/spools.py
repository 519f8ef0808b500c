"""The spools that one suite of promises is run over: files, Kafka, a bucket."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vigie.contracts import Spool
from vigie.model.capture import Capture, Entry
from vigie.spool.files import FileSpool

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)

Open = Callable[..., Any]
"""Opens the spool of a test once more, as another process would."""


def capture(number: int, source: str = "site", **more: Any) -> Capture:
    told: dict[str, Any] = {
        "id": f"c{number}", "at": AT + timedelta(seconds=number), "source": source, "run": "r1",
        "url": f"https://site.example/é?p={number}", "status": 200,
        "body": f"page {number} é\r\n\r\n".encode(),
        "headers": (("Content-Type", "text/html; charset=utf-8"), ("X-Odd", "é à")),
    }  # fmt: skip
    return Capture(**told | more)


def everything(spool: Spool, after: dict[str, int] | None = None) -> list[Entry]:
    return [entry for _, batch in spool.read("c", after or {}) for entry in batch]


def files(folder: Path) -> Open:
    """Spools on one folder."""
    return lambda **options: FileSpool(folder / "spool", **options)


def kafka(folder: Path, brokers: str) -> Open:
    """Spools on topics of the test's own."""
    pytest.importorskip("confluent_kafka", reason="needs confluent_kafka: ./vigie extras")
    from vigie.spool.beside import FolderBeside
    from vigie.spool.kafka import KafkaSpool
    from vigie.spool.kafka_client import Brokers

    topic = f"t{secrets.token_hex(4)}-{{source}}"

    def make(**options: Any) -> Any:
        client = Brokers(brokers, topic=topic, **options.pop("brokers", {}))
        beside = FolderBeside(folder / "beside")
        options.pop("roll_bytes", None)
        return KafkaSpool(client, folder / "spool", beside, **options)

    return make


def waiting(folder: Path, brokers: str) -> Open:
    """The same, with a waiting room on this machine's disk."""
    make = kafka(folder, brokers)
    from vigie.spool.waiting import WaitingSpool

    return lambda **options: WaitingSpool(make(**options), folder / "waiting", pause_seconds=0.1)


def bucket(endpoint: str, **options: Any) -> Any:
    """A new bucket of the emulator."""
    import urllib.request

    pytest.importorskip("obstore", reason="needs obstore: ./vigie extras")

    from obstore.store import S3Store

    name = f"vigie-{secrets.token_hex(4)}"
    made = urllib.request.Request(f"{endpoint}/{name}", method="PUT")  # noqa: S310  # ours
    urllib.request.urlopen(made, timeout=20).close()  # noqa: S310  # ours
    options = {"region": "eu-west-3", "client_options": {"allow_http": True}} | options
    return S3Store(name, prefix="captures", endpoint=endpoint, **options)


def objects(folder: Path, endpoint: str) -> Open:
    """Spools on one bucket; each has a disk of its own."""
    store = bucket(endpoint)
    from vigie.spool.bucket import Bucket
    from vigie.spool.objects import ObjectSpool

    def make(**options: Any) -> Any:
        here = folder / secrets.token_hex(4)
        return ObjectSpool(Bucket(store, here / "cache"), here / "outbox", **options)

    return make
