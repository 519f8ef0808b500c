"""Settings of topics that are changed for a while, so that captures can be taken out of them.

What a topic had is noted on this machine before it is changed, with the messages that it is changed
for, and given back when those are gone: also when it is another process that comes to see it.
"""

import contextlib
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from vigie.errors import SpoolError
from vigie.spool.disk import lock, sync_folder
from vigie.spool.kafka_client import Brokers

FILE: Final = "kafka-erasing.json"
POLICY: Final = "cleanup.policy"
TOMBSTONE_DAYS: Final = 30
"""For which a tombstone outlives what it erased: a machine that was off so long, with the capture
in its waiting room, finds when it is back that this is not to be delivered."""
_COMPACTING: Final = {
    "min.cleanable.dirty.ratio": "0.0001", "max.compaction.lag.ms": "1000", "segment.ms": "1000",
    "min.compaction.lag.ms": "0", "file.delete.delay.ms": "1000",
    "delete.retention.ms": str(TOMBSTONE_DAYS * 86_400_000),
}  # fmt: skip


_HEARD_SECONDS: Final = 5.0


class Place(msgspec.Struct, frozen=True):
    """A message of a topic."""

    number: int
    offset: int


class _Loan(msgspec.Struct):
    """One topic that is set to be compacted."""

    had: dict[str, str | None]
    """What is to be given back; None: the brokers' own. Empty: another machine's is the loan."""
    places: list[Place]


class Loans:
    """The changed topics of this machine; one process at a time."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._loans: dict[str, _Loan] = {}
        self._stack = contextlib.ExitStack()

    @staticmethod
    def any(folder: Path) -> bool:
        """Return whether any topic is changed."""
        return (folder / FILE).exists()

    def __enter__(self) -> Self | None:
        """Return the loans; None when another process has them."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._stack.enter_context(self._path.with_suffix(".lock").open("ab"))
        if not lock(file):
            self._stack.close()
            return None
        with contextlib.suppress(FileNotFoundError):
            self._loans = _read(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._stack.close()

    def places(self) -> dict[str, list[Place]]:
        """Return, by topic, the messages that were to be taken out."""
        return {topic: list(loan.places) for topic, loan in self._loans.items()}

    def take(self, brokers: Brokers, topic: str, places: Iterable[Place]) -> None:
        """Have the topic compacted until *places* are gone."""
        loan = self._loans.get(topic)
        if loan is None:
            had = brokers.own_settings(topic, [POLICY, *_COMPACTING])
            if _are(had, _COMPACTING):
                had = {}  # whoever did that gives back
            loan = self._loans[topic] = _Loan(had, [])
        loan.places = list(dict.fromkeys([*loan.places, *places]))
        self._write()
        policy = brokers.topic_setting(topic, POLICY)
        compacting: dict[str, str | None] = dict(_COMPACTING)
        if "compact" not in policy:
            compacting[POLICY] = f"compact,{policy}" if policy else "compact"
        brokers.change_topic(topic, compacting)

    def keep(self, topic: str, places: list[Place]) -> None:
        """Note that only *places* are left."""
        if self._loans[topic].places != places:
            self._loans[topic].places = places
            self._write()

    def give_back(self, brokers: Brokers, topic: str, *, exists: bool = True) -> None:
        """Let the topic have what it had."""
        had = self._loans[topic].had
        if had and exists:
            brokers.change_topic(topic, had)
            until = time.monotonic() + _HEARD_SECONDS
            # The brokers hear of it a moment later: who asks them before that would note our own
            # settings as those that the topic had.
            while not _are(brokers.own_settings(topic, had), had) and time.monotonic() < until:
                time.sleep(0.05)
        del self._loans[topic]
        self._write()

    def _write(self) -> None:
        if not self._loans:
            self._path.unlink(missing_ok=True)
            return
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("wb") as file:
                file.write(msgspec.json.encode(self._loans))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise SpoolError(f"cannot write {self._path}: {error.strerror or error}") from error


def _are(told: Mapping[str, str | None], wanted: Mapping[str, str | None]) -> bool:
    """Return whether settings are as *wanted*; brokers write 0.0001 as 1.0E-4."""
    return all(_plain(told[name]) == _plain(value) for name, value in wanted.items())


def _plain(value: str | None) -> str | float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return value


def _read(path: Path) -> dict[str, _Loan]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, _Loan])
    except msgspec.DecodeError as error:
        raise SpoolError(
            f"{path} cannot be read ({error}). Remove it, and set back by hand the topics of "
            f"captures whose segment.ms is 1000 (kafka-configs.sh --describe)."
        ) from error
