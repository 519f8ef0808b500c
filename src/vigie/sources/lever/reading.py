"""Reading a Lever board: its postings, and one posting in the model's names."""

import html
from collections.abc import Sequence
from typing import Any, Final

from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import GONE, changed, json_of
from vigie.sources.blanking import Blanking
from vigie.sources.values import joined, part, parts, text, texts

BLANKING: Final = Blanking(revision="1")


def jobs_of(source: str, page: Capture) -> Sequence[Any]:
    """Return the postings of the board: the answer is their list.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    if page.status in GONE:
        raise PageChanged(source, page.url, "board (misspelt, or gone)")
    jobs = json_of(source, page)
    if not isinstance(jobs, list):
        raise changed(source, page, "list of postings")
    if not jobs:
        raise Empty(source, page.url)
    return jobs


def listing_of(job: Any) -> Listing:
    """Return one posting.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    native_id = text(job, "id")
    if native_id is None:
        raise RecordError("no_id")
    title = text(job, "text")
    if title is None:
        raise RecordError("no_title", native_id)
    pay = part(job, "salaryRange")
    values: dict[str, Shown] = {
        "url": text(job, "hostedUrl"),
        "title": title,
        "company": None,  # the board does not name it
        "posted_raw": text(job, "createdAt"),  # milliseconds since 1970: the steps read them
        "place_raw": joined(texts(job, "categories", "allLocations") or ())
        or text(job, "categories", "location"),
        "country_raw": text(job, "country"),
        "contract_raw": text(job, "categories", "commitment"),
        "remote_raw": text(job, "workplaceType"),
        "occupation_raw": text(job, "categories", "team") or text(job, "categories", "department"),
        "apply_url": text(job, "applyUrl"),
    }
    full = "description" in job or "descriptionPlain" in job
    if full:
        values |= {
            "text_raw": _text(job),
            "pay_raw": text(job, "salaryDescriptionPlain"),
            "pay_min_raw": text(pay, "min"),
            "pay_max_raw": text(pay, "max"),
            "pay_currency_raw": text(pay, "currency"),
            "pay_period_raw": text(pay, "interval"),
        }
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full" if full else "card",
        layer="api",
        values=values,
    )


def _text(job: Any) -> str | None:
    """Return the whole text as HTML: what is asked for stands in lists beside the description."""
    pieces = [_html(job, "description")]
    for one in parts(job, "lists"):
        heading, content = text(one, "text"), text(one, "content")
        pieces.append(f"<h3>{html.escape(heading, quote=False)}</h3>" if heading else None)
        pieces.append(f"<ul>{content}</ul>" if content else None)
    pieces.append(_html(job, "additional"))
    return "\n".join(piece for piece in pieces if piece) or None


def _html(job: Any, name: str) -> str | None:
    """Return a part of the text as HTML, made of its plain twin when that is all there is."""
    plain = text(job, f"{name}Plain")
    made = html.escape(plain, quote=False).replace("\n", "<br>") if plain else None
    return text(job, name) or (f"<p>{made}</p>" if made else None)
