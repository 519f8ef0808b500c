"""Names for people: of fields, of their values, of states, of what was found wrong.

The texts are message ids (English) of the gettext catalogues; `N_` marks them for extraction.
"""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from vigie.web.facts import SourceFacts
from vigie.web.language import Language
from vigie.web.reasons import reason
from vigie.web.territory import DEPARTMENTS, REGIONS


def N_(text: str) -> str:  # noqa: N802  # gettext's customary name for "translate later"
    return text


VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "contract": {
        "permanent": N_("Permanent"), "fixed_term": N_("Fixed term"),
        "temporary": N_("Temporary agency"), "internship": N_("Internship"),
        "apprenticeship": N_("Apprenticeship"), "freelance": N_("Freelance"),
        "volunteer": N_("Volunteer"), "other": N_("Other contract"),
    },
    "hours": {"full_time": N_("Full time"), "part_time": N_("Part time")},
    "remote": {"onsite": N_("On site"), "hybrid": N_("Hybrid"), "remote": N_("Remote")},
    "experience_level": {
        "internship": N_("Intern level"), "entry": N_("Entry level"), "associate": N_("Associate"),
        "mid_senior": N_("Mid to senior"), "director": N_("Director"),
        "executive": N_("Executive"),
    },
    "pay_period": {
        "hour": N_("hour"), "day": N_("day"), "week": N_("week"), "month": N_("month"),
        "year": N_("year"),
    },
    "pay_basis": {"gross": N_("gross"), "net": N_("net")},
    "offer": {
        "sell": N_("For sale"), "rent": N_("To let"), "wanted": N_("Wanted"),
        "swap": N_("To swap"), "gift": N_("To give away"), "other": N_("Other offer"),
    },
    "seller_type": {"private": N_("Private seller"), "professional": N_("Professional")},
    "status": {"open": N_("Open"), "closed": N_("Closed"), "all": N_("Open and closed")},
    "reading": {"card": N_("card only"), "full": N_("full page")},
    "cause": {
        "site": N_("the site changed it"), "reread": N_("read again by us"),
        "closed": N_("closed"), "reopened": N_("reopened"),
    },
    "posted_precision": {
        "second": N_("to the second"), "minute": N_("to the minute"), "hour": N_("to the hour"),
        "day": N_("to the day"), "week": N_("to the week"), "month": N_("to the month"),
        "year": N_("to the year"),
    },
    "place_precision": {
        "point": N_("exact point"), "city": N_("city"), "dep": N_("département"),
        "region": N_("region"), "country": N_("country"),
    },
    "area_level": {
        "commune": N_("Commune"), "dep": N_("Département"), "region": N_("Region"),
        "country": N_("Country"),
    },
    "measure": {
        "votes": N_("Votes"), "registered": N_("Registered"), "blank": N_("Blank votes"),
        "null": N_("Spoilt votes"), "abstention": N_("Abstention"), "cast": N_("Votes cast"),
        "voted": N_("Voters"), "valid": N_("Valid votes"),
    },
    "grain": {"cluster": N_("One per offer"), "listing": N_("Every listing")},
    "has_image": {"true": N_("With a photo"), "false": N_("Without a photo")},
    "has_price": {"true": N_("With a price"), "false": N_("Without a price")},
    "sort": {
        "relevance": N_("Relevance"), "-posted_at": N_("Newest first"),
        "posted_at": N_("Oldest first"), "-first_seen_at": N_("Last found first"),
        "first_seen_at": N_("First found first"), "-changed_at": N_("Last changed first"),
        "changed_at": N_("First changed first"), "price": N_("Cheapest first"),
        "-price": N_("Dearest first"), "-pay_year_min": N_("Best paid first"),
        "pay_year_min": N_("Least paid first"),
    },
    "state": {
        "ok": N_("everything was read"), "empty": N_("the site lists nothing"),
        "late": N_("no visit when one was due"), "truncated": N_("cut short"),
        "blocked": N_("the site refused"), "layout_changed": N_("the page changed its shape"),
        "unreachable": N_("no answer"), "not_scheduled": N_("no visit is planned"),
    },
    "word": {
        "ok": N_("OK"), "empty": N_("Empty"), "late": N_("Late"), "failing": N_("Failing"),
        "never": N_("Never visited"), "imported": N_("Imported"),
    },
    "scan": {
        "complete": N_("complete"), "newest": N_("newest only"), "cut": N_("cut"),
    },
    "fate": {
        "found": N_("Found"), "new": N_("New"), "changed": N_("Changed"),
        "unchanged": N_("Unchanged"), "duplicate": N_("Duplicates"), "rejected": N_("Rejected"),
        "quarantined": N_("Quarantined"), "closed": N_("Closed since"),
        "reopened": N_("Reopened"),
    },
    "alarm": {
        "vanished": N_("Field no longer filled"), "lost": N_("Values lost"),
        "altered": N_("Values all changed"), "shapes": N_("Texts of another sort"),
        "repeats": N_("One value everywhere"), "amounts": N_("Amounts out of range"),
        "doubles": N_("One listing many times"), "mangled": N_("Broken letters"),
        "thin": N_("Nearly empty listing"), "volume": N_("Unusual number"),
        "announced": N_("Less than announced"), "identities": N_("Nearly all new"),
        "layer": N_("Read another way"), "drift": N_("Field filled differently"),
    },
    "alarm_status": {
        "open": N_("not settled"), "released": N_("released"), "mended": N_("mended"),
    },
    "shape": {
        "digits": N_("digits"), "number": N_("text with a number"), "date": N_("a date"),
        "address": N_("an address"), "markup": N_("markup"), "word": N_("a word"),
        "line": N_("a line"), "text": N_("a text"), "another mix": N_("another mix"),
        "otherwise": N_("something else"),
    },
    "reason": {
        "no_id": N_("No identity"), "no_title": N_("No title"), "no_text": N_("No text"),
        "no_subject": N_("No subject"), "no_area": N_("No area"),
        "not_an_offer": N_("Not a job"), "not_an_ad": N_("Not an ad"),
        "not_a_post": N_("Not a post"), "not_an_entry": N_("Not an entry"),
        "bad_line": N_("Line that cannot be read"), "bad_row": N_("Row that cannot be read"),
        "bad_value": N_("Value that cannot be read"), "unknown_field": N_("Unknown field"),
        "deleted": N_("Deleted by its site"), "junk_line": N_("Left behind by a merge of files"),
        "repeated_header": N_("Header repeated"), "reader_error": N_("The reader failed on it"),
        "step_error": N_("A cleaning step failed on it"),
        "erased_here": N_("Erased here on request"),
        "removed_at_source": N_("Removed by its site or author"),
    },
    "held": {
        "few_found": N_("far fewer found than usual"),
        "closes_over_half": N_("over half of what is open would be closed"),
        "items_unreadable": N_("what is missing may be among what could not be read"),
        "pages_missing": N_("some of its pages never came"),
        "identities": N_("nearly everything is new"),
    },
    "look": {
        "ok": N_("Seen"), "empty": N_("Seen, nothing listed"), "late": N_("Late: no visit"),
        "failing": N_("Failing"), "not_scheduled": N_("No visit due"),
    },
    "kind": {
        "job": N_("Jobs"), "ad": N_("Classified ads"), "post": N_("Posts"),
        "figure": N_("Figures"),
    },
}  # fmt: skip

FIELDS: Final[Mapping[str, str]] = {
    "id": N_("Id"), "source": N_("Source"), "native_id": N_("Id on the site"),
    "url": N_("Address"), "title": N_("Title"), "text": N_("Description"),
    "html": N_("Description, formatted"), "summary": N_("Summary"), "lang": N_("Language"),
    "posted_raw": N_("Date, as shown"), "posted_at": N_("Published"),
    "posted_precision": N_("Precision of the date"), "updated_at": N_("Updated by the site"),
    "place_raw": N_("Place, as shown"), "place_city": N_("City"),
    "place_commune": N_("Commune (INSEE)"), "place_dep": N_("Département"),
    "place_region": N_("Region"), "place_country": N_("Country"), "place_lat": N_("Latitude"),
    "place_lon": N_("Longitude"), "place_precision": N_("Precision of the place"),
    "company": N_("Company"), "company_text": N_("About the company"),
    "contract_raw": N_("Contract, as shown"), "contract": N_("Contract"),
    "hours_raw": N_("Working time, as shown"), "hours": N_("Working time"),
    "remote_raw": N_("Remote work, as shown"), "remote": N_("Remote work"),
    "experience_raw": N_("Experience, as shown"),
    "experience_min_years": N_("Least experience (years)"), "experience_level": N_("Experience"),
    "pay_raw": N_("Pay, as shown"), "pay_min": N_("Lowest pay"), "pay_max": N_("Highest pay"),
    "pay_currency": N_("Currency of pay"), "pay_period": N_("Period of pay"),
    "pay_months": N_("Months paid a year"), "pay_basis": N_("Basis of pay"),
    "pay_year_min": N_("Pay per year"), "pay_year_max": N_("Pay per year, at most"),
    "skills_raw": N_("Skills"), "education_raw": N_("Education"),
    "occupation_raw": N_("Occupation"), "occupation_rome": N_("Occupation (ROME)"),
    "industry_raw": N_("Industry"), "apply_url": N_("Where to apply"),
    "openings": N_("Openings"), "expires_at": N_("Valid until"), "applicants": N_("Applicants"),
    "category": N_("Category"), "subcategory": N_("Subcategory"), "offer": N_("Offer"),
    "price_raw": N_("Price, as shown"), "price": N_("Price"),
    "price_currency": N_("Currency"), "price_old": N_("Struck-out price"),
    "seller_type": N_("Seller"), "images": N_("Photos"), "attributes": N_("Details"),
    "new_development": N_("New development"), "topic": N_("Topic"),
    "text_plain": N_("Text without links"), "hashtags": N_("Hashtags"),
    "mentions": N_("Mentions"), "reply_to": N_("Answers"), "repost_of": N_("Repeats"),
    "likes": N_("Likes"), "reposts": N_("Reposts"), "replies": N_("Replies"),
    "quotes": N_("Quotes"), "table": N_("Table"), "year": N_("Year"), "round": N_("Round"),
    "area_level": N_("Level"), "area_code": N_("Area code"), "area_name": N_("Area"),
    "subject": N_("Subject"), "measure": N_("Measure"), "value": N_("Value"), "unit": N_("Unit"),
    "reading": N_("Reading"), "layer": N_("Layer"), "first_seen_at": N_("First seen"),
    "last_seen_at": N_("Last seen"), "changed_at": N_("Last changed"), "status": N_("Status"),
    "closed_at": N_("Closed"), "capture_id": N_("Capture"), "cluster": N_("Cluster"),
    "since": N_("Published since"), "until": N_("Published before"),
    "price_min": N_("At least"), "price_max": N_("At most"), "has_image": N_("Photo"),
    "has_price": N_("Price given"), "grain": N_("Duplicates across sites"), "q": N_("Words"),
    "sort": N_("Order"), "page": N_("Page"), "content_lang": N_("Language"),
}  # fmt: skip
"""Field or parameter → its name."""

SINCE: Final = {
    "24h": N_("last 24 hours"), "3d": N_("last 3 days"), "7d": N_("last 7 days"),
    "30d": N_("last 30 days"),
}  # fmt: skip


class Labels:
    """Names in one language."""

    def __init__(self, language: Language, sources: Mapping[str, SourceFacts]) -> None:
        self._language = language
        self._sources = sources

    def field(self, name: str) -> str:
        """Return the name of a field or parameter; the bare name when it has none."""
        text = FIELDS.get(name)
        return self._language.gettext(text) if text else name

    def value(self, field: str, value: str | None) -> str:
        """Return the name of a value: a source's label, a département's name, a term's words."""
        if value is None or value == "":
            return self._language.gettext("Not said")
        if text := VALUES.get(field, {}).get(value) or (field == "since" and SINCE.get(value)):
            return self._language.gettext(text)
        facts = self._sources.get(value) if field == "source" else None
        return facts.label if facts else self._proper_name(field, value)

    def why(self, text: str) -> Markup:
        """Return why a page or run is in its state."""
        return reason(text, self._language)

    def _proper_name(self, field: str, value: str) -> str:
        locale = self._language.locale
        if field == "place_dep" and value in DEPARTMENTS:
            return f"{DEPARTMENTS[value]} ({value})"
        if field == "place_region":
            return REGIONS.get(value, value)
        if field == "place_country":
            return str(locale.territories.get(value, value))
        if field in {"lang", "content_lang"}:
            unknown = self._language.gettext("Undetermined")
            return str(locale.languages.get(value, unknown)).capitalize()
        return value
