"""A small instance to draw: a real store and a real search over invented listings."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from tests.web.cargo import CITIES, NOW, ad, figure, job, post
from vigie.contracts import Terms
from vigie.follow.views import Follower
from vigie.model.capture import RunEnd, Scan
from vigie.model.fields import Kind
from vigie.model.frames import PAGES, Refined, refined_schema
from vigie.model.identity import digest
from vigie.model.kinds import AD, FIGURE, JOB, POST
from vigie.store import SqlStore, open_store
from vigie.views.search.index import SearchIndex
from vigie.web.facts import SourceFacts

SOURCES: Mapping[str, SourceFacts] = {
    name: SourceFacts(
        label=label,
        kind=kind,
        pause=0.0 if kind == "figure" else 1.0,
        terms=Terms(
            url=f"https://{name.replace('_', '-')}.example/terms",
            read_on=None if kind == "figure" else "2026-11-20",
            attribution=f"Source : {label}",
            reuse="Reuse allowed with a link back.",
        ),
    )
    for name, label, kind in (
        ("quai_emploi", "Quai Emploi", "job"),
        ("ouest_jobs", "OuestJobs", "job"),
        ("carrieres", "Carrières", "job"),
        ("souk", "Souk", "ad"),
        ("annonces", "Annonces MA", "ad"),
        ("fil", "Le Fil", "post"),
        ("urnes", "Résultats publiés des élections (archives de la commission)", "figure"),
    )
}


def batch(
    kind: Kind, rows: list[dict[str, Any]], *, state: str = "ok", end: RunEnd | None = None
) -> Refined:
    """The rows as one batch, a page a capture."""
    schema = refined_schema(kind)
    frame = pl.DataFrame([{name: r.get(name) for name in schema} for r in rows], schema=schema)
    pages = frame.group_by(
        "run", "capture_id", "source", "watch", "query", maintain_order=True
    ).agg(pl.col("at").first(), pl.len().cast(pl.Int32).alias("found"))
    told = pages.with_columns(
        pl.lit("https://site.example/list?page=1").alias("url"),
        pl.lit(200, pl.Int32).alias("status"),
        pl.lit(state).alias("state"),
        pl.lit(None, pl.String).alias("why"),
        pl.lit(None, pl.Int64).alias("total"),
        pl.lit("json-ld").alias("layer"),
        pl.lit(48_000, pl.Int64).alias("body_bytes"),
    ).select(pl.col(name).cast(dtype) for name, dtype in PAGES.items())
    return Refined(told, {kind.name: frame}, (end,) if end else ())


def finish(source: str, run: str, at: datetime, pages: int = 1) -> RunEnd:
    return RunEnd(
        at=at,
        source=source,
        run=run,
        scan=Scan.COMPLETE,
        watch="harbour",
        query="all",
        started_at=at - timedelta(minutes=4),
        pages=pages,
    )


def condemned(source: str, run: str, at: datetime, state: str, why: str) -> Refined:
    """A visit that gave no listing."""
    page = {
        "capture_id": digest(source, run),
        "run": run,
        "source": source,
        "watch": "harbour",
        "query": "all",
        "url": "https://site.example/list?page=1",
        "at": at,
        "status": 200,
        "state": state,
        "why": why,
        "found": 0,
        "layer": None,
        "body_bytes": 900,
    }
    return Refined(pl.DataFrame([page], schema=PAGES), {}, (finish(source, run, at),))


class Harbour:
    """A store, a search, and what is needed to put something into both."""

    def __init__(self) -> None:
        self.store: SqlStore = open_store("sqlite://")
        self.search = SearchIndex(members=self.store.clusters, texts=self._texts)
        self._follower = Follower(self.store.feed, self.store, self.search)

    def _texts(self, kind: str, ids: Sequence[str]) -> dict[str, str]:
        rows = self.store.get(kind, ids)
        return {row["id"]: row.get("text") or "" for row in rows.iter_rows(named=True)}

    def put(self, refined: Refined) -> None:
        self.keep(refined)
        self.follow()

    def keep(self, refined: Refined) -> None:
        """Store, and let the search follow later."""
        self.store.save(refined, None)

    def follow(self) -> None:
        self._follower.catch_up()

    def link(self, left: str, right: str) -> None:
        edges = pl.DataFrame(
            {
                "left": [left],
                "right": [right],
                "verdict": ["same"],
                "reason": ["same title, company and city"],
                "by": ["matching"],
            }
        )
        self.store.link(edges)
        self._follower.catch_up()

    def close(self) -> None:
        self.search.close()
        self.store.close()


def populate(harbour: Harbour, size: int = 24, seed: int = 7) -> None:
    """Two visits of each source: something new, a price that fell, and sources in each state."""
    dice = random.Random(seed)
    first, second = NOW - timedelta(days=6), NOW - timedelta(hours=3)
    runs = {at: f"{at:%Y-%m-%dT%H-%M-%SZ}-aaaa" for at in (first, second)}
    for place, source in enumerate(("quai_emploi", "ouest_jobs")):
        rows = [job(source, n, dice, runs[first], first) for n in range(size)]
        harbour.put(batch(JOB, rows, end=finish(source, runs[first], first)))
        again = [
            r | {"run": runs[second], "at": second, "capture_id": digest(source, "2")} for r in rows
        ]
        fresh = [
            job(source, size + n, dice, runs[second], second) | {"capture_id": digest(source, "2")}
            for n in range(size // 4 + place)
        ]
        harbour.put(batch(JOB, again + fresh, end=finish(source, runs[second], second)))
    for source in ("souk", "annonces"):
        rows = [ad(source, n, dice, runs[first], first) for n in range(size)]
        harbour.put(batch(AD, rows, end=finish(source, runs[first], first)))
        again = []
        for n, r in enumerate(rows):
            now_price = r["price"] * 92 / 100 if r["price"] and n % 4 == 0 else r["price"]
            raw = f"{int(now_price):,} DH".replace(",", " ") if now_price else r["price_raw"]
            again.append(
                r
                | {
                    "run": runs[second],
                    "at": second,
                    "capture_id": digest(source, "2"),
                    "price": now_price,
                    "price_raw": raw,
                }
            )
        fresh = [
            ad(source, size + n, dice, runs[second], second) | {"capture_id": digest(source, "2")}
            for n in range(size // 4)
        ]
        harbour.put(batch(AD, again + fresh, end=finish(source, runs[second], second)))
    twins = [
        job(source, 9000, random.Random(3), f"{first:%Y}-{source}", first)
        | {"title": "Data Engineer confirmé", "company": "Cap Mesure", "pay_raw": raw}
        for source, raw in (("quai_emploi", "50 k€"), ("ouest_jobs", "48-52 k€"))
    ]
    for twin in twins:
        harbour.put(batch(JOB, [twin]))
    harbour.link(twins[0]["id"], twins[1]["id"])
    harbour.put(
        batch(
            POST,
            [post(n, runs[second], second) for n in range(max(24, size))],
            end=finish("fil", runs[second], second),
        )
    )
    deps = [
        figure(dep, city, 1000 * n + 7, runs[first], first)
        for n, (city, dep, _) in enumerate(CITIES)
    ]
    harbour.put(batch(FIGURE, deps, end=finish("urnes", runs[first], first)))
    harbour.put(condemned("carrieres", runs[second], second, "blocked", "a challenge page"))
