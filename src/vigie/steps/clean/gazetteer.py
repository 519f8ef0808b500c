"""Names of places and what they are: communes, départements, regions, towns of Morocco, cities.

Tables are read once, when first asked. A name is looked up by its key (`place_key`): folded, with
"St" written out and without hyphens, so that "ST ETIENNE", "Saint-Étienne" and "Saint Etienne" are
one. A name that several communes share is the one with at least `DOMINANT` times the people of the
next and `KNOWN` inhabitants (Valence is in the Drôme); else it is no commune (Saint-Denis).
"""

import gzip
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from vigie.steps.folding import fold

DOMINANT = 10
KNOWN = 2_000

SHORT = {"st": "saint", "ste": "sainte", "sts": "saints", "s": "sur", "ss": "sous"}
SEPARATORS = re.compile(r"[-'./()’]")
ARTICLE = re.compile(r"(?:l|le|la|les) (?=\w)")


class Commune(NamedTuple):
    """A commune of France: INSEE code, name, people, centre in degrees."""

    code: str
    name: str
    people: int
    lat: float | None
    lon: float | None


class City(NamedTuple):
    """A town outside France: name, region's name where we know it, country, centre in degrees."""

    name: str
    region: str | None
    country: str
    lat: float
    lon: float


def place_key(text: str) -> str:
    """Return the form under which a place's name is compared."""
    words = SEPARATORS.sub(" ", fold(text)).split()
    return " ".join([SHORT.get(word, word) for word in words])


def dep_of(code: str) -> str:
    """Return the département of a commune's INSEE code (2A, 69, 974)."""
    return code[:3] if code.startswith("97") else code[:2]


def dep_of_postal(postal: str) -> str | None:
    """Return the département of a French postal code.

    Corsica writes 20; 200 and 201 are 2A, 202 and 206 are 2B. A few communes on a border are
    served from the next département: their commune's code, where given, decides instead.
    """
    if len(postal) != 5 or not (postal.isascii() and postal.isdigit()):
        return None
    if postal.startswith("20"):
        return "2A" if postal[:3] in ("200", "201") else "2B"
    code = postal[:3] if postal.startswith("97") else postal[:2]
    return code if code in departements() else None


def _rows(name: str) -> Iterator[list[str]]:
    packed = (files("vigie.steps") / "data" / name).read_bytes()
    text = (gzip.decompress(packed) if name.endswith(".gz") else packed).decode()
    for line in text.splitlines():
        yield line.split("\t")


@lru_cache(maxsize=1)
def _communes() -> tuple[dict[str, Commune], dict[str, tuple[Commune, ...]]]:
    """Return communes by code (former codes too) and by key of any of their names."""
    rows = list(_rows("communes.tsv.gz"))
    by_code = {
        code: Commune(
            code, name, int(people or 0), float(lat) if lat else None, float(lon) if lon else None
        )
        for code, parent, name, people, lat, lon in rows
        if not parent
    }
    by_key: dict[str, dict[str, Commune]] = {}
    for code, parent, name, *_ in rows:
        commune = by_code.get(parent or code)
        if commune is None:
            continue
        by_code.setdefault(code, commune)
        key = place_key(name)
        by_key.setdefault(key, {})[commune.code] = commune
        article = ARTICLE.match(key)
        if article:
            by_key.setdefault(key[article.end() :], {}).setdefault(commune.code, commune)
    return by_code, {
        key: tuple(sorted(found.values(), key=lambda c: (-c.people, c.code)))
        for key, found in by_key.items()
    }


def commune_of(code: str) -> Commune | None:
    """Return the commune of an INSEE code; of its city for an arrondissement or former commune."""
    return _communes()[0].get(code)


def commune_named(
    key: str, deps: frozenset[str] | None = None, least: int = 0
) -> Commune | bool | None:
    """Return the commune called *key*.

    Args:
        deps: Only in these départements; None: anywhere.
        least: Only with so many inhabitants.

    Returns:
        The commune; True when communes are called so but none dominates; None when none is.
    """
    found = _communes()[1].get(key, ())
    if not found and key.startswith(("le ", "la ", "les ", "l ")):
        found = _communes()[1].get(key.partition(" ")[2], ())
    if deps is not None:
        found = tuple(commune for commune in found if dep_of(commune.code) in deps)
    found = tuple(commune for commune in found if commune.people >= least)
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    first, second = found[:2]
    return first if first.people >= max(KNOWN, DOMINANT * second.people) else True


def usual_name(key: str) -> str:
    """Return how the communes called *key* write their name, the largest one's spelling."""
    return _communes()[1][key][0].name if key in _communes()[1] else key


@lru_cache(maxsize=1)
def departements() -> dict[str, tuple[str, str]]:
    """Return code → (region's code, name) of the 101 départements."""
    return {code: (region, name) for code, region, name in _rows("departements.tsv")}


@lru_cache(maxsize=1)
def dep_names() -> dict[str, str]:
    """Return key of a name → code of a département."""
    return {place_key(name): code for code, (_, name) in departements().items()}


@lru_cache(maxsize=64)
def deps_of_region(region: str) -> frozenset[str]:
    """Return the départements of a region's INSEE code."""
    return frozenset(code for code, (of, _) in departements().items() if of == region)


@lru_cache(maxsize=1)
def moroccan() -> dict[str, City]:
    """Return key of any spelling → town of Morocco."""
    found: dict[str, City] = {}
    for name, region, lat, lon, *others in _rows("morocco.tsv"):
        city = City(name, region, "MA", float(lat), float(lon))
        for spelling in (name, *(others[0].split("|") if others else ())):
            if spelling:
                found[place_key(spelling)] = city
    return found


@lru_cache(maxsize=1)
def world() -> dict[str, City]:
    """Return key of any spelling → large city outside France and Morocco."""
    found: dict[str, City] = {}
    for name, country, lat, lon, *others in _rows("world_cities.tsv"):
        city = City(name, None, country, float(lat), float(lon))
        for spelling in (name, *(others[0].split("|") if others else ())):
            if spelling:
                found.setdefault(place_key(spelling), city)
    return found
