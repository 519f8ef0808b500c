"""Captures over all four kinds, for proofs that engines and stores agree.

Ads as Avito's pages show them, on several visits with changed prices, vanished ads and broken
pages; jobs, posts and figures as files bring them, with doubles, changes and rows that cannot be
read; and every recorded page of every source, as it stands in the sources' folders. Made by us and
deterministic; nothing in it is real.
"""

import csv
import io
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from raw_ads import entries as ads

from vigie import sources
from vigie.model.capture import Capture, Entry, Failure, RunEnd, Scan, capture_id
from vigie.model.watch import IMPORTS

START = datetime(2026, 4, 1, 7, tzinfo=UTC)
PER_FILE = 500
VISITS = 3

_TITLES = (
    "Data Engineer",
    "Développeur Python",
    "Analyste BI",
    "Data Scientist",
    "Machine Learning Engineer",
)
_PLACES = (
    "Lyon, France",
    "Paris",
    "Portland, ME",
    "Halifax, Nova Scotia, Canada",
    "Rabat, Morocco",
)
_WORDS = [
    "données",
    "équipe",
    "client",
    "projet",
    "qualité",
    "python",
    "sql",
    "cloud",
    "modèle",
    "rapport",
    "mesure",
    "réseau",
]
_DEPARTMENTS = ("01", "2A", "13", "59", "75", "971", "974")


def entries(listings: int, *, seed: int = 1, with_recorded: bool = True) -> Iterator[Entry]:
    """Yield captures that show about *listings* listings: half of them ads."""
    if with_recorded:
        yield from recorded()
    each = listings // 6
    for visit in range(VISITS):
        gone = each - visit * (each // 40) if visit else None
        yield from ads(each, visit=visit, gone_from=gone, bad_every=53, seed=seed)
        yield failure("avito_ma", visit)
    rng = random.Random(seed)
    for visit in range(VISITS):
        at = START + timedelta(days=visit)
        yield from _files("linkedin_postings", _jobs(each // 2, visit, rng), at)
        yield from _files("posts_archive", _posts(each // 3, visit, rng), at)
        yield from _files(
            "election_results", _votes(each // 6, visit), at, name="resultats-2022-t1"
        )


def recorded() -> Iterator[Entry]:
    """Yield every recorded page of every source, and the end of each source's run."""
    folder = Path(sources.__file__).parent
    last: dict[str, datetime] = {}
    for number, path in enumerate(sorted(folder.glob("*/cases/*/case.json"))):
        told = json.loads(path.read_text(encoding="utf-8"))
        (file,) = path.parent.glob("page.*")
        body = file.read_bytes()
        source, at = told.get("source", path.parents[2].name), datetime.fromisoformat(told["at"])
        # A site is asked one page after the other: the spool's order is that of time.
        at += timedelta(milliseconds=number)
        asked: dict[str, Any] = {
            "url": told["url"], "method": told.get("method", "GET"), "status": told["status"],
            "request_body": (told.get("request_body") or "").encode() or None,
        }  # fmt: skip
        page = Capture(
            id=capture_id(source=source, body=body, at=at, **asked), at=at, source=source,
            body=body, run=f"recorded-{source}", watch="recorded",
            headers=tuple((name, value) for name, value in told["headers"]), note=told["note"],
            **asked,
        )  # fmt: skip
        made = sources.make(source)
        yield made.scrub(page)
        last[source] = max(at, last.get(source, at))
    for source, at in last.items():
        yield _end(source, f"recorded-{source}", "recorded", "", at + timedelta(hours=1))


def failure(source: str, visit: int) -> Failure:
    """Return a time-out of one page."""
    return Failure(
        at=START + timedelta(days=visit, hours=9), source=source, url="https://www.avito.ma/x",
        run=f"failed-{visit}", watch="bench", query="slow", why="timeout", detail="30 s",
    )  # fmt: skip


def _files(source: str, rows: list[bytes], at: datetime, name: str = "file") -> Iterator[Entry]:
    run = f"import-{source}-{at:%d}"
    for number, body in enumerate(rows):
        url = f"file:{name}-{number}"
        page = Capture(
            id=capture_id(source=source, url=url, body=body, at=at, status=None), at=at, url=url,
            source=source, body=body, run=run, watch=IMPORTS, query=name,
        )  # fmt: skip
        yield sources.make(source).scrub(page)
    yield _end(source, run, IMPORTS, name, at + timedelta(hours=2))


def _end(source: str, run: str, watch: str, query: str, at: datetime) -> RunEnd:
    return RunEnd(
        at=at, source=source, run=run, watch=watch, query=query, scan=Scan.NEWEST,
        started_at=at - timedelta(hours=1),
    )  # fmt: skip


def _jobs(count: int, visit: int, rng: random.Random) -> list[bytes]:
    rows = []
    for number in range(count):
        title = _TITLES[number % len(_TITLES)]
        low = 40_000 + 500 * (number % 90) + (1_000 * visit if number % 13 == 0 else 0)
        rows.append({
            "job_id": str(900_000 + (number - 1 if number % 101 == 100 else number)),
            "job_posting_url": f"https://jobs.example/{900_000 + number}", "title": title,
            "description": f"{title}. " + " ".join(rng.choices(_WORDS, k=60)),
            "company_name": f"Maison {number % 300}", "location": _PLACES[number % len(_PLACES)],
            "formatted_work_type": "Full-time", "listed_time": str(1_775_000_000_000 + number),
            "min_salary": f"{low}.0", "max_salary": f"{low + 9_000}.0", "pay_period": "YEARLY",
            "currency": "EUR", "formatted_experience_level": "Mid-Senior level",
        })  # fmt: skip
    return _csv(rows)


def _posts(count: int, visit: int, rng: random.Random) -> list[bytes]:
    lines = []
    for number in range(count):
        said = " ".join(rng.choices(_WORDS, k=18))
        post = {
            "id": str(5_000_000 + number), "full_text": f"{said} #mesure{number % 9} ✊",
            "user": {"screen_name": f"personne{number % 70}", "name": "Camille Fictif"},
            "date": f"2022-03-{1 + number % 28:02d}T08:00:00Z",
            "favorite_count": number % 50 + visit,
        }  # fmt: skip
        text = json.dumps(post, ensure_ascii=False)
        lines.append(text[:40] if number % 211 == 210 else text)
    return [
        "\n".join(lines[start : start + PER_FILE]).encode()
        for start in range(0, len(lines), PER_FILE)
    ]


def _votes(count: int, visit: int) -> list[bytes]:
    rows = []
    for number in range(count):
        department = _DEPARTMENTS[number % len(_DEPARTMENTS)]
        rows.append({
            "insee": f"{number % 990:03d}{number // 990:02d}", "dep": department,
            "nom": f"Commune {number}", "nb_inscrits": 500 + number, "nb_votants": 400 + number,
            "nb_exprimes": 390 + number, "LE PEN": 90, "MÉLENCHON": 100 + visit, "FILLON": 80,
            "abstentions": 100, "blancs": 10,
        })  # fmt: skip
    return _csv(rows)


def _csv(rows: list[dict[str, Any]]) -> list[bytes]:
    files = []
    for start in range(0, len(rows), PER_FILE):
        sink = io.StringIO()
        writer = csv.DictWriter(sink, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows[start : start + PER_FILE])
        files.append(sink.getvalue().encode())
    return files
