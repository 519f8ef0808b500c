"""What is left of an erased listing in the books of what was asked: addresses, reasons, details.

An address often says what the listing says (`/ad/paul-martin-sells-his-piano-4711`). So the row of
a page keeps its time, status, state and counts, and loses its address, when it is the listing's own
page or a page that showed nothing else; the request behind it too. An address is the listing's own
when it is one of its addresses, now or formerly, however it was written; when it holds the
listing's id; or when it was redirected to such a page.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from vigie.model.fields import Kind
from vigie.model.politeness import without_keys
from vigie.model.web_address import canonical_url
from vigie.store.bulk import select_in
from vigie.store.rows import instant, iso

ANSWER_SECONDS: Final = 600
"""A page's request, and what was redirected to it, left at most so long before the answer."""
ADDRESSES: Final = ("url", "apply_url")
LEAST_ID: Final = 5
"""Characters of an id from which it is looked for in addresses: shorter ones are page numbers."""
_LONGEST_ASKED: Final = 500
"""Characters at which `without_keys` cuts an address."""
_FEW: Final = 20
"""Texts up to which the database looks for them faster than we do."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ESCAPES: Final = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9_-]+")
_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_ENDS: Final = re.compile(r"^[^A-Za-z0-9]+|[^A-Za-z0-9]+$")
_CODE: Final = re.compile(r"http \d{3}|[a-z_]+")


class Traces(msgspec.Struct, frozen=True):
    """How the erased listings of one source are known again in an address."""

    addresses: frozenset[str]
    """Canonical."""
    ids: frozenset[str]
    """From their first letter or digit to their last."""
    words: int
    """Runs of letters and digits that an id is made of, at most."""

    def __or__(self, other: "Traces") -> "Traces":
        return Traces(
            self.addresses | other.addresses, self.ids | other.ids, max(self.words, other.words)
        )

    def told_by(self, url: str) -> bool:
        """Return whether *url* is an address of one of the listings."""
        words = [(found.start(), found.end()) for found in _WORD.finditer(url)]
        for place, (start, _) in enumerate(words):
            if any(url[start:end] in self.ids for _, end in words[place : place + self.words]):
                return True
        if canonical_url(url) in self.addresses:
            return True
        return len(url) >= _LONGEST_ASKED and any(one.startswith(url) for one in self.addresses)

    def needles(self) -> list[str]:
        """Return texts of which one is in every address that `told_by` accepts: the database
        looks for them first."""
        return sorted({max(_ESCAPES.split(one), key=len) for one in self.ids} | {
            max(_ESCAPES.split(one.partition("://")[2].partition("/")[2][:400]), key=len)
            or one.partition("://")[2].partition("/")[0]
            for one in self.addresses
        })  # fmt: skip


class _Page(NamedTuple):
    number: int
    run: str
    source: str
    watch: str
    query: str
    capture_id: str
    url: str
    at: str
    status: int | None
    found: int
    why: str | None


def traces(
    connection: Connection, kind: Kind, rows: Iterable[tuple[str, str, str]]
) -> dict[str, Traces]:
    """Return, by source, how listings (id, source, native id) are known; they still exist."""
    if kind.name == "figure":
        return {}  # its address is its table's, with all the other figures
    listings = {one: (source, native_id) for one, source, native_id in rows}
    told: dict[str, set[str]] = {source: set() for source, _ in listings.values()}
    names = [name for name in ADDRESSES if name in kind.by_name]
    for name in names:
        sql = f'SELECT id, "{name}" FROM "{kind.name}" WHERE id IN ({{ids}})'
        for one, url in select_in(connection, sql, list(listings)):
            told[listings[one][0]].add(url or "")
    sql = "SELECT listing_id, old, new FROM changes WHERE listing_id IN ({ids}) AND field IN (?, ?)"
    for one, *texts in select_in(connection, sql, list(listings), *ADDRESSES):
        told[listings[one][0]] |= {msgspec.json.decode(text) or "" for text in texts if text}
    return {
        source: known_by(urls, {native_id for own, native_id in listings.values() if own == source})
        for source, urls in told.items()
    }


def known_by(urls: Iterable[str], native_ids: Iterable[str]) -> Traces:
    """Return how listings of one source with these addresses and ids are known again."""
    mine = set(native_ids)
    written = {form for url in (*urls, *mine) for form in (url, without_keys(url))}
    found = frozenset(one for url in written if (one := canonical_url(url)))
    bare = (_ENDS.sub("", one) for one in mine if "/" not in one)
    ids = frozenset(one for one in bare if len(one) >= LEAST_ID)
    words = max((len(_WORD.findall(one)) for one in ids), default=0)
    return Traces(found, ids, words)


def blank_requests(connection: Connection, source: str, known: Traces, since: datetime) -> None:
    """Take the addresses of listings out of the requests made at or after *since*."""
    numbers = _telling(connection, "asked", source, known, since)
    if numbers:
        connection.exec_driver_sql(
            "UPDATE asked SET url = '' WHERE number = ?", [(one,) for one in numbers]
        )


def blank(
    connection: Connection, known: Mapping[str, Traces], shown: Mapping[str, set[str]],
    since: datetime | None = None,
) -> list[str]:  # fmt: skip
    """Take the addresses of erased listings out of pages and requests.

    Args:
        known: By source, how they are known in an address.
        shown: Capture → the erased listings that it showed; their sightings are gone.
        since: They were not known before: what was asked earlier is not looked at.

    Returns:
        Captures of their own pages which showed nothing: for the spool to erase.
    """
    alone = _showing_nothing_else(connection, shown)
    requests: set[int] = set()
    told: list[Any] = []
    for source, one in known.items():
        told += _telling(connection, "pages", source, one, since)
        requests.update(_telling(connection, "asked", source, one, since))
    names = ", ".join(_Page._fields)
    rows = [
        *select_in(
            connection, f"SELECT {names} FROM pages WHERE capture_id IN ({{ids}})", sorted(alone)
        ),
        *select_in(connection, f"SELECT {names} FROM pages WHERE number IN ({{ids}})", told),
    ]
    pages = {page.number: page for row in rows if (page := _Page(*row)).url}
    for page in pages.values():
        requests.update(_behind(connection, page))
    _forget(connection, list(pages.values()))
    if requests:
        connection.exec_driver_sql(
            "UPDATE asked SET url = '' WHERE number = ?", [(one,) for one in sorted(requests)]
        )
    return sorted({page.capture_id for page in pages.values() if not page.found} - {""})


def _showing_nothing_else(connection: Connection, shown: Mapping[str, set[str]]) -> set[str]:
    counts = select_in(
        connection,
        "SELECT capture_id, MAX(found), MAX(found - duplicate) FROM pages"
        " WHERE capture_id IN ({ids}) GROUP BY capture_id",
        sorted(shown),
    )
    alone = {capture for capture, found, _ in counts if found <= len(shown[capture])}
    # An identity may stand on a page twice: then only the other sightings tell.
    doubtful = sorted({c for c, _, least in counts if least <= len(shown[c])} - alone)
    others = {
        row[0]
        for table in ("sightings", "quarantine")
        for row in select_in(
            connection,
            f"SELECT DISTINCT capture_id FROM {table} WHERE capture_id IN ({{ids}})",
            doubtful,
        )
    }
    return alone | set(doubtful) - others


def _telling(
    connection: Connection, table: str, source: str, known: Traces, since: datetime | None
) -> list[int]:
    """Return the numbers of the rows of *source* whose address is one of the listings'."""
    where, values = "source = ? AND url <> ''", list[str]([source])
    if since is not None:
        where, values = f"{where} AND at >= ?", [source, iso(since)]
    needles = known.needles()
    if len(needles) <= _FEW:
        where += f" AND ({' OR '.join(['url LIKE ?'] * len(needles) or ['1 = 0'])})"
        values += [f"%{needle}%" for needle in needles]
    rows = connection.exec_driver_sql(
        f"SELECT number, url FROM {table} WHERE {where}", tuple(values)
    )
    return [number for number, url in rows if known.told_by(url)]


def _behind(connection: Connection, page: _Page) -> Iterator[int]:
    """Yield the requests that led to *page*: its own, and those redirected to it just before."""
    received = instant(page.at)
    if page.status is None or received is None:
        return  # brought by a file, or no answer came
    url, reached = without_keys(page.url), False
    for number, asked, status in connection.exec_driver_sql(
        "SELECT number, url, status FROM asked WHERE source = ? AND at <= ? AND at >= ?"
        " ORDER BY at DESC, number DESC",
        (page.source, iso(received), iso(received - timedelta(seconds=ANSWER_SECONDS))),
    ).fetchall():
        if reached and status not in _REDIRECTS:
            return
        reached = reached or asked == url
        if reached:
            yield number


def _forget(connection: Connection, pages: Sequence[_Page]) -> None:
    if not pages:
        return
    whys = {page.number: _coded(page) for page in pages}
    connection.exec_driver_sql(
        "UPDATE pages SET url = '', why = ? WHERE number = ?",
        [(whys[page.number], page.number) for page in pages],
    )
    own = sorted({page.capture_id for page in pages if page.found <= 1} - {""})
    if own:
        connection.exec_driver_sql(
            "UPDATE quarantine SET detail = NULL WHERE capture_id = ?", [(one,) for one in own]
        )
    # What condemned a page is told of its run too.
    for key in {page[1:5] for page in pages}:
        where = "WHERE run = ? AND source = ? AND watch = ? AND query = ?"
        said = connection.exec_driver_sql(f"SELECT why FROM runs {where}", key).scalar()
        less = str(said or "")
        for page in pages:
            if page[1:5] == key:
                less = less.replace(page.why or page.url, whys[page.number] or "")
                less = less.replace(page.url, "")
        if less != str(said or ""):
            connection.exec_driver_sql(f"UPDATE runs SET why = ? {where}", (less or None, *key))


def _coded(page: _Page) -> str | None:
    """Return why the page was condemned, without what an error's text says of it."""
    head, _, rest = (page.why or "").partition(":")
    if rest and page.capture_id and head != "held":
        return None  # a reader's error: it may quote the page
    return head if _CODE.fullmatch(head) else None
