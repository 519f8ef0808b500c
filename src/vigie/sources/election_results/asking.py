"""Where the tables are. Addresses as public programs use them; none was asked."""

from collections.abc import Iterator
from typing import Final

from vigie.errors import ConfigError
from vigie.model.capture import Query, Request

_STATIC: Final = "https://static.data.gouv.fr/resources/"
TABLES: Final = {
    ("2017", "1"): f"{_STATIC}election-presidentielle-des-23-avril-et-7-mai-2017-resultats-"
    "definitifs-du-1er-tour-1/20170427-100131/Presidentielle_2017_Resultats_Tour_1_c.xls",
    ("2017", "2"): f"{_STATIC}election-presidentielle-des-23-avril-et-7-mai-2017-resultats-"
    "definitifs-du-2nd-tour/20170511-092258/Presidentielle_2017_Resultats_Tour_2_c.xls",
    ("2022", "1"): f"{_STATIC}election-presidentielle-des-10-et-24-avril-2022-resultats-"
    "definitifs-du-1er-tour/20220414-152356/resultats-par-niveau-dpt-t1-france-entiere.txt",
    ("2022", "2"): "https://www.data.gouv.fr/fr/datasets/r/8fca53d1-5f1f-4a22-8895-440eea405522",
}  # fmt: skip
"""Year and round → the table by département."""


def first_requests(source: str, query: Query) -> Iterator[Request]:
    """Yield the tables that *query* chooses.

    Raises:
        ConfigError: an option is unknown, or there is no such table.
    """
    if unknown := query.options.keys() - {"year", "round"}:
        raise ConfigError(f"{source}: unknown option {min(unknown)!r}. Known: round, year")
    asked = query.options.get("year"), query.options.get("round")
    found = [
        Request(url=url, note={"year": year, "round": turn})
        for (year, turn), url in TABLES.items()
        if asked[0] in (None, year) and asked[1] in (None, turn)
    ]
    if not found:
        known = ", ".join(f"{year} round {turn}" for year, turn in TABLES)
        raise ConfigError(f"{source}: no table of {asked[0]}, round {asked[1]}. Known: {known}")
    yield from found
