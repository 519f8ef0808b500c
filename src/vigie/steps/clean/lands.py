"""Countries and their parts by name: regions of France and Morocco, states, provinces, nations."""

from functools import lru_cache

from babel import Locale

from vigie.steps.clean.gazetteer import moroccan, place_key

# INSEE codes; the regions before 2016 lead to the one they are part of.
_REGIONS = {
    "01": "guadeloupe",
    "02": "martinique",
    "03": "guyane|guyane francaise|french guiana",
    "04": "la reunion|reunion|ile de la reunion",
    "06": "mayotte",
    "11": "ile de france|idf|region parisienne|region ile de france|paris region",
    "24": "centre val de loire|centre|cvl",
    "27": "bourgogne franche comte|bourgogne|franche comte|bfc|burgundy",
    "28": "normandie|normandy|basse normandie|haute normandie",
    "32": "hauts de france|nord pas de calais|picardie|hdf",
    "44": "grand est|alsace|lorraine|champagne ardenne",
    "52": "pays de la loire|pdl|pays de loire",
    "53": "bretagne|brittany",
    "75": "nouvelle aquitaine|aquitaine|limousin|poitou charentes",
    "76": "occitanie|midi pyrenees|languedoc roussillon",
    "84": "auvergne rhone alpes|rhone alpes|auvergne|aura|ara",
    "93": "provence alpes cote d azur|paca|provence|cote d azur|region sud|sud paca|provence alpes "
    "cote dazur",
    "94": "corse|corsica",
}
FRENCH_REGIONS = {name: code for code, names in _REGIONS.items() for name in names.split("|")}
# Regions of one département: the name says both.
OVERSEAS = {"01": "971", "02": "972", "03": "973", "04": "974", "06": "976"}

_STATES = (
    "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE "
    "Delaware|"
    "DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|"
    "IA Iowa|"
    "KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN "
    "Minnesota|"
    "MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|"
    "NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|"
    "PA Pennsylvania|PR Puerto Rico|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|"
    "TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"
)
_PROVINCES = (
    "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|"
    "NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|"
    "QC Quebec|"
    "SK Saskatchewan|YT Yukon"
)
STATES = {line[:2]: line[3:] for line in _STATES.split("|")}
PROVINCES = {line[:2]: line[3:] for line in _PROVINCES.split("|")}
_PARTS: dict[str, tuple[str, str]] = {
    **{place_key(name): ("US", name) for name in STATES.values()},
    **{place_key(name): ("CA", name) for name in PROVINCES.values()},
    "colombie britannique": ("CA", "British Columbia"),
    "nouveau brunswick": ("CA", "New Brunswick"),
    "nouvelle ecosse": ("CA", "Nova Scotia"),
    "californie": ("US", "California"),
    "floride": ("US", "Florida"),
    **{name: ("GB", name.title()) for name in ("england", "scotland", "wales", "northern ireland")},
    "angleterre": ("GB", "England"),
    "ecosse": ("GB", "Scotland"),
    "pays de galles": ("GB", "Wales"),
}  # fmt: skip

# What CLDR does not list as a country's name; "uk" and the codes of three letters are in wide use.
_ALIASES = {
    "usa": "US", "us": "US", "u s a": "US", "u s": "US", "united states of america": "US",
    "etats unis d amerique": "US", "america": "US", "uk": "GB", "u k": "GB", "great britain": "GB",
    "grande bretagne": "GB", "gbr": "GB", "fra": "FR", "france metropolitaine": "FR",
    "metropolitan france": "FR", "mar": "MA", "royaume du maroc": "MA", "المغرب": "MA",
    "maroc": "MA",
    "holland": "NL", "hollande": "NL", "pays bas": "NL", "uae": "AE", "deu": "DE", "esp": "ES",
    "ita": "IT", "bel": "BE", "che": "CH", "can": "CA", "prt": "PT", "nld": "NL", "lux": "LU",
    "tun": "TN", "dza": "DZ", "sen": "SN", "cote d ivoire": "CI", "ivory coast": "CI", "ind": "IN",
    "pak": "PK", "aus": "AU", "irl": "IE", "pol": "PL", "czech republic": "CZ", "turquie": "TR",
    "republique tcheque": "CZ", "south korea": "KR", "coree du sud": "KR", "turkey": "TR",
}  # fmt: skip
# Of ISO's territories these are départements of France here.
FRENCH_TERRITORIES = {"GP": "971", "MQ": "972", "GF": "973", "RE": "974", "YT": "976"}


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("fr", "en", "ar", "es"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(place_key(name), code)
    return found | _ALIASES


def country_named(key: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country's name (French, English, Arabic, Spanish)."""
    return _countries().get(key)


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(_countries().values())


def country_of(shown: str | None) -> str | None:
    """Return the country that a name or a code of two or three letters says."""
    if not shown or len(shown) > 80:
        return None
    code = shown.strip().strip(".").upper()
    if len(code) == 2 and code in _codes():
        return code
    return country_named(place_key(shown))


def part_named(key: str) -> tuple[str, str] | None:
    """Return (country, name) of a state, province or nation; None when the name is none."""
    return _PARTS.get(key)


@lru_cache(maxsize=1)
def moroccan_regions() -> dict[str, str]:
    """Return key → name of Morocco's twelve regions."""
    names = {city.region for city in moroccan().values() if city.region}
    return {place_key(name): name for name in names} | {
        "oriental": "L'Oriental",
        "souss massa draa": "Souss-Massa",
        "tanger tetouan": "Tanger-Tétouan-Al Hoceïma",
        "grand casablanca settat": "Casablanca-Settat",
    }


# Latitude and longitude of everything a country's coordinates can be, to about 0.2 degrees.
BOXES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "FR": ((41.2, 51.3, -5.4, 9.8),),
    "971": ((15.7, 16.7, -62.0, -60.9),),
    "972": ((14.3, 15.0, -61.4, -60.7),),
    "973": ((2.0, 6.0, -54.7, -51.4),),
    "974": ((-21.5, -20.7, 55.1, 56.0),),
    "976": ((-13.1, -12.5, 44.9, 45.4),),
    "MA": ((20.6, 36.1, -17.3, -0.9),),
    "BE": ((49.4, 51.6, 2.5, 6.5),),
    "LU": ((49.4, 50.3, 5.7, 6.6),),
    "CH": ((45.7, 47.9, 5.9, 10.6),),
    "NL": ((50.7, 53.7, 3.2, 7.3),),
    "DE": ((47.2, 55.2, 5.8, 15.1),),
    "AT": ((46.3, 49.1, 9.5, 17.2),),
    "ES": ((35.8, 43.9, -9.4, 4.5), (27.5, 29.5, -18.3, -13.3)),
    "PT": ((36.8, 42.2, -9.6, -6.1), (32.3, 40.0, -31.4, -16.2)),
    "IT": ((35.3, 47.2, 6.5, 18.7),),
    "GB": ((49.8, 61.0, -8.8, 1.9),),
    "IE": ((51.3, 55.5, -10.8, -5.9),),
    "PL": ((48.9, 55.0, 14.0, 24.3),),
    "US": ((24.3, 49.5, -125.1, -66.8), (51.0, 71.6, -180.0, -129.8), (18.7, 22.4, -160.5, -154.6)),
    "CA": ((41.5, 83.3, -141.2, -52.4),),
    "TN": ((30.1, 37.6, 7.4, 11.7),),
    "DZ": ((18.8, 37.2, -8.8, 12.1),),
    "SN": ((12.2, 16.8, -17.6, -11.3),),
    "IN": ((6.5, 35.8, 68.0, 97.5),),
    "PK": ((23.5, 37.2, 60.8, 77.9),),
    "AU": ((-44.0, -9.9, 112.8, 154.0),),
}


def can_be(lat: float, lon: float, country: str | None, dep: str | None) -> bool:
    """Return whether a point can be in the country, or in the overseas département.

    (0, 0) is how forms say "nothing entered". A country without a box accepts every point.
    """
    if not (-90 <= lat <= 90 and -180 <= lon <= 180) or (lat == 0 and lon == 0):
        return False
    if country == "FR" and dep is None:
        boxes = tuple(box for name in ("FR", *OVERSEAS.values()) for box in BOXES[name])
    else:
        boxes = BOXES.get(dep or "") or BOXES.get(country or "", ((-90, 90, -180, 180),))
    return any(low <= lat <= high and west <= lon <= east for low, high, west, east in boxes)
