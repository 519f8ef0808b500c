"""Clusters: which listings tell the same offer, from reasoned edges."""

import polars as pl
from sqlalchemy import Connection

from vigie.model.kinds import KINDS
from vigie.model.position import What
from vigie.store import dialect
from vigie.store.bulk import insert, select_in
from vigie.store.listings import Event
from vigie.store.storable import LONG, fitted
from vigie.store.tables import edges as edge_table


def pairs(keys: pl.DataFrame) -> pl.DataFrame:
    """Return (left, right), left < right, of ids that share a key; keys are (id, key)."""
    joined = keys.join(keys, on="key", suffix="_right").filter(pl.col("id") < pl.col("id_right"))
    return joined.select(pl.col("id").alias("left"), pl.col("id_right").alias("right")).unique(
        maintain_order=True
    )


def link(connection: Connection, edges: pl.DataFrame) -> list[Event]:
    """Keep the edges and give every listing they touch its cluster: the smallest connected id.

    *edges* has left, right, verdict (``same`` or ``different``), reason, by. A person's edge
    (``by`` = ``person``) is not overwritten by a machine's.
    """
    rows = [
        (*sorted((left, right)), verdict, fitted(reason, LONG), by)
        for left, right, verdict, reason, by in edges.select(
            "left", "right", "verdict", "reason", "by"
        ).iter_rows()
    ]
    by_person = {
        (a, b)
        for a, b in connection.exec_driver_sql(
            'SELECT "left", "right" FROM edges WHERE "by" = \'person\''
        ).fetchall()
    }
    kept = [row for row in rows if row[4] == "person" or (row[0], row[1]) not in by_person]
    insert(connection, edge_table, ("left", "right", "verdict", "reason", "by"), kept,
           or_="REPLACE")  # fmt: skip
    return recluster(connection, {listing for row in rows for listing in row[:2]})


def recluster(connection: Connection, touched: set[str]) -> list[Event]:
    """Give *touched*, and all they are joined to, their cluster; return the news for the feed."""
    now = dialect.now(connection)
    component, frontier = set(touched), set(touched)
    linked: list[tuple[str, str]] = []
    while frontier:
        wanted = sorted(frontier)
        found: set[tuple[str, str]] = set()
        for side in ("left", "right"):
            sql = f'SELECT "left", "right", verdict FROM edges WHERE "{side}" IN ({{ids}})'
            found |= {(a, b) for a, b, v in select_in(connection, sql, wanted) if v == "same"}
        linked += found
        frontier = {listing for edge in found for listing in edge} - component
        component |= frontier
    parent = {listing: listing for listing in component}

    def root(listing: str) -> str:
        while parent[listing] != listing:
            parent[listing] = parent[parent[listing]]
            listing = parent[listing]
        return listing

    for left, right in linked:
        a, b = root(left), root(right)
        if a != b:
            parent[max(a, b)] = min(a, b)
    events: list[Event] = []
    for kind in KINDS:
        sql = f'SELECT id, cluster FROM "{kind}" WHERE id IN ({{ids}})'
        moved = [
            (root(listing), listing)
            for listing, cluster in sorted(select_in(connection, sql, sorted(component)))
            if root(listing) != cluster
        ]
        if moved:
            connection.exec_driver_sql(
                f'UPDATE "{kind}" SET cluster = ? WHERE id = ?',
                moved,
            )
        events += [(kind, listing, What.LINKED, now) for _, listing in moved]
    return events
