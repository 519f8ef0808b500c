"""The collectors' shared memory: turns of hosts, refusals, places to resume, leases, requests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from vigie.model.politeness import Asked
from vigie.store.database import Database
from vigie.store.rows import instant, iso
from vigie.store.storable import NAMES, fitted

ASKED_DAYS: Final = 90
"""Requests are kept so long."""
_ASKED: Final = Asked.__struct_fields__


class StoreAgenda:
    """A `vigie.contracts.Agenda` on the store's database, shared by every process that uses it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, host: str, pause_seconds: float, now: datetime) -> float:
        with self._database.writing("agenda") as connection:
            row = connection.exec_driver_sql(
                "SELECT next_at, refused_until FROM hosts WHERE host = ?", (host,)
            ).one_or_none()
            turn = max([now, *(at for text in (row or ()) if (at := instant(text)) is not None)])
            connection.exec_driver_sql(
                "INSERT INTO hosts (host, next_at) VALUES (?, ?)"
                " ON CONFLICT (host) DO UPDATE SET next_at = excluded.next_at",
                (host, iso(turn + timedelta(seconds=pause_seconds))),
            )
        return (turn - now).total_seconds()

    def refuse(self, host: str, until: datetime) -> None:
        with self._database.writing("agenda") as connection:
            connection.exec_driver_sql(
                "INSERT INTO hosts (host, next_at, refused_until) VALUES (?, ?, ?)"
                " ON CONFLICT (host) DO UPDATE SET refused_until = CASE"
                " WHEN hosts.refused_until > excluded.refused_until THEN hosts.refused_until"
                " ELSE excluded.refused_until END",
                (host, iso(until), iso(until)),
            )

    def refused(self, host: str, now: datetime) -> datetime | None:
        with self._database.reading() as connection:
            until = instant(
                connection.exec_driver_sql(
                    "SELECT refused_until FROM hosts WHERE host = ?", (host,)
                ).scalar()
            )
        return until if until is not None and until > now else None

    def resume(self, source: str, query: str) -> str | None:
        with self._database.reading() as connection:
            place = connection.exec_driver_sql(
                "SELECT place FROM resumes WHERE source = ? AND query = ?",
                (source, fitted(query, NAMES["query"])),
            ).scalar()
        return None if place is None else str(place)

    def stop_at(self, source: str, query: str, place: str | None) -> None:
        """Note where the next run of the query goes on; None: from the start."""
        with self._database.writing("agenda") as connection:
            connection.exec_driver_sql(
                "INSERT INTO resumes (source, query, place) VALUES (?, ?, ?)"
                " ON CONFLICT (source, query) DO UPDATE SET place = excluded.place",
                (source, fitted(query, NAMES["query"]), place),
            )

    def lease(self, name: str, owner: str, now: datetime, seconds: float) -> bool:
        with self._database.writing("agenda") as connection:
            row = connection.exec_driver_sql(
                "SELECT owner, until FROM leases WHERE name = ?", (name,)
            ).one_or_none()
            if row is not None and row[0] != owner and row[1] > iso(now):
                return False
            connection.exec_driver_sql(
                "INSERT INTO leases (name, owner, until) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until",
                (name, owner, iso(now + timedelta(seconds=seconds))),
            )
        return True

    def release(self, name: str, owner: str) -> None:
        with self._database.writing("agenda") as connection:
            connection.exec_driver_sql(
                "DELETE FROM leases WHERE name = ? AND owner = ?", (name, owner)
            )

    def note(self, asked: Sequence[Asked]) -> None:
        if not asked:
            return
        rows = [
            tuple(
                iso(value) if isinstance(value, datetime) else value
                for value in (getattr(one, name) for name in _ASKED)
            )
            for one in asked
        ]
        marks = ", ".join("?" * len(_ASKED))
        newest = max(one.at for one in asked)
        with self._database.writing("agenda") as connection:
            connection.exec_driver_sql(
                f"INSERT INTO asked ({', '.join(_ASKED)}) VALUES ({marks})", rows
            )
            connection.exec_driver_sql(
                "DELETE FROM asked WHERE at < ?", (iso(newest - timedelta(days=ASKED_DAYS)),)
            )

    def asked(
        self, since: datetime, host: str | None = None, limit: int = 100_000
    ) -> Sequence[Asked]:
        chosen, given = "at >= ?", list[str | int]((iso(since),))
        if host is not None:
            # Without a port: the host on whatever port.
            chosen += " AND (host = ? OR substr(host, 1, ?) = ?)"
            given += [host, len(host) + 1, f"{host}:"]
        with self._database.reading() as connection:
            rows = connection.exec_driver_sql(
                f"SELECT {', '.join(_ASKED)} FROM asked WHERE {chosen}"
                " ORDER BY at DESC, number DESC LIMIT ?",
                (*given, limit),
            ).fetchall()
        return [_asked(tuple(row)) for row in reversed(rows)]


def _asked(row: tuple[Any, ...]) -> Asked:
    told = dict(zip(_ASKED, row, strict=True))
    at = instant(told["at"])
    return Asked(**told | {"at": at, "next_at": instant(told["next_at"])})
