"""A stand-in for the tables of results on data.gouv.fr. Every figure in them is invented.

So that nobody takes them for results, each area's name says so. The shapes are the ministry's: a
workbook with a title above the header in 2017, text with semicolons in Windows' Latin in 2022, the
header naming the first candidate's columns only; one table stands behind a redirect.
"""

import random
from functools import lru_cache
from typing import Final

from vigie.demo.contents import Contents
from vigie.demo.site import NOT_FOUND, Ask, Page
from vigie.demo.workbook import Cell, workbook

STATIC: Final = "https://static.data.gouv.fr"
_2017: Final = "/resources/election-presidentielle-des-23-avril-et-7-mai-2017-resultats-definitifs"
_2022: Final = "/resources/election-presidentielle-des-10-et-24-avril-2022-resultats-definitifs"
TABLES: Final = {
    f"{_2017}-du-1er-tour-1/20170427-100131/Presidentielle_2017_Resultats_Tour_1_c.xls": (2017, 1),
    f"{_2017}-du-2nd-tour/20170511-092258/Presidentielle_2017_Resultats_Tour_2_c.xls": (2017, 2),
    f"{_2022}-du-1er-tour/20220414-152356/resultats-par-niveau-dpt-t1-france-entiere.txt": (
        2022,
        1,
    ),
    f"{_2022}-du-2nd-tour/20220428-142301/resultats-par-niveau-dpt-t2-france-entiere.txt": (
        2022,
        2,
    ),
}
"""Path → year and round."""
REDIRECT: Final = "/fr/datasets/r/8fca53d1-5f1f-4a22-8895-440eea405522"
AREAS: Final = {
    "01": "Ain", "13": "Bouches-du-Rhône", "29": "Finistère", "2A": "Corse-du-Sud", "59": "Nord",
    "69": "Rhône", "75": "Paris", "ZA": "Guadeloupe", "ZD": "La Réunion", "ZM": "Mayotte",
    "ZN": "Nouvelle-Calédonie", "ZZ": "Français établis hors de France",
}  # fmt: skip
_FINAL: Final = (("M", "MACRON", "Emmanuel"), ("F", "LE PEN", "Marine"))
CANDIDATES: Final = {
    2017: (
        ("F", "LE PEN", "Marine"), ("M", "MACRON", "Emmanuel"), ("M", "FILLON", "François"),
        ("M", "MÉLENCHON", "Jean-Luc"), ("M", "HAMON", "Benoît"),
    ),
    2022: (
        ("F", "ARTHAUD", "Nathalie"), ("M", "ROUSSEL", "Fabien"), ("M", "MACRON", "Emmanuel"),
        ("M", "LASSALLE", "Jean"), ("F", "LE PEN", "Marine"), ("M", "ZEMMOUR", "Éric"),
        ("M", "MÉLENCHON", "Jean-Luc"), ("F", "HIDALGO", "Anne"), ("M", "JADOT", "Yannick"),
        ("F", "PÉCRESSE", "Valérie"), ("M", "POUTOU", "Philippe"),
        ("M", "DUPONT-AIGNAN", "Nicolas"),
    ),
}  # fmt: skip
_GROUP: Final = ("Sexe", "Nom", "Prénom", "Voix", "% Voix/Ins", "% Voix/Exp")


class ElectionResultsSite:
    """The catalogue and its files, on one port."""

    name = "election_results"
    origins: tuple[str, ...] = (STATIC, "https://www.data.gouv.fr")
    robots = "User-agent: *\nDisallow: /admin/\n"
    anchor = "Exprimés".encode("cp1252")

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the question for a table."""
        if ask.path == REDIRECT:
            path = next(path for path, table in TABLES.items() if table == (2022, 2))
            return Page(302, headers=(("Location", f"{STATIC}{path}"),))
        if ask.path not in TABLES:
            return NOT_FOUND
        shown = bool(contents.jobs or contents.ads or contents.posts)
        return _table(*TABLES[ask.path], shown)

    def first_page(self, ask: Ask) -> Ask:
        """Return the question as it is: a table has one page."""
        return ask


@lru_cache(maxsize=8)
def _table(year: int, turn: int, shown: bool) -> Page:
    who = CANDIDATES[year] if turn == 1 else _FINAL
    rows = [_row(year, turn, code, who) for code in AREAS] if shown else []
    if year == 2017:
        head = [*_columns(stated=False), *_GROUP * len(who)]
        numbered = [[_bare(row[0]), *row[1:2], *row[3:]] for row in rows]
        title = f"Résultats par départements - Tour {turn}"
        body = workbook({f"Départements Tour {turn}": [[title], [], [], head, *numbered]})
        return Page(200, body, "application/vnd.ms-excel")
    lines = [";".join((*_columns(stated=True), *_GROUP))]
    lines += [";".join(str(cell).replace(".", ",") for cell in row) for row in rows]
    body = "".join(f"{line}\r\n" for line in lines).encode("cp1252")
    return Page(200, body, "text/plain")


def _columns(*, stated: bool) -> list[str]:
    return [
        "Code du département", "Libellé du département", *(["Etat saisie"] if stated else []),
        "Inscrits", "Abstentions", "% Abs/Ins", "Votants", "% Vot/Ins", "Blancs", "% Blancs/Ins",
        "% Blancs/Vot", "Nuls", "% Nuls/Ins", "% Nuls/Vot", "Exprimés", "% Exp/Ins", "% Exp/Vot",
    ]  # fmt: skip


def _bare(code: Cell) -> Cell:
    """Return a code as a number, as the workbook holds it."""
    return int(code) if isinstance(code, str) and code.isdigit() else code


def _row(year: int, turn: int, code: str, who: tuple[tuple[str, str, str], ...]) -> list[Cell]:
    draw = random.Random(f"results {year} {turn} {code}")
    registered = draw.randrange(80_000, 900_000)
    voters = int(registered * draw.uniform(0.45, 0.8))
    blank, null = voters // draw.randrange(30, 90), voters // draw.randrange(80, 200)
    expressed = voters - blank - null
    weights = [draw.random() + 0.05 for _ in who]
    votes = [int(expressed * weight / sum(weights)) for weight in weights]
    votes[0] += expressed - sum(votes)

    def share(part: int, of: int) -> float:
        return round(100 * part / of, 2)

    row: list[Cell] = [
        code, f"{AREAS[code]} (chiffres inventés)", "Complet", registered, registered - voters,
        share(registered - voters, registered), voters, share(voters, registered), blank,
        share(blank, registered), share(blank, voters), null, share(null, registered),
        share(null, voters), expressed, share(expressed, registered), share(expressed, voters),
    ]  # fmt: skip
    for (sex, name, first), got in zip(who, votes, strict=True):
        row += [sex, name, first, got, share(got, registered), share(got, expressed)]
    return row


STAND_IN = ElectionResultsSite
