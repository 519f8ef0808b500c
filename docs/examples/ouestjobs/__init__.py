"""OuestJobs (https://jobs.ouest.example): job ads, public JSON API. Invented: a source to copy.

Pages of 20 ads, newest first; the address of the next page stands in the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import msgspec

from vigie.contracts import Terms
from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture, Query, Request, merge_notes
from vigie.model.listing import Listing

NAME = __name__.rpartition(".")[2]
API: Final = "https://jobs.ouest.example/api/ads"
PERSONAL: Final = ("contact",)
"""What an ad says about people; it is never kept."""
SCRUB_REVISION: Final = "1"
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

    pause_seconds: float = 1.0

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of *query*."""
        yield Request(url=f"{API}?{urlencode({'q': query.words, 'where': query.place})}")

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page, when the answer names one of this API."""
        url = _answer(page).get("next")
        if isinstance(url, str) and url.startswith(f"{API}?") and url.isascii():
            yield Request(url=url)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without contacts. What cannot be read is not kept at all."""
        if page.note.get("scrub_revision") == SCRUB_REVISION:
            return page
        body, blanked = page.body, 0
        answer = _answer(page)
        ads = answer.get("ads")
        for ad in ads if isinstance(ads, list) else ():
            if isinstance(ad, dict):
                blanked += sum(ad.pop(name, None) is not None for name in PERSONAL)
        if blanked:
            body = msgspec.json.encode(answer)
        elif not answer and body:
            body, blanked = b"", 1
        note = {"scrubbed": str(blanked), "scrub_revision": SCRUB_REVISION}
        return msgspec.structs.replace(page, body=body, note=merge_notes(page.note, note))

    def items(self, page: Capture) -> Sequence[Ad]:
        """Return the ads of the answer.

        Raises:
            Empty: the list is there and holds nothing.
            PageChanged: there is no list.
        """
        ads = _answer(page).get("ads")
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
        native_id = item.get("id") if isinstance(item, dict) else None
        if not isinstance(native_id, int):
            raise RecordError("no_id")
        values = {field: _text(item.get(name)) for field, name in FIELDS.items()}
        if values["title"] is None:
            raise RecordError("no_title")
        return Listing(
            kind="job", native_id=str(native_id), reading="card", layer="api",
            values={**values},
        )  # fmt: skip

    def total(self, page: Capture) -> int | None:
        """Return the total that the answer announces."""
        total = _answer(page).get("total")
        return total if isinstance(total, int) else None


def _answer(page: Capture) -> dict[str, Any]:
    """Return the answer; empty when it is no JSON object."""
    try:
        told = msgspec.json.decode(page.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


SOURCE = OuestJobs
