"""OuestJobs (https://jobs.ouest.example): job ads, public JSON API. Invented: a source to copy.

Pages of 20 ads, newest first; the address of the next page stands in the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from vigie.contracts import Terms
from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import decoded, json_of
from vigie.sources.blanking import Blanking
from vigie.sources.values import part, text, whole

NAME = __name__.rpartition(".")[2]
API: Final = "https://jobs.ouest.example/api/ads"
BLANKING: Final = Blanking(revision="1", people=frozenset({"contact"}))
"""What an ad says about people; it is never kept."""
FIELDS: Final = {
    "title": "title", "company": "company", "place_raw": "city", "pay_raw": "pay",
    "posted_raw": "posted", "url": "link",
}  # fmt: skip
"""Field of the model → name in the answer. Texts go as shown: the steps read them."""

Ad = Any
"""One entry of the list, whatever the site put there."""


@dataclass(frozen=True, kw_only=True)
class OuestJobs:
    """The fields are the settings under ``[sources.ouestjobs]``."""

    label: ClassVar[str] = "OuestJobs"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Europe/Paris"
    terms: ClassVar[Terms] = Terms(
        url="https://jobs.ouest.example/terms",
        read_on=None,
        attribution="OuestJobs",
        reuse="unknown until read",
    )

    example: ClassVar[Query] = Query(name="data", words="data engineer")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 1.0

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of *query*."""
        yield Request(url=f"{API}?{urlencode({'q': query.words, 'where': query.place})}")

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page, when the answer names one of this API."""
        url = text(decoded(page.body), "next")
        if url and url.startswith(f"{API}?") and url.isascii():
            yield Request(url=url)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without contacts, and without phones and addresses in texts."""
        return BLANKING.json(page)

    def items(self, page: Capture) -> Sequence[Ad]:
        """Return the ads of the answer.

        Raises:
            Empty: the list is there and holds nothing.
            PageChanged: there is no list.
        """
        ads = part(json_of(NAME, page)).get("ads")
        if not isinstance(ads, list):
            raise PageChanged(NAME, page.url, missing='"ads" list')
        if not ads:
            raise Empty(NAME, page.url)
        return ads

    def read(self, item: Ad, page: Capture) -> Listing:  # noqa: ARG002 - the contract's
        """Return one ad, as a card: its text stands on its own page.

        Raises:
            RecordError: it has no id or no title.
        """
        native_id = text(item, "id")
        if native_id is None:
            raise RecordError("no_id")
        values: dict[str, Shown] = {field: text(item, name) for field, name in FIELDS.items()}
        if values["title"] is None:
            raise RecordError("no_title", native_id)
        return Listing(kind="job", native_id=native_id, reading="card", layer="api", values=values)

    def total(self, page: Capture) -> int | None:
        """Return the total that the answer announces."""
        return whole(decoded(page.body), "total")


SOURCE = OuestJobs
