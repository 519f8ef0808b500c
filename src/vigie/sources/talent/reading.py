"""Reading one card or offer of Talent.com into the model's names, as shown."""

from urllib.parse import urlencode, urlsplit

from vigie.errors import RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.jsonld import job_values

from .page import Item


def listing_of(item: Item, page: Capture) -> Listing:
    """Return *item* as a listing.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    if item.native_id is None:
        raise RecordError("no_id", (item.title or "")[:100])
    values: dict[str, Shown] = job_values(item.posting) if item.posting else {}
    if item.title is None and not values.get("title"):
        raise RecordError("no_title", item.native_id)
    shown: dict[str, Shown] = {
        "title": item.title,
        "company": item.company,
        "place_raw": item.place,
        "pay_raw": item.pay,
    }
    if item.full:
        shown |= {"text_raw": item.text, "contract_raw": item.contract}
    else:
        shown |= {"summary": item.summary, "posted_raw": item.date}
    # JSON-LD is the steadier layer; the markup fills what it leaves out.
    values |= {name: value for name, value in shown.items() if values.get(name) is None}
    host = urlsplit(page.url).netloc if page.url.startswith("https://") else "fr.talent.com"
    values["url"] = f"https://{host}/view?{urlencode({'id': item.native_id})}"
    return Listing(
        kind="job",
        native_id=item.native_id,
        reading="full" if item.full else "card",
        layer="json-ld" if item.posting else "html",
        values=values,
    )
