"""Adzuna (https://developer.adzuna.com): job ads gathered from many boards, by its open API.

Free credentials (``app_id``, ``app_key``) travel in the address; they are added by `login` at the
last moment and stand in no request of this source. Descriptions are cut: an ad is a card. Files of
ads that others saved (``{"jobs": [...]}``, a list) and a saved page of an ad read too.

Source: developer.adzuna.com, overview and terms of service, read 2026-11-21 in stored copies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.blanking import Blanking

from .answer import Ad, announced, items_of
from .asking import first_request, next_request
from .login import Keys, without_keys
from .reading import listing_of

NAME = __name__.rpartition(".")[2]
BLANKING = Blanking(
    revision="1",
    # `adref` and the address of redirection carry who asked: they are of no use to us.
    people=frozenset({"applicationContact", "contact", "telephone", "email", "adref"}),
)


@dataclass(frozen=True, kw_only=True)
class Adzuna:
    """The fields are the settings under ``[sources.adzuna]``."""

    label: ClassVar[str] = "Adzuna"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(
        url="https://developer.adzuna.com/docs/terms_of_service",
        read_on=None,
        attribution="Jobs by Adzuna",
        reuse="personal research and publishing its listings, in a stored copy; unread live",
    )

    example: ClassVar[Query] = Query(name="data-engineer", words="data engineer")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 2.5
    """25 requests a minute are admitted, and 250 a day."""
    country: str = "fr"
    """Country whose ads are asked for: fr, gb, de, us, ca…"""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of *query*, newest ads first.

        Raises:
            ConfigError: an option is unknown, or the country is no code.
        """
        yield first_request(NAME, query, self.country)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page while the announced total is not reached."""
        yield from next_request(NAME, page)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without contacts, phones and mail addresses in its texts, and without
        the credentials that the address of an answer holds."""
        if (url := without_keys(page.url)) != page.url:
            page = msgspec.structs.replace(page, url=url)
        return BLANKING.html(page) if page.body.lstrip()[:1] == b"<" else BLANKING.json(page)

    def items(self, page: Capture) -> Sequence[Ad]:
        """Return the ads of an answer or a file, or the one ad of a saved page.

        Raises:
            Blocked: the credentials or the rate were refused.
            Empty: the list is there and holds nothing.
            PageChanged: there is no list of ads.
        """
        return items_of(NAME, page)

    def read(self, item: Ad, page: Capture) -> Listing:
        """Return one ad: a card, or in full from its own page.

        Raises:
            RecordError: it is no object, or has no id or title.
        """
        return listing_of(item, page, self.country)

    def total(self, page: Capture) -> int | None:
        """Return the total that the answer announces."""
        return announced(page)


SOURCE = Adzuna
LOGIN = Keys
