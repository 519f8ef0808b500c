"""Arbeitnow (https://www.arbeitnow.com): job ads of Germany and remote ones, by its open API.

Pages of 100 ads, newest first; the address of the next one stands in the answer. The API can be
narrowed by nothing: a query with words or a place is refused rather than answered with everything.

Source: the answer's own ``meta`` (``terms``, ``info``), seen in captured answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Final

from vigie.contracts import Terms
from vigie.errors import ConfigError, Empty, PageChanged, RecordError
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import decoded, json_of
from vigie.sources.blanking import Blanking
from vigie.sources.values import flag, joined, part, parts, text, texts, whole, without_scrub

NAME = __name__.rpartition(".")[2]
API: Final = "https://www.arbeitnow.com/api/job-board-api"
BLANKING: Final = Blanking(revision="1", people=frozenset({"contact", "email", "phone"}))
_REMOTE: Final = "Remote"

Ad = Any
"""One entry of the list, whatever the site put there."""


@dataclass(frozen=True, kw_only=True)
class Arbeitnow:
    """The fields are the settings under ``[sources.arbeitnow]``."""

    label: ClassVar[str] = "Arbeitnow"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Europe/Berlin"
    terms: ClassVar[Terms] = Terms(
        url="https://www.arbeitnow.com/terms",
        read_on=None,
        attribution="Arbeitnow",
        reuse="unknown until read; its answers say: a free public API, link back to the site",
    )

    example: ClassVar[Query] = Query(name="all")
    sentinel: ClassVar[Query | None] = None

    pause_seconds: float = 2.0

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page.

        Raises:
            ConfigError: the query narrows by words, a place or an option.
        """
        if query.words or query.place or query.options:
            raise ConfigError(
                f"{NAME}: query {query.name!r} asks for words, a place or an option, but the API "
                f"cannot be narrowed: leave them out and filter what is found"
            )
        since = query.since_hours
        yield Request(
            url=f"{API}?page=1", note={} if since is None else {"since_hours": str(since)}
        )

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page that the answer names, until all ads are older than asked for."""
        answer = decoded(page.body)
        ads, url = parts(answer, "data"), text(answer, "links", "next")
        if not ads or not url or not url.startswith(f"{API}?") or not url.isascii():
            return
        times = [time for ad in ads if (time := whole(ad, "created_at")) is not None]
        since = page.note.get("since_hours", "")
        if since.isdecimal() and len(since) < 7 and times:
            oldest = (page.at - timedelta(hours=int(since))).timestamp()
            if all(time < oldest for time in times):
                return
        if url != page.url and " " not in url:
            yield Request(url=url, note=without_scrub(page.note))

    def scrub(self, page: Capture) -> Capture:
        """Return the page without phones and mail addresses in its texts."""
        return BLANKING.json(page)

    def items(self, page: Capture) -> Sequence[Ad]:
        """Return the ads of the answer.

        Raises:
            Empty: the list is there and holds nothing.
            PageChanged: there is no list.
        """
        ads = part(json_of(NAME, page)).get("data")
        if not isinstance(ads, list):
            raise PageChanged(NAME, page.url, 'list "data"')
        if not ads:
            raise Empty(NAME, page.url)
        return ads

    def read(self, item: Ad, page: Capture) -> Listing:  # noqa: ARG002 - the contract's
        """Return one ad in full.

        Raises:
            RecordError: it is no object, or has no slug or title.
        """
        if not isinstance(item, dict):
            raise RecordError("not_an_offer", type(item).__name__)
        native_id = text(item, "slug")
        if native_id is None:
            raise RecordError("no_id", (text(item, "title") or "")[:100])
        title = text(item, "title")
        if title is None:
            raise RecordError("no_title", native_id)
        tags = [tag for tag in texts(item, "tags") or [] if tag != _REMOTE]
        values: dict[str, Shown] = {
            "url": text(item, "url"),
            "title": title,
            "text_raw": text(item, "description"),
            "posted_raw": text(item, "created_at"),
            "place_raw": text(item, "location"),
            "company": text(item, "company_name"),
            # It says whether one may work from anywhere; "false" is not "on site".
            "remote_raw": _REMOTE if flag(item, "remote") else None,
            "contract_raw": joined(texts(item, "job_types") or []),
            "occupation_raw": joined(tags),
        }
        return Listing(kind="job", native_id=native_id, reading="full", layer="api", values=values)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: the API announces no total."""
        return None


SOURCE = Arbeitnow
