"""The parts of a place's text, each taken for what it can be.

The text is cut at commas, dashes, slashes and brackets. Nothing is decided here: codes, countries,
states and names are only collected.
"""

import re

from vigie.steps.clean.gazetteer import Commune, commune_named, moroccan, place_key, world
from vigie.steps.clean.lands import (
    FRENCH_REGIONS,
    FRENCH_TERRITORIES,
    OVERSEAS,
    PROVINCES,
    STATES,
    country_named,
    country_of,
    part_named,
)

CUT = re.compile(r"\s*[,;|/•·–—\n\t()\[\]]\s*|\s+-+\s+|(?<=\d)-(?=\s?[^\W\d])|(?<=^\d\d) ?[-:] ?")
ON_RIVER = re.compile(r"\bs/\s?", re.I)
DEPT = re.compile(r"\bdept?\b", re.I)
DEP_CODE = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-5]|2[ab]|97[12346])", re.I)
POSTAL_NAME = re.compile(r"(?:F-)?(\d{5})\s+(\D.*)")
NAME_POSTAL = re.compile(r"(\D+?)\s+(\d{5})")
NAME_DEP = re.compile(r"(\D+?)\s+(\d\d|2[ABab]|97\d)")
STATE_ZIP = re.compile(r"([A-Z]{2})\s+\d{5}(?:-\d{4})?")
SUBDIVISION = re.compile(r"(?:US|CA)-([A-Z]{2})")
STATE_COUNTRY = re.compile(r"([A-Z]{2}) (\D+)")
REMOTE_WORD = re.compile(
    r"^(?:remote|t[ée]l[ée]travail)\b[\s:-]*(?:in\s+|from\s+)?|[\s:-]+(?:or\s+)?(?:remote|hybrid|on-?site)$",
    re.I,
)
DISTRICT = re.compile(
    r"(paris|lyon|marseille) (?:0?\d|1\d|20)(?: ?(?:e|er|eme|ere|nd))?(?: arrondissement)?"
)
CEDEX = re.compile(r" cedex(?: \d+)?$")
DRESS = re.compile(
    r"^(?:greater|ville de|region de|agglomeration de|grand|metropole de|metropolitan|city "
    r"of|commune de|proche|pres de) |"
    r" (?:metropolitan area|metropolitan region|metro area|metroplex|bay area|area|region|et "
    r"peripherie|et environs|"
    r"et sa region|city area|ville|centre ville|intra muros|arrondissement)$"
)
REMOTE = re.compile(
    r"^(?:remote|teletravail|full remote|hybrid|hybride|anywhere|a distance|on site|onsite|"
    r"home office)$"
)


def _bare(key: str) -> str:
    """Return the key of a name without district, CEDEX and what dresses it."""
    key = CEDEX.sub("", key)
    district = DISTRICT.fullmatch(key)
    if district:
        return district[1]
    return DRESS.sub("", DRESS.sub("", key))


class Parts:
    """What the parts of a text say, collected before anything is decided."""

    def __init__(self, text: str) -> None:
        self.country: str | None = None
        self.dep: str | None = None
        self.postal: str | None = None
        self.region: str | None = None
        self.state: tuple[str, str] | None = None
        self.names: list[tuple[str, str]] = []  # (as written, key)
        self.whole_dep = DEPT.search(text) is not None
        raws = [raw.strip(" .:") for raw in CUT.split(ON_RIVER.sub("sur ", text))]
        raws = [REMOTE_WORD.sub("", raw) for raw in raws if not REMOTE.match(place_key(raw))]
        raws = [raw for raw in raws if raw]
        for at, raw in enumerate(raws):
            self._take(raw, last=at == len(raws) - 1 and at > 0, alone=len(raws) == 1)

    def _take(self, raw: str, *, last: bool, alone: bool) -> None:
        key = place_key(raw)
        if not key:
            return
        if DEP_CODE.fullmatch(raw):
            self.dep = self.dep or raw.upper()
        elif len(raw) == 5 and raw.isascii() and raw.isdigit():
            self.postal = self.postal or raw
        elif found := POSTAL_NAME.fullmatch(raw):
            self.postal = self.postal or found[1]
            self._name(found[2])
        elif found := STATE_ZIP.fullmatch(raw) or SUBDIVISION.fullmatch(raw):
            self._code(found[1])
        elif (found := STATE_COUNTRY.fullmatch(raw)) and country_named(place_key(found[2])):
            self.country = country_named(place_key(found[2]))
            self._code(found[1])
        elif found := NAME_POSTAL.fullmatch(raw):
            self.postal = self.postal or found[2]
            self._word(found[1], place_key(found[1]), last=last, alone=False)
        elif last and len(raw) in (2, 3) and raw.isupper() and raw.isascii():
            self._code(raw)
        elif (found := NAME_DEP.fullmatch(raw)) and self._is_in(found[1], found[2].upper()):
            self.dep = self.dep or found[2].upper()
            self._name(found[1])
        else:
            self._word(raw, key, last=last, alone=alone)

    def _is_in(self, name: str, dep: str) -> bool:
        return isinstance(commune_named(_bare(place_key(name)), frozenset((dep,))), Commune)

    def _name(self, raw: str) -> None:
        self.names.append((raw, _bare(place_key(raw))))

    def _code(self, code: str) -> None:
        """Take a state, province or country of two or three capitals at the end."""
        known = {
            city.country
            for _, key in self.names
            for city in (world().get(key), moroccan().get(key))
            if city
        }
        country = country_of(code)
        if country and (country in known or (self.state and self.state[0] == country)):
            self.country = country
        elif code in STATES and self.country in (None, "US"):
            self.state = ("US", STATES[code])
        elif code in PROVINCES:
            self.state = ("CA", PROVINCES[code])
        elif country:
            self.country = country
        else:
            self._name(code)

    def _word(self, raw: str, key: str, *, last: bool, alone: bool) -> None:
        country = country_named(key)
        part = part_named(key) or part_named(_bare(key))
        if country in FRENCH_TERRITORIES:
            self.country, self.dep = "FR", self.dep or FRENCH_TERRITORIES[country]
        elif country and (last or alone or country in ("FR", "MA")) and not (part and not alone):
            self.country = self.country or country
        elif (
            part
            and not (alone and key in world())
            and (not self.names or part[0] != "US" or last or not self.state)
        ):
            if key in world() and world()[key].country == "US" and not self.names:
                self._name(raw)  # "New York, NY": the city
            else:
                self.state = part
        elif key in FRENCH_REGIONS and not self.region:
            self.region = FRENCH_REGIONS[key]
            self.dep = self.dep or OVERSEAS.get(self.region)
        else:
            if raw.isupper() and len(raw) in (2, 3) and raw in STATES | PROVINCES and self.names:
                self._code(raw)
                return
            self._name(raw)
