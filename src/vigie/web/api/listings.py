"""Listings: lists with cursors and facets, one listing, its history."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import polars as pl
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.errors import UsageError
from vigie.model.ask import Bucket
from vigie.model.fields import Field, Kind
from vigie.model.kinds import KINDS
from vigie.web.address import choices, facet_names
from vigie.web.api import cursor as cursors
from vigie.web.api.parameters import facet_list, fields, limit, nothing_asked, parameters
from vigie.web.api.problems import Problem
from vigie.web.cluster import elsewhere
from vigie.web.envelope import Shape, encode, visible
from vigie.web.freshness import answer, tag_of
from vigie.web.labels import Labels
from vigie.web.language import Language
from vigie.web.owner import is_owner
from vigie.web.question import CLUSTERED, Question
from vigie.web.site import Site
from vigie.web.slug import listing_path

FLOOR: Final = 10
"""Posts are counted for the public from so many on: fewer could point at one person."""
_EXTRAS: Final = frozenset({"limit", "cursor", "facets", "fields"})
_ID = re.compile(r"[a-z2-7]{16}\Z")
_CACHE: Final = "public, max-age=30"
# The lists answer at the pages' addresses too, where these decide between page and data.
_VARY: Final = "Accept, HX-Request, HX-History-Restore-Request"

Endpoint = Callable[[Request], Response]


class ListingsApi:
    """The endpoints under ``/api/v1/{jobs,ads,posts,figures}``."""

    def __init__(self, site: Site) -> None:
        self._site = site
        # Labels of facets are in English, as everything of the API; people read the pages.
        self._labels = Labels(Language("en"), site.sources)

    def routes(self) -> list[Route]:
        found = []
        for kind in KINDS.values():
            root = f"/api/v1/{kind.plural}"
            found += [
                Route(root, self.list_endpoint(kind), methods=["GET"]),
                Route(f"{root}/facets", self._facets(kind), methods=["GET"]),
                Route(f"{root}/{{id}}", self._one(kind), methods=["GET"]),
                Route(f"{root}/{{id}}/history", self._history(kind), methods=["GET"]),
            ]
        return found

    def list_endpoint(self, kind: Kind) -> Endpoint:
        """Return the endpoint that lists *kind*."""

        def listings(request: Request) -> Response:
            owner, now = is_owner(request), self._site.now()
            question, extras = parameters(kind, request, _EXTRAS)
            most = limit(extras)
            shown = fields(kind, extras.get("fields"), owner=owner)
            ask = question.ask(now, facets=facet_list(kind, extras.get("facets"), ()))
            start = cursors.read(extras["cursor"], ask) if "cursor" in extras else None
            found = _asked(lambda: cursors.page(self._site.search, ask, start, most))
            few = _too_few(kind, question, found.answer.total, owner=owner)
            rows = self._site.shelf.get(kind.name, () if few else found.ids)
            following = None if few else found.following
            root = f"/api/v1/{kind.plural}"
            pairs = [*question.pairs(), *((n, v) for n, v in extras.items() if n != "cursor")]
            onward = f"{root}?{urlencode([*pairs, ('cursor', following)])}" if following else None
            body = {
                "items": self._items(kind, rows, shown),
                "total": _total(found.answer.total, few=few),
                "next_cursor": following,
                "next": onward,
                "facets": self._counts(kind, found.answer.facets, question, owner=owner),
                "query": _told(question, extras),
                "data_version": found.answer.seq,
            }
            link = {"link": f'<{onward}>; rel="next"'} if onward else {}
            return _send(request, body, owner=owner and kind.name == "post", now=now, headers=link)

        return listings

    def _facets(self, kind: Kind) -> Endpoint:
        def facets(request: Request) -> Response:
            owner, now = is_owner(request), self._site.now()
            question, extras = parameters(kind, request, frozenset({"facets"}))
            names = facet_list(kind, extras.get("facets"), facet_names(kind))
            found = _asked(lambda: self._site.search.ask(question.ask(now, facets=names)))
            few = _too_few(kind, question, found.total, owner=owner)
            body = {
                "facets": self._counts(kind, {} if few else found.facets, question, owner=owner),
                "total": _total(found.total, few=few),
                "query": _told(question, extras),
                "data_version": found.seq,
            }
            return _send(request, body, owner=owner and kind.name == "post", now=now)

        return facets

    def _one(self, kind: Kind) -> Endpoint:
        def one(request: Request) -> Response:
            owner, now = is_owner(request), self._site.now()
            nothing_asked(request)
            rows = self._row(kind, request)
            item = self._items(kind, rows, visible(kind, owner=owner))[0]
            return _send(request, item, owner=owner and kind.name == "post", now=now, stamp=False)

        return one

    def _history(self, kind: Kind) -> Endpoint:
        def history(request: Request) -> Response:
            owner, now = is_owner(request), self._site.now()
            nothing_asked(request)
            rows = self._row(kind, request)
            shown = {field.name for field in visible(kind, owner=owner)}
            items = [
                change | {name: _json(change[name]) for name in ("old", "new")}
                for change in self._site.shelf.history(rows["id"][0]).iter_rows(named=True)
                if change["field"] in shown
            ]
            return _send(request, {"items": items}, owner=owner and kind.name == "post", now=now)

        return history

    def _row(self, kind: Kind, request: Request) -> pl.DataFrame:
        listing = request.path_params["id"]
        rows = self._site.shelf.get(kind.name, [listing]) if _ID.match(listing) else None
        if rows is None or rows.is_empty():
            raise Problem(404, f"there is no {kind.name} {listing!r}.")
        return rows

    def _items(
        self, kind: Kind, rows: pl.DataFrame, shown: tuple[Field, ...]
    ) -> list[dict[str, Any]]:
        items = Shape(shown).items(rows)
        if kind.name not in CLUSTERED:
            return items
        told = rows.select("id", "source", "title", "cluster").to_dicts()
        others = elsewhere(self._site.shelf, told)
        for item, row in zip(items, told, strict=True):
            item["also_on"] = others[row["id"]]
            item["page"] = listing_path(kind.plural, row["id"], row["title"])
        return items

    def _counts(
        self, kind: Kind, facets: Mapping[str, tuple[Bucket, ...]], question: Question, *,
        owner: bool,
    ) -> dict[str, Any]:  # fmt: skip
        least = FLOOR if kind.name == "post" and not owner else 0
        return {
            name: [
                {
                    "value": bucket.value,
                    "label": self._labels.value(name, bucket.value),
                    "count": bucket.count,
                    "selected": bucket.value in question.filters.get(name, ()),
                }
                for bucket in buckets
                if bucket.count >= least
            ]
            for name, buckets in facets.items()
        }


def _asked(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except UsageError as error:
        raise Problem(422, str(error), kind="/problems/invalid-parameter") from None


def _too_few(kind: Kind, question: Question, total: int, *, owner: bool) -> bool:
    """Return whether so few posts match that telling how many would point at their authors."""
    narrowed = question != Question(kind=kind.name)
    return kind.name == "post" and not owner and narrowed and total < FLOOR


def _total(total: int, *, few: bool) -> dict[str, Any]:
    return {"value": FLOOR, "relation": "lt"} if few else {"value": total, "relation": "eq"}


def _told(question: Question, extras: Mapping[str, str]) -> dict[str, Any]:
    """Return the question as it was understood; parameters that repeat are lists."""
    told: dict[str, Any] = {name: value for name, value in extras.items() if name != "cursor"}
    single = {"q", "since", "until", "price_min", "price_max", "has_price", "has_image",
              *choices(KINDS[question.kind])}  # fmt: skip
    for name, value in question.pairs():
        if name in single:
            told[name] = value
        else:
            told.setdefault(name, []).append(value)
    return told


def _json(text: str | None) -> Any:
    return None if text is None else msgspec.Raw(text.encode())


def _send(
    request: Request, body: dict[str, Any], *, owner: bool, now: datetime, stamp: bool = True,
    headers: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """Return *body*. What the owner alone may read is neither cached nor open to other sites."""
    tag = tag_of(encode(body))
    if stamp:
        body = body | {"generated_at": now.replace(microsecond=0)}
    shared = {} if owner else {"access-control-allow-origin": "*"}
    return answer(
        request, encode(body), "application/json", tag=tag,
        cache="private, no-store" if owner else _CACHE, vary=_VARY,
        headers={**shared, **(headers or {})},
    )  # fmt: skip
