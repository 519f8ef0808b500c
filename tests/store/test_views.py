"""Programs that read the tables themselves find the columns they know."""

import secrets
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.exc import ProgrammingError

from tests.store.batches import batch, seen
from tests.store.conftest import SERVERS, Fresh, at_server
from vigie.model.kinds import KINDS
from vigie.model.owners import OWNERS
from vigie.store import open_store

OLD = {
    "newest": "SELECT * FROM annonces WHERE prix BETWEEN 100 AND 500 ORDER BY created_at DESC",
    "by source": "SELECT source, COUNT(*) AS total, AVG(prix) AS moyenne FROM annonces"
    " GROUP BY source",
    "by category": "SELECT category, COUNT(*), MIN(prix), MAX(prix) FROM annonces"
    " WHERE localisation LIKE '%Rabat%' GROUP BY category ORDER BY COUNT(*) DESC LIMIT 10",
    "a page": "SELECT titre, sous_categorie, url, image_url, date_text, timestamp_scraped"
    " FROM annonces WHERE titre LIKE '%vélo%' LIMIT 20 OFFSET 0",
}
COLUMNS = [
    "id", "source", "category", "sous_categorie", "titre", "prix", "localisation", "url",
    "image_url", "date_text", "timestamp_scraped", "created_at",
]  # fmt: skip


@pytest.mark.parametrize("backend", ["sqlite", *SERVERS])
def test_the_old_statements_run_unchanged(fresh: Fresh, backend: str) -> None:
    """On a connection that knows nothing of Vigie: prices in dirhams, the first picture, dates."""
    url = fresh(backend)
    store = open_store(url)
    store.save(
        batch([
            seen(str(n), n, item=n, title=f"Un vélo {n}", price=Decimal(n) * 100, category="Sport",
                 place_raw="Rabat Agdal", posted_raw="Hier 09:16", images=[f"https://i/{n}", "b"])
            for n in range(8)
        ]),
        None,
    )  # fmt: skip
    store.close()

    engine = create_engine(url)
    with engine.connect() as connection:
        found: dict[str, list[Any]] = {
            name: list(connection.execute(text(sql)).mappings()) for name, sql in OLD.items()
        }
    engine.dispose()

    assert list(found["newest"][0]) == COLUMNS
    assert [float(row["prix"]) for row in found["newest"]] == [500, 400, 300, 200, 100]
    assert (found["newest"][0]["image_url"], found["newest"][0]["date_text"]) == (
        "https://i/5", "Hier 09:16",
    )  # fmt: skip
    told = found["by source"][0]
    assert (told["source"], told["total"], float(told["moyenne"])) == ("site", 8, 350)
    assert len(found["by category"]) == 1
    assert len(found["a page"]) == 8


@pytest.mark.service
def test_every_kind_has_a_view_on_postgresql(fresh: Fresh) -> None:
    """Named by their plurals: what may be shown, lists as JSON, nothing about authors."""
    url = fresh("postgresql")
    open_store(url).close()
    engine = create_engine(url)
    names = {
        kind.plural: {column["name"] for column in inspect(engine).get_columns(kind.plural)}
        for kind in KINDS.values()
    }
    engine.dispose()

    assert {"id", "title", "company", "pay_year_min", "first_seen_at", "status"} <= names["jobs"]
    assert not {"author_key", "html", "carried", "seen_capture"} & names["posts"]
    assert {"subject", "value", "area_code"} <= names["figures"]
    for kind, kept in OWNERS.items():  # as the API: what a post says is its owner's to see
        assert not kept & names[KINDS[kind].plural]
    assert {"id", "source", "lang", "posted_at"} <= names["posts"]


@pytest.mark.service
def test_who_only_reads_sees_views_alone(fresh: Fresh) -> None:
    """With the grant that the manual names: the views, and no table under them."""
    url = fresh("postgresql")
    open_store(url).close()
    name = f"analyst_{secrets.token_hex(4)}"
    at_server(url, f"CREATE USER {name} PASSWORD 'x'")
    at_server(url, f"GRANT SELECT ON annonces, jobs, ads, posts, figures TO {name}")
    engine = create_engine(make_url(url).set(username=name, password="x"))
    with engine.connect() as connection:
        for view in ("annonces", "jobs", "ads", "posts", "figures"):
            assert list(connection.execute(text(f"TABLE {view}"))) == []
    for table in ("post", "job", "asked"):
        with engine.connect() as connection, pytest.raises(ProgrammingError):
            connection.execute(text(f"TABLE {table}"))
    engine.dispose()
    at_server(url, f"DROP OWNED BY {name}", f"DROP USER {name}")
