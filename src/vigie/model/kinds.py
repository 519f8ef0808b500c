"""The four kinds of listing, with every field declared once.

Jobs follow schema.org's JobPosting and ads its Product and Offer where those have a word for it.
A listing is never wider than what sites show: what only people know (names, phone numbers) is
blanked before it is kept.
"""

from vigie.model.fields import Field, Kind, Type, read, text

PRECISIONS = ("second", "minute", "hour", "day", "week", "month", "year")
"""How exact an instant is, finest first."""

LEVELS = ("internship", "entry", "associate", "mid_senior", "director", "executive")
"""LinkedIn's six levels of experience, lowest first."""

IDENTITY = (
    Field(name="id", type=Type.TEXT, kept_by_store=True,
          meaning="80-bit BLAKE2b of source and native_id, in base32: 16 characters."),
    Field(name="source", type=Type.TEXT, kept_by_store=True, facet=True,
          meaning="Name of the source, which is its folder's."),
    Field(name="native_id", type=Type.TEXT, kept_by_store=True,
          meaning="The site's own id; without one, a hash of fields the source declares."),
)  # fmt: skip

COMMON = (
    *IDENTITY,
    text("url", "Canonical address of the listing, without tracking. Null: it has none."),
    text("title", "Title as shown, white space and entities repaired.", searchable=4.0),
    text("text_raw", "Full description as shown, HTML or plain.", stored=False),
    read("text", Type.TEXT, "text_raw", "Description as plain text, paragraphs kept.",
         searchable=1.0),
    read("html", Type.TEXT, "text_raw",
         "Description as safe HTML. Null: the description has no markup."),
    text("summary", "Cut description, as lists show it. Never replaces `text`.", searchable=1.0),
    read("lang", Type.ENUM, ("title", "text_raw"), "Language of title and text, ISO 639-1.",
         values=("fr", "en", "ar", "es", "und"), facet=True),
    text("lang_raw", "Language as the site or the author declares it.", stored=False),
    text("posted_raw", "Date of publication as shown.", volatile=True),
    read("posted_at", Type.INSTANT, "posted_raw",
         "When it was published, as exact as `posted_precision` says. Null: unknown.",
         sortable=True),
    read("posted_precision", Type.ENUM, "posted_raw", "How exact `posted_at` is.",
         values=PRECISIONS),
    text("updated_raw", "Date of the last change that the site announces.", stored=False),
    read("updated_at", Type.INSTANT, "updated_raw",
         "When the site says it was last updated; sites bump it for nothing.", volatile=True),
    text("place_raw", "Place as shown.", searchable=1.0),
    text("place_code_raw", "Code of the commune as shown (INSEE).", stored=False),
    text("postal_raw", "Postal code as shown.", stored=False),
    text("country_raw", "Country as shown.", stored=False),
    text("lat_raw", "Latitude as shown, decimal degrees.", stored=False),
    text("lon_raw", "Longitude as shown, decimal degrees.", stored=False),
    *(
        read(name, kind,
             ("place_raw", "place_code_raw", "postal_raw", "country_raw", "lat_raw", "lon_raw"),
             meaning, **roles)
        for name, kind, meaning, roles in (
            ("place_city", Type.TEXT, "City, in its usual spelling.", {"facet": True}),
            ("place_commune", Type.TEXT, "INSEE code of the French commune.", {}),
            ("place_dep", Type.TEXT, "Code of the French département (2A, 69, 974).",
             {"facet": True}),
            ("place_region", Type.TEXT, "Region: INSEE code in France, name elsewhere.",
             {"facet": True}),
            ("place_country", Type.TEXT, "Country, ISO 3166-1 alpha-2.", {"facet": True}),
            ("place_lat", Type.COORDINATE, "Latitude: the site's, else the city's centre.", {}),
            ("place_lon", Type.COORDINATE, "Longitude: the site's, else the city's centre.", {}),
            ("place_precision", Type.ENUM, "What the coordinates and names are exact to.",
             {"values": ("point", "city", "dep", "region", "country")}),
        )
    ),
)  # fmt: skip

STATE = tuple(
    Field(name=name, type=kind, meaning=meaning, kept_by_store=True, **roles)
    for name, kind, meaning, roles in (
        ("reading", Type.ENUM, "Whether a full page of it was ever read, or only cards.",
         {"values": ("card", "full")}),
        ("layer", Type.TEXT, "Layer of the page that the last reading came from.", {}),
        ("first_seen_at", Type.INSTANT, "Time of the first capture that shows it.",
         {"sortable": True}),
        ("last_seen_at", Type.INSTANT, "Time of the last capture that shows it.", {}),
        ("changed_at", Type.INSTANT, "Time of the capture that last changed it. Null: never.",
         {"sortable": True}),
        ("status", Type.ENUM, "Whether the site still shows it.",
         {"values": ("open", "closed"), "facet": True}),
        ("closed_at", Type.INSTANT, "When it was found closed. Null: open.", {}),
        ("capture_id", Type.TEXT, "The capture its values were last read from.", {}),
        ("cluster", Type.TEXT, "Smallest id of the listings that tell the same offer.", {}),
    )
)  # fmt: skip

JOB = Kind("job", "jobs", (
    *COMMON,
    text("company", "Employer as shown. Null: the site hides it.", searchable=2.0, facet=True),
    text("company_text", "What the listing says of the employer."),
    text("contract_raw", "Kind of contract as shown."),
    read("contract", Type.ENUM, ("contract_raw", "title"), "Kind of contract.", facet=True,
         values=("permanent", "fixed_term", "temporary", "internship", "apprenticeship",
                 "freelance", "volunteer", "other")),
    text("hours_raw", "Working time as shown."),
    read("hours", Type.ENUM, ("hours_raw", "contract_raw"), "Working time.", facet=True,
         values=("full_time", "part_time")),
    text("remote_raw", "Remote work as shown."),
    read("remote", Type.ENUM, ("remote_raw", "place_raw", "title", "text_raw"),
         "Where the work is done. Null: the listing does not say.",
         values=("onsite", "hybrid", "remote"), facet=True),
    text("experience_raw", "Experience or level asked, as shown."),
    read("experience_min_years", Type.NUMBER, ("experience_raw", "text_raw"),
         "Least experience asked, years. 0: beginners welcome. Null: unknown."),
    read("experience_level", Type.ENUM, ("experience_raw", "title", "text_raw"),
         "Level of experience. Null: the listing does not say.", values=LEVELS, facet=True),
    text("pay_raw", "Pay as shown, never edited."),
    text("pay_min_raw", "Lower bound of pay, where the site gives it apart.", stored=False),
    text("pay_max_raw", "Upper bound of pay, where the site gives it apart.", stored=False),
    text("pay_currency_raw", "Currency of pay, where the site gives it apart.", stored=False),
    text("pay_period_raw", "Period of pay, where the site gives it apart.", stored=False),
    *(
        read(name, kind,
             ("pay_raw", "pay_min_raw", "pay_max_raw", "pay_currency_raw", "pay_period_raw"),
             meaning, **roles)
        for name, kind, meaning, roles in (
            ("pay_min", Type.MONEY,
             "Lower bound, in `pay_currency` per `pay_period`. Null: unknown, never zero.", {}),
            ("pay_max", Type.MONEY, "Upper bound. Null: unknown.", {}),
            ("pay_currency", Type.TEXT, "ISO 4217 code.", {}),
            ("pay_period", Type.ENUM, "Null when the text does not say.",
             {"values": ("hour", "day", "week", "month", "year")}),
            ("pay_months", Type.NUMBER, "Months paid a year, when the text says.", {}),
            ("pay_basis", Type.ENUM, "Before or after deductions. Null: not said.",
             {"values": ("gross", "net")}),
            ("pay_year_min", Type.MONEY,
             "Lower bound per year, to compare. Null unless the period is known.",
             {"sortable": True}),
            ("pay_year_max", Type.MONEY, "Upper bound per year.", {}),
        )
    ),
    Field(name="skills_raw", type=Type.TEXTS, shown=True, searchable=2.0,
          meaning="Skills the site lists apart from the text, as shown."),
    text("education_raw", "Education asked, as shown."),
    text("occupation_raw", "Occupation as the site classes it.", searchable=1.0),
    text("occupation_rome", "ROME code as the site gives it."),
    text("industry_raw", "Branch of the employer, as shown.", facet=True),
    text("apply_url", "Where the site sends applicants; kept, never fetched."),
    Field(name="openings", type=Type.INTEGER, shown=True, meaning="How many are to be hired."),
    text("expires_raw", "Date until which it is valid, as shown.", stored=False),
    read("expires_at", Type.INSTANT, "expires_raw", "Until when it is valid.", volatile=True),
    Field(name="applicants", type=Type.INTEGER, shown=True, volatile=True,
          meaning="How many applied, as the site counts."),
    *STATE,
))  # fmt: skip

AD = Kind("ad", "ads", (
    *COMMON,
    text("category", "Category as shown.", facet=True, searchable=1.0),
    text("subcategory", "Category below `category`, as shown.", facet=True),
    text("offer_raw", "What is offered (sale, rent…), as shown.", stored=False),
    read("offer", Type.ENUM, ("offer_raw", "category", "subcategory"), "What is offered.",
         values=("sell", "rent", "wanted", "swap", "gift", "other"), facet=True),
    text("price_raw", "Price as shown, never edited."),
    text("price_currency_raw", "Currency, where the site gives it apart.", stored=False),
    read("price", Type.MONEY, ("price_raw", "price_currency_raw"),
         "Price in `price_currency`. Null: not shown or to be agreed, never zero.",
         sortable=True),
    read("price_currency", Type.TEXT, ("price_raw", "price_currency_raw"), "ISO 4217 code."),
    text("price_old_raw", "Struck-out price as shown.", stored=False),
    read("price_old", Type.MONEY, "price_old_raw", "Struck-out price, same currency."),
    text("seller_type_raw", "Kind of seller as shown.", stored=False),
    read("seller_type", Type.ENUM, "seller_type_raw", "Kind of seller; never who it is.",
         values=("private", "professional"), facet=True),
    Field(name="images", type=Type.TEXTS, shown=True, meaning="Addresses of the pictures."),
    Field(name="attributes", type=Type.TEXTS, shown=True,
          meaning="Other facts the site lists, each as `label: value unit`."),
    Field(name="new_development", type=Type.BOOLEAN, shown=True,
          meaning="A card of a developer's new building rather than one seller's ad."),
    *STATE,
))  # fmt: skip

POST = Kind("post", "posts", (
    *COMMON,
    text("topic", "Topic of the watch that found it first. All that did: its scopes.", facet=True,
         first_told=True),
    text("author_key", "Keyed hash of the author; never a name or handle.", private=True),
    read("text_plain", Type.TEXT, "text_raw", "Text without links, mentions and symbols."),
    read("hashtags", Type.TEXTS, "text_raw", "Hashtags, lower case, without #."),
    read("mentions", Type.INTEGER, "text_raw", "How many accounts the text mentions."),
    text("reply_to", "Native id of the post it answers."),
    text("repost_of", "Native id of the post it repeats."),
    *(
        Field(name=name, type=Type.INTEGER, shown=True, volatile=True, meaning=meaning)
        for name, meaning in (
            ("likes", "Likes, as the site counts."),
            ("reposts", "Reposts, as the site counts."),
            ("replies", "Replies, as the site counts."),
            ("quotes", "Quotes, as the site counts."),
        )
    ),
    *STATE,
))  # fmt: skip

FIGURE = Kind("figure", "figures", (
    *IDENTITY,
    text("url", "Where the table is published."),
    text("table", "Name of the table.", facet=True),
    Field(name="year", type=Type.INTEGER, shown=True, meaning="Year the figure is of.",
          facet=True),
    Field(name="round", type=Type.INTEGER, shown=True, meaning="Round of the vote.", facet=True),
    text("area_level", "What the area is: commune, dep, region, country.", facet=True),
    text("area_code", "Code of the area as published, leading zeros kept.", facet=True),
    text("area_name", "Name of the area as published.", searchable=1.0),
    text("subject", "What is counted: a candidate, or null for the whole area.", facet=True,
         searchable=2.0),
    text("measure", "What is measured: votes, registered, blank…", facet=True),
    Field(name="value", type=Type.NUMBER, shown=True, meaning="The figure. Null: not published."),
    text("unit", "Unit of the figure."),
    *STATE,
))  # fmt: skip

KINDS = {kind.name: kind for kind in (JOB, AD, POST, FIGURE)}
"""Every kind by its name."""


def by_plural(plural: str) -> Kind:
    """Return the kind that addresses name in the plural (`jobs`).

    Raises:
        KeyError: no kind has that plural.
    """
    return next((kind for kind in KINDS.values() if kind.plural == plural), None) or KINDS[plural]
