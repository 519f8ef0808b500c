"""How sources stand is the same however many runs there were; runs are told newest first."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest

from tests.store.batches import START, batch, end, seen
from tests.store.conftest import SERVERS, Fresh
from vigie.model.identity import run_id
from vigie.model.watch import IMPORTS
from vigie.store import Database, SqlStore, open_store
from vigie.store.coverage import lateness
from vigie.store.rows import iso
from vigie.store.standing import standing
from vigie.store.tables import FATE_COLUMNS

COUNTS = ("pages", "failures", *FATE_COLUMNS, "closed", "reopened")
STATES = ("ok", "ok", "ok", "empty", "blocked", "truncated")


def write_runs(database: Database, rows: Sequence[Mapping[str, Any]]) -> None:
    names = ("run", "source", "watch", "query", "started_at", "ended_at", "last_at", "state", "why",
             "held", "found")  # fmt: skip
    marks = ", ".join("?" * (len(names) + len(COUNTS)))
    columns = ", ".join((*names, *COUNTS))
    with database.writing() as connection:
        for row in rows:
            connection.exec_driver_sql(
                f"INSERT INTO runs ({columns}) VALUES ({marks})",  # noqa: S608  # ours
                (*(iso(row[n]) if isinstance(row[n], datetime) else row[n] for n in names),
                 *[0] * len(COUNTS)),
            )  # fmt: skip


def random_runs(rng: random.Random) -> list[dict[str, Any]]:
    """Months of runs of a few sources: some went well, some not, some never ended."""
    made = []
    for source in ("a", "b", "c", "never well", "import only"):
        for number in range(rng.randrange(1, 90)):
            begun = START + timedelta(hours=6 * number, seconds=rng.randrange(3600))
            watch = IMPORTS if source == "import only" or rng.random() < 0.1 else "w"
            state = "blocked" if source == "never well" else rng.choice(STATES)
            for query in range(rng.randrange(1, 4)):
                started = begun + timedelta(minutes=query)
                told = started - timedelta(days=999) if watch == IMPORTS else started
                made.append({
                    "run": run_id(begun, f"{source}{number}"), "source": source, "watch": watch,
                    "query": f"q{query}", "started_at": told, "last_at": told,
                    "ended_at": told + timedelta(minutes=1) if rng.random() < 0.9 else None,
                    "state": state, "why": rng.choice([None, "http 403"]),
                    "held": "few_found" if rng.random() < 0.1 else None,
                    "found": rng.randrange(100),
                })  # fmt: skip
    return made


def by_hand(rows: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """What is told of each source, from all of its rows."""
    ordered = sorted(rows, key=lambda row: (row["started_at"], row["run"]))
    visits = [row for row in ordered if row["watch"] != IMPORTS]
    newest = max(row["ended_at"] or row["started_at"] for row in visits)
    told = {}
    for source in {row["source"] for row in rows}:
        mine = [row for row in visits if row["source"] == source]
        last_run = mine[-1]["run"] if mine else None
        last = [row for row in mine if row["run"] == last_run]
        fine = [row for row in mine if row["state"] in ("ok", "empty")]
        ends = [row["ended_at"] or row["started_at"] for row in fine if not row["held"]]
        found: dict[str, int] = {}
        for row in fine:
            if row["run"] != last_run:
                found[row["run"]] = found.get(row["run"], 0) + row["found"]
        late = bool(lateness(sorted({row["started_at"] for row in mine}), newest))
        brought = [row for row in rows if row["source"] == source and row["watch"] == IMPORTS]
        told[source] = (
            last_run, mine[-1]["started_at"] if mine else None, max(ends, default=None),
            sum(row["found"] for row in last) if last else None,
            float(median(list(found.values())[-7:])) if found else None,
            late and last[-1]["state"] in ("ok", "empty"),
            max((row["run"] for row in brought), default=None),
        )  # fmt: skip
    return told


@pytest.mark.parametrize("backend", ["memory", *SERVERS])
def test_what_is_told_of_a_source_is_what_all_its_runs_say(fresh: Fresh, backend: str) -> None:
    """Though no more than the last of them are read."""
    for seed in range(3):
        store, rows = open_store(fresh(backend)), random_runs(random.Random(seed))
        write_runs(store.database, rows)

        told = {
            row["source"]: (
                row["last_run"], row["last_run_at"], row["last_success_at"], row["found_last"],
                row["found_usual"], row["state"] == "late", row["imported_run"],
            )
            for row in store.sources().iter_rows(named=True)
        }  # fmt: skip

        assert told == by_hand(rows)
        store.close()


def test_coverage_of_a_window_knows_the_visits_before_it(store: SqlStore) -> None:
    """A day of months is told as it is in the months: the same states, hour for hour."""
    rows = random_runs(random.Random(7))
    write_runs(store.database, rows)
    whole = store.coverage(START - timedelta(days=2), START + timedelta(days=30))
    since = START + timedelta(days=11)

    part = store.coverage(since, since + timedelta(days=3))

    asked = whole.filter((whole["hour"] >= since) & (whole["hour"] < since + timedelta(days=3)))
    assert part.height > 100
    assert {"ok", "not_scheduled", "late"} <= set(part["state"])
    assert part.rows() == asked.rows()


def test_every_change_is_seen_at_once(store: SqlStore) -> None:
    """What is remembered of sources is forgotten with the next transaction, of whatever kind."""
    store.save(batch([seen("1", 1, title="A")]), None)
    before = store.sources().row(0, named=True)
    store.save(batch([], [end("r1", 2)]), None)
    ended = store.sources().row(0, named=True)
    store.erase([one.id for one in store.feed.read(0, 9)])
    erased = store.sources().row(0, named=True)

    assert before["last_success_at"] < ended["last_success_at"]
    assert (ended["total"], erased["total"]) == (1, 0)


def test_standing_reads_little_of_a_long_history(fresh: Fresh) -> None:
    """Ten times the runs are told with as many rows read from the database."""
    store = open_store(fresh("memory"))
    read: list[int] = []
    for part in range(2):
        rows = [
            {"run": run_id(START + timedelta(hours=n), str(n)), "source": "s", "watch": "w",
             "query": "", "started_at": START + timedelta(hours=n), "why": None, "held": None,
             "last_at": START, "ended_at": START + timedelta(hours=n), "state": "ok", "found": 1}
            for n in range(200 * part, 200 + 1800 * part)
        ]  # fmt: skip
        write_runs(store.database, rows)
        with store.database.reading() as connection:
            counted = Counting(connection)
            standing(counted)  # type: ignore[arg-type]  # a connection that counts
            read.append(counted.rows)
        assert store.sources()["found_last"].to_list() == [1]

    assert read[0] == read[1] < 300
    store.close()


class Counting:
    """A connection that counts the rows it gives."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.dialect = connection.dialect
        self.rows = 0

    def exec_driver_sql(self, *given: Any, **more: Any) -> Any:
        rows = self._connection.exec_driver_sql(*given, **more).fetchall()
        self.rows += len(rows)
        return Answer(rows)


class Answer:
    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def fetchall(self) -> Sequence[Any]:
        return self._rows

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None


def test_runs_are_paged_by_when_they_were_made(store: SqlStore) -> None:
    """Files that were captured years ago and are imported now are the last run; page after page
    tells every row once."""
    made = [run_id(START + timedelta(hours=n), str(n)) for n in range(12)]
    for number, run in enumerate(made):
        minutes = -500_000 * (number % 3 == 1) + number * 60
        for query in ("", "b", "a"):
            store.save(batch([seen("1", minutes, run=run, query=query)]), None)

    told, before = [], None
    while (page := store.runs(9, before)).height:
        told += page.select("run", "query").rows()
        before = page["run"][-1]

    assert told == [(run, query) for run in reversed(made) for query in ("", "a", "b")]
    assert store.runs(1)["run"].to_list() == [made[-1]]
