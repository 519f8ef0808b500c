"""A place as a site writes it → city, commune, département, region, country.

The text is cut at commas, dashes, slashes and brackets; each part is a code, a postal code, a
country, a part of one, or a name. What is certain comes first: the commune's code, then country,
département and region where they are written, then the name within them. Without any of those the
site's own zone says where a name is looked for first: a site in Casablanca means its Fès.
"""

from functools import lru_cache
from typing import NamedTuple

from vigie.steps.clean.gazetteer import (
    City,
    Commune,
    commune_named,
    commune_of,
    dep_names,
    dep_of,
    dep_of_postal,
    departements,
    deps_of_region,
    moroccan,
    usual_name,
    world,
)
from vigie.steps.clean.lands import FRENCH_TERRITORIES, country_of, moroccan_regions
from vigie.steps.clean.place_parts import Parts
from vigie.steps.folding import fold

SURE = 20_000
"""Inhabitants from which a commune's name is believed on a site outside France."""

KNOWN_BEFORE_WORLD = 5_000
"""Inhabitants from which a commune's name goes before a world city's on a French site."""

TOWN = 10_000
"""Inhabitants from which a name is the commune's rather than the département's."""


class Place(NamedTuple):
    """Where a listing is, as far as its text says; coordinates are the city's centre."""

    city: str | None = None
    commune: str | None = None
    dep: str | None = None
    region: str | None = None
    country: str | None = None
    lat: float | None = None
    lon: float | None = None

    @property
    def precision(self) -> str | None:
        """What the names are exact to."""
        named = (("city", self.city), ("dep", self.dep), ("region", self.region))
        return next((name for name, value in named if value), "country" if self.country else None)


LONGEST = 300  # characters; a longer text is not a place
FRENCH_ZONES = frozenset(
    (
        "Europe/Paris",
        "Indian/Reunion",
        "Indian/Mayotte",
        "America/Martinique",
        "America/Guadeloupe",
        "America/Cayenne",
    )
)

# Named by everyone, communes of no one: business districts that straddle communes.
DISTRICTS = {
    "la defense": ("La Défense", "92"),
    "paris la defense": ("La Défense", "92"),
    "sophia antipolis": ("Sophia Antipolis", "06"),
    "marne la vallee": ("Marne-la-Vallée", "77"),
}


def _french(commune: Commune) -> Place:
    dep = dep_of(commune.code)
    region = departements()[dep][0] if dep in departements() else None
    return Place(commune.name, commune.code, dep, region, "FR", commune.lat, commune.lon)


def _in_dep(dep: str, city: str | None = None) -> Place:
    return Place(city, None, dep, departements()[dep][0], "FR")


def _abroad(city: City, region: str | None = None) -> Place:
    return Place(city.name, None, None, city.region or region, city.country, city.lat, city.lon)


def _in_france(parts: Parts) -> Place:
    """Return the place of parts that are in France."""
    dep = parts.dep or (dep_of_postal(parts.postal) if parts.postal else None)
    if dep is not None and dep not in departements():
        dep = None
    deps = frozenset((dep,)) if dep else deps_of_region(parts.region) if parts.region else None
    several: str | None = None
    for _, key in parts.names:
        if key in DISTRICTS and (deps is None or DISTRICTS[key][1] in deps):
            return _in_dep(DISTRICTS[key][1], DISTRICTS[key][0])
        named = dep_names().get(key)
        found = commune_named(key, deps)
        # "Vienne" and "Paris" are towns first, "Loire" and "Cher" départements.
        town = isinstance(found, Commune) and found.people >= TOWN and not parts.whole_dep
        if named and not town and (deps is None or named in deps):
            dep, deps = named, frozenset((named,))
            continue
        if isinstance(found, Commune):
            return _french(found)
        if found is True:
            several = several or usual_name(key)
    if dep is not None:
        return _in_dep(dep, several)
    return Place(several, None, None, parts.region, "FR")


MOROCCO = "Africa/Casablanca"


def _in_morocco(parts: Parts) -> Place:
    region = None
    for _, key in parts.names:
        city = moroccan().get(key)
        if city is not None:
            return _abroad(city)
        region = region or moroccan_regions().get(key)
    return Place(region=region, country="MA")


def _elsewhere(parts: Parts, country: str) -> Place:
    """Return the place in another country: a known city, else the name before state and country."""
    region = parts.state[1] if parts.state and parts.state[0] == country else None
    for _, key in parts.names:
        city = world().get(key)
        if city is not None and city.country == country:
            return _abroad(city, region)
    written = [raw for raw, _ in parts.names if not any(letter.isdigit() for letter in raw)]
    return Place(city=written[-1] if written and region else written[0] if written else None,
                 region=region, country=country)  # fmt: skip


def _anywhere(parts: Parts, zone: str | None) -> Place:
    """Return the place of names without a country, looked up where the site is first."""
    french = zone in FRENCH_ZONES
    for _, key in parts.names:
        nearest = (moroccan(), world()) if zone == MOROCCO else (world(), moroccan())
        city = nearest[0].get(key) or nearest[1].get(key)
        commune = commune_named(key, least=0 if french else SURE)
        large = isinstance(commune, Commune) and commune.people >= KNOWN_BEFORE_WORLD
        if french and (large or not city) and (commune or key in dep_names() or key in DISTRICTS):
            return _in_france(parts)
        if city:
            return _abroad(city)
        if commune or key in dep_names():
            return _in_france(parts)
        if key in moroccan_regions():
            return Place(region=moroccan_regions()[key], country="MA")
    return Place()


@lru_cache(maxsize=65_536)
def read_place(
    shown: str | None, code: str | None, postal: str | None, country: str | None, zone: str | None
) -> Place:
    """Return where a listing is.

    Args:
        shown: The place as written.
        code: INSEE code of the commune, as the site gives it.
        postal: Postal code, as the site gives it.
        country: Country's name or code, as the site gives it.
        zone: IANA zone of the site: where a bare name is looked for first.
    """
    said = country_of(country)
    territory = FRENCH_TERRITORIES.get(said or "")
    said = "FR" if territory else said
    commune = commune_of(code.strip().upper()) if code and said in (None, "FR") else None
    if commune is not None:
        return _french(commune)
    parts = Parts(shown if shown and len(shown) <= LONGEST else "")
    parts.dep = parts.dep or territory
    if postal and parts.postal is None:
        parts.postal = postal.strip()
    if zone == MOROCCO and said is None and parts.country in (None, "MA"):
        # "Casablanca, Bourgogne" on a Moroccan site: the town first, then its district, whose
        # name may be a French region's.
        town = moroccan().get(fold((shown or "")[:LONGEST].split(",")[0]))
        if town is not None:
            return _abroad(town)
    where = said or parts.country or (parts.state[0] if parts.state else None)
    if where is None and (parts.dep or parts.region):
        where = "FR"
    if where is None and parts.postal and zone in FRENCH_ZONES and dep_of_postal(parts.postal):
        where = "FR"
    if where is None:
        found = _anywhere(parts, zone)
    elif where == "FR":
        found = _in_france(parts)
    else:
        found = _in_morocco(parts) if where == "MA" else _elsewhere(parts, where)
    return found
