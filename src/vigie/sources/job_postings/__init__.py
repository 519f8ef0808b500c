"""Any site whose offers carry schema.org's JobPosting: a sitemap, or a page, by its address.

Option ``url`` is a sitemap (or an index of sitemaps) or a page; option ``match`` is a part of the
addresses of offers (``/emploi/``). An offer's id is its page's address: when that is gone, the
offer is closed.

A page that ``match`` chose, or that the query names, is expected to hold an offer: without one it
has changed. A page that a sitemap merely lists may be anything: without an offer it is empty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.blanking import Blanking
from vigie.sources.sitemap import first_request, next_requests, scrubbed

from .reading import Posting, listing_of, postings_of

NAME = __name__.rpartition(".")[2]
BLANKING = Blanking(
    revision="1",
    people=frozenset({
        "applicationContact", "contactPoint", "telephone", "faxNumber", "email", "author",
        "employee", "founder",
    }),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class JobPostings:
    """The fields are the settings under ``[sources.job_postings]``."""

    label: ClassVar[str] = "Job pages (JSON-LD)"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Europe/Paris"
    terms: ClassVar[Terms] = Terms(
        url="https://schema.org/JobPosting",
        read_on=None,
        attribution="the site that the query names",
        reuse="unknown: the terms of the site that the query names hold",
    )

    example: ClassVar[Query] = Query(
        name="carrieres",
        options={"url": "https://carrieres.exemple.example/sitemap.xml", "match": "/offres/"},
    )
    sentinel: ClassVar[Query | None] = None

    pause_seconds: float = 2.0
    most_pages_per_sitemap: int = 500
    """So many pages of one sitemap, those last changed first."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the request for the address of *query*.

        Raises:
            ConfigError: there is none, it cannot be asked for, or the query narrows by words.
        """
        yield first_request(NAME, query)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the sitemaps and pages that a sitemap names."""
        yield from next_requests(page, self.most_pages_per_sitemap)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without contacts, phones and mail addresses."""
        return scrubbed(page, BLANKING)

    def items(self, page: Capture) -> Sequence[Posting]:
        """Return the offers of the page.

        Raises:
            Blocked: a challenge or refusal came instead of the page.
            Empty: it is a sitemap, or a page that need not hold an offer and holds none.
            PageChanged: it is a sitemap that names pages none of which can be asked for, or an
                offer is missing where one is expected.
        """
        return postings_of(NAME, page)

    def read(self, item: Posting, page: Capture) -> Listing:
        """Return one offer in full.

        Raises:
            RecordError: it has no title, or stands among others without an id of its own.
        """
        return listing_of(item, page)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: sites announce no total."""
        return None


SOURCE = JobPostings
