"""Places: names from the text, coordinates from the site where they can be right."""

import re
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from vigie.model.fields import Type
from vigie.model.frames import DTYPES
from vigie.steps.clean.lands import can_be
from vigie.steps.clean.place_text import read_place
from vigie.steps.distinct import per_distinct

DEGREES = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{1,20})?")
COLUMNS = ["place_raw", "place_code_raw", "postal_raw", "country_raw", "zone", "lat_raw", "lon_raw"]
OUTPUTS = {
    "place_city": DTYPES[Type.TEXT],
    "place_commune": DTYPES[Type.TEXT],
    "place_dep": DTYPES[Type.TEXT],
    "place_region": DTYPES[Type.TEXT],
    "place_country": DTYPES[Type.TEXT],
    "place_lat": DTYPES[Type.COORDINATE],
    "place_lon": DTYPES[Type.COORDINATE],
    "place_precision": DTYPES[Type.ENUM],
}

Answer = tuple[
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    float | None,
    float | None,
    str | None,
]


def _degrees(shown: str | None) -> float | None:
    text = (shown or "").strip()
    return round(float(text.replace(",", ".")), 6) if DEGREES.fullmatch(text) else None


def locate(  # noqa: PLR0917  # one argument a column, as `per_distinct` gives them
    shown: str | None,
    code: str | None,
    postal: str | None,
    country: str | None,
    zone: str | None,
    lat: str | None,
    lon: str | None,
) -> Answer:
    """Return the place fields of a listing, in the order of `OUTPUTS`.

    The site's coordinates win where they can be in the country that the text says; a geocoder's
    Massy in Texas does not move an ad out of France. Else the city's centre, else null.
    """
    place = read_place(shown, code, postal, country, zone)
    north, east = _degrees(lat), _degrees(lon)
    names = place[:5]
    if north is not None and east is not None and can_be(north, east, place.country, place.dep):
        return *names, north, east, "point"
    return *names, place.lat, place.lon, place.precision


@dataclass(frozen=True)
class ReadPlace:
    """Read the place fields."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        return per_distinct(rows, COLUMNS, locate, OUTPUTS)
