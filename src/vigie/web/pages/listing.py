"""One listing: its facts, its words, how its price moved, where every value came from."""

import re
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vigie.model.fields import Kind, Type
from vigie.model.kinds import KINDS
from vigie.web.amounts import amount
from vigie.web.charts.price_line import price_line
from vigie.web.language import Language
from vigie.web.pages.draw import Pages
from vigie.web.pages.refusal import not_found
from vigie.web.picture import picture
from vigie.web.slug import listing_path, slug

_ID = re.compile(r"[a-z2-7]{16}\Z")
PRICED: Final = {"ad": ("price", "price_currency"), "job": ("pay_year_min", "pay_currency")}

# What the page's header and text show already is not repeated among the facts.
_ELSEWHERE: Final = frozenset(
    {"id", "source", "native_id", "url", "title", "text", "html", "summary", "images", "cluster",
     "capture_id", "status", "reading", "layer", "attributes", "company_text", "skills_raw",
     "place_lat", "place_lon", "place_precision", "place_commune", "posted_precision",
     "pay_currency", "pay_year_min", "pay_year_max", "pay_min", "pay_max", "pay_period",
     "pay_months", "pay_basis", "price", "price_currency", "price_old", "apply_url"}
)  # fmt: skip


class Origin(msgspec.Struct, frozen=True):
    """A shown value and what was read from it."""

    name: str
    shown: Any
    read: tuple[tuple[str, Any], ...]


class ListingPages:
    """``/jobs/{id}/{slug}`` and ``/ads/{id}/{slug}``."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._site = pages.site

    def routes(self) -> list[Route]:
        found = []
        for kind in (KINDS["job"], KINDS["ad"]):
            page = self._page(kind)
            found.append(Route(f"/{kind.plural}/{{id}}", page, methods=["GET"]))
            found.append(Route(f"/{kind.plural}/{{id}}/{{slug:path}}", page, methods=["GET"]))
        return found

    def _page(self, kind: Kind) -> Any:
        def page(request: Request) -> Response:
            return self.show(request, kind)

        return page

    def show(self, request: Request, kind: Kind) -> Response:
        """Return the listing's page; its one address when it was reached by another."""
        listing = request.path_params["id"]
        rows = self._site.shelf.get(kind.name, [listing] if _ID.match(listing) else [])
        if rows.is_empty():
            return not_found(self._pages, request)
        row = rows.row(0, named=True)
        if request.path_params.get("slug") != slug(row["title"]):
            path = listing_path(kind.plural, row["id"], row["title"])
            query = request.url.query
            return RedirectResponse(f"{path}?{query}" if query else path, 301)
        visitor = self._pages.visitor(request)
        changes = self._site.shelf.history(row["id"]).to_dicts()
        members = self._members(kind, row)
        priced, currency = PRICED[kind.name]
        language = self._pages.languages[visitor.language]
        facts = {
            "kind": kind,
            "row": row,
            "facts": self._facts(kind, row),
            "origins": origins(kind, row),
            "changes": [_told(kind, change, row[currency], language) for change in changes],
            "members": members,
            "amount_was_read": row[priced] is not None or row.get("pay_min") is not None,
            "line": price_line(row, changes, priced, row[currency], language),
            "pictures": [
                shown for url in row.get("images") or () if (shown := picture(url, self._site.demo))
            ],
            "source": self._site.sources.get(row["source"]),
            "api": f"/api/v1/{kind.plural}/{row['id']}",
        }
        return self._pages.draw(
            request, "listing.html", facts, visitor=visitor, noindex=row["status"] == "closed"
        )

    def _facts(self, kind: Kind, row: dict[str, Any]) -> list[tuple[str, Any]]:
        """Return the readings worth a line of their own, raws and the store's notes left out."""
        read_from = {name for field in kind.stored for name in field.of}
        return [
            (field.name, row[field.name])
            for field in kind.values
            if field.name not in _ELSEWHERE
            and not field.private
            and field.name not in read_from
            and row[field.name] not in (None, [], "")
        ]

    def _members(self, kind: Kind, row: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the other listings of the cluster, as rows."""
        if not row["cluster"]:
            return []
        members = self._site.shelf.members([row["cluster"]])
        ids = [m["id"] for m in members.iter_rows(named=True) if m["id"] != row["id"]]
        return self._site.shelf.get(kind.name, ids).to_dicts() if ids else []


def origins(kind: Kind, row: dict[str, Any]) -> list[Origin]:
    """Return, for every shown field that is stored, its value and the readings taken from it.

    A reading of several fields stands with the first that the listing has; one of fields that
    are not stored (the site's own codes and bounds) stands last, under no name.
    """
    shown = [f for f in kind.shown if f.stored and not f.private and f.name not in _LONG]
    names = {field.name for field in shown}
    readings: dict[str, list[tuple[str, Any]]] = {name: [] for name in ("", *names)}
    for field in kind.stored:
        if field.of and field.name not in _LONG:
            given = [name for name in field.of if name in names]
            told = [name for name in given if row[name] not in (None, [])]
            readings[(told or given or [""])[0]].append((field.name, row[field.name]))
    found = [
        Origin(field.name, row[field.name], tuple(readings[field.name]))
        for field in shown
        if row[field.name] not in (None, []) or _any(readings[field.name])
    ]
    return [*found, Origin("", None, tuple(readings[""]))] if _any(readings[""]) else found


def _told(
    kind: Kind, change: dict[str, Any], currency: str | None, language: Language
) -> dict[str, Any]:
    """Return a change with its values as people read them."""
    field = kind.by_name.get(change["field"])

    def text(old_or_new: str | None) -> str:
        if field is not None and field.type is Type.MONEY and (sum_ := amount(old_or_new)):
            return language.money_text(sum_, currency)
        value = None if old_or_new is None else msgspec.json.decode(old_or_new, type=object)
        if value is None:
            return "–"
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    return change | {"old": text(change["old"]), "new": text(change["new"])}


def _any(readings: list[tuple[str, Any]]) -> bool:
    return any(value is not None for _, value in readings)


_LONG: Final = frozenset({"text", "html", "summary", "company_text"})
