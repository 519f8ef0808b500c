"""What the killed processes do: one appends captures to Kafka, one follows them on Spark.

The producer is the collectors' part. It notes after each lot how far it has come; when it is
started again it asks what of the next lot is kept already, so that the spool gets each entry once.
Its lots wait at a gate that the harness opens little by little: there is work at every kill.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from vigie.config import load
from vigie.errors import SpoolError
from vigie.model.capture import Entry
from vigie.spool.files import FileSpool
from vigie.spool.kafka import BrokersAway
from vigie.spool.kafka_record import Mark, mark_of
from vigie.wiring import Instance
from vigie.wiring.spooling import kafka_spool

LOT: Final = 4
PAUSE_SECONDS: Final = 0.1
GATE, DONE = "gate", "done"
"""Files of one number each: how many entries may be, and have been, appended."""


def number_in(path: Path) -> int:
    """Return the number that a file holds; 0 when it is not there."""
    return int(path.read_text("ascii")) if path.exists() else 0


def note(path: Path, number: int) -> None:
    """Write the number, whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(str(number), "ascii")
    fresh.replace(path)


def in_turn(folder: Path) -> Iterator[Entry]:
    """Yield every entry of the spool in *folder*, the sources in turn, each in its order."""
    streams: dict[str, list[Entry]] = {}
    for span, entries in FileSpool(folder).read("soak", {}):
        streams.setdefault(span.partition.partition("/")[0], []).extend(entries)
    count = max(map(len, streams.values()))
    places = sorted(
        ((number + 0.5) * count / len(entries), name, number)
        for name, entries in streams.items() for number in range(len(entries))
    )  # fmt: skip
    for _, name, number in places:
        yield streams[name][number]


def produce(folder: Path, plant: str) -> None:
    """Append all entries of the quiet spool, from where the last producer was killed."""
    base = folder.parent
    with Instance(load().settings) as here:
        spool: Any = _lossy(here) if plant == "lossy" else here.spool
        done = number_in(base / DONE)
        rest = iter(islice(in_turn(base / "quiet" / "spool"), done, None))
        part = list(islice(rest, LOT))
        kept = _kept(here, part)
        while part:
            while done + len(part) > number_in(base / GATE):
                time.sleep(0.02)
            spool.append([entry for entry in part if mark_of(entry) not in kept])
            done, kept = done + len(part), set()
            note(base / DONE, done)
            print("appended", done, flush=True)
            part = list(islice(rest, LOT))
            time.sleep(PAUSE_SECONDS)
        # The end of a collector's run: what waits is delivered by whoever comes next.
        while not plant and here.spool.recover():
            time.sleep(0.5)


def drive(plant: str) -> None:
    """Do what `vigie process --engine spark --trigger 500ms` does, with a bug planted."""
    from vigie.cli.processing import stopping
    from vigie.wiring.sparking import process_on_spark

    stop, listen = stopping()
    listen()
    with Instance(load().settings) as here:
        if plant == "position":
            _position_first(here)
        process_on_spark(here, trigger=0.5, stop=stop, started=listen)


def _kept(here: Instance, part: list[Entry]) -> set[Mark]:
    """Return those entries that an earlier producer had appended before it died."""
    while True:
        with contextlib.suppress(BrokersAway):
            if not here.spool.recover():
                return kafka_spool(here.settings).kept(part)
        time.sleep(0.5)


class _lossy:  # noqa: N801  # stands for a spool
    """Planted: no waiting room; what the brokers do not take is forgotten."""

    def __init__(self, here: Instance) -> None:
        self._spool = kafka_spool(here.settings)

    def append(self, entries: list[Entry]) -> None:
        with contextlib.suppress(SpoolError):
            self._spool.append(entries)


def _position_first(here: Instance) -> None:
    """Planted: the position is committed before the rows.

    The first batch with listings dies in between, once: random kills seldom fall there, and a
    harness that saw the bug only by luck would prove nothing.
    """
    store = here.store
    save = store.save
    died = here.settings.data_dir.parent / "died-in-between"

    def position_first(batch: Any, span: Any, **more: Any) -> Any:
        if store.positions(span.consumer).get(span.partition, 0) >= span.end:
            return save(batch, span, **more)
        with store.database.writing() as connection:
            connection.exec_driver_sql(
                'INSERT INTO positions (consumer, "partition", ordinal) VALUES (?, ?, ?)'
                ' ON CONFLICT (consumer, "partition") DO UPDATE SET ordinal = excluded.ordinal',
                (span.consumer, span.partition, span.end),
            )
        if batch.listings and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return save(batch, None, **more)

    store.save = position_first  # type: ignore[method-assign]  # the bug
