"""Reading tables of results: one row an area, then as many groups of columns as candidates.

The header names the first candidate's columns only; those of the others have none and follow in
groups of the same width. Some sheets have a title above the header, and numbers stand as numbers
or as text, codes too: "01" has become 1 in 2017. A cell that is blank was not published: the
figure is null, never zero. (Seen in the official files of both elections.)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.errors import Empty, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing
from vigie.sources.answers import changed, condemn

from .workbook import Row, sheets_of

TABLE: Final = "presidentielle"
MEASURES: Final = {
    "Inscrits": ("registered", "persons"), "Abstentions": ("abstentions", "persons"),
    "Votants": ("voters", "persons"), "Blancs": ("blank", "ballots"), "Nuls": ("null", "ballots"),
    "Exprimés": ("expressed", "ballots"),
}  # fmt: skip
"""Column → what is counted of the whole area, and in which unit."""
_WIDE: Final = {
    "nb_inscrits": "Inscrits", "abstentions": "Abstentions", "nb_votants": "Votants",
    "nb_exprimes": "Exprimés",
}  # fmt: skip
"""The same in tables with a column per candidate (``insee,dep,nom,nb_inscrits,…,LE PEN,…``). Their
``blancs`` is not read: its sum is nearer to the null ballots than to the blank ones."""
ONLY: Final = {"FILLON": "2017", "HAMON": "2017", "ZEMMOUR": "2022", "PÉCRESSE": "2022"}
"""Candidates who stood in one of the years."""
YEARS: Final = frozenset({"2002", "2007", "2012", "2017", "2022", "2027"})
_YEAR: Final = re.compile(
    r"(?<![0-9A-Za-z])20\d{2}(?![0-9A-Za-z])|(?<=pres)20\d{2}|(?<=PR)\d{2}(?=_)"
)
_ROUND: Final = re.compile(r"(?:tour[ _-]?|[_\-. ]t)([12])(?!\d)", re.I)
_NUMBER: Final = re.compile(r"\d{1,15}(?:[.,]0+)?")
_HEADER_WITHIN: Final = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a table, as it stands there."""

    year: int
    round: int
    level: str
    code: str
    name: str | None
    subject: str | None
    measure: str
    unit: str
    told: Any

    def listing(self, url: str | None) -> Listing:
        """Return the figure as a listing.

        Raises:
            RecordError: ``no_area``, ``no_subject`` or ``bad_value``.
        """
        if not self.code:
            raise RecordError("no_area", str(self.name))
        if self.subject == "":
            raise RecordError("no_subject", self.code)
        parts = (TABLE, self.year, self.round, self.level, self.code, self.subject or "",
                 self.measure)  # fmt: skip
        return Listing(
            kind="figure", native_id="|".join(str(part) for part in parts), reading="full",
            layer="table",
            values={
                "url": url, "table": TABLE, "year": self.year, "round": self.round,
                "area_level": self.level, "area_code": self.code, "area_name": self.name,
                "subject": self.subject, "measure": self.measure, "value": _number(self.told),
                "unit": self.unit,
            },
        )  # fmt: skip


def figures_of(source: str, page: Capture) -> Sequence[Figure]:
    """Return every figure of the tables that are by département, region, commune or station.

    Raises:
        Empty: tables without a row.
        PageChanged: no such table, or its year or round is not told.
    """
    condemn(source, page)
    tables = [
        table for name, rows in sheets_of(source, page) if (table := _table(name, rows)) is not None
    ]
    if not tables:
        raise changed(source, page, "table by département, region, commune or polling station")
    figures: list[Figure] = []
    for table in tables:
        year, turn = _year(page, table), _round(page, table)
        if table.rows and (year is None or turn is None):
            missing = "year" if year is None else "round"
            raise changed(source, page, f"{missing} of the table: write it in the file's name")
        for row in table.rows:
            figures += table.figures(row, year or 0, turn or 0)
    if not figures:
        raise Empty(source, page.url)
    return figures


@dataclass(frozen=True)
class _Table:
    """A sheet whose header is known."""

    name: str
    level: str
    columns: dict[str, int]
    """Column's name → its place; the first of several."""
    candidates: tuple[tuple[int | str, int], ...]
    """Where each candidate's name stands (or the name itself), and where the votes stand."""
    rows: list[Row]

    def figures(self, row: Row, year: int, turn: int) -> Iterator[Figure]:
        """Yield the figures of one row; one that cannot be read when the row has no code."""
        code, name = self._code(row), _words(self._cell(row, _NAMES[self.level]))
        head = (year, turn, self.level, code, name)
        if not code:
            yield Figure(*head, None, "registered", "persons", None)
            return
        for column, (measure, unit) in MEASURES.items():
            if column in self.columns:
                yield Figure(*head, None, measure, unit, self._cell(row, (column,)))
        for named, voted in self.candidates:
            subject = named if isinstance(named, str) else _words(_at(row, named)) or ""
            told = _at(row, voted)
            if subject or _words(told):  # a group of columns that this row does not fill is none
                yield Figure(*head, subject, "votes", "votes", told)

    def subjects(self) -> set[str]:
        """Return the candidates of the first row."""
        row = self.rows[0] if self.rows else []
        return {
            named if isinstance(named, str) else _words(_at(row, named)) or ""
            for named, _ in self.candidates
        }

    def _cell(self, row: Row, names: Sequence[str]) -> Any:
        return next((_at(row, self.columns[name]) for name in names if name in self.columns), None)

    def _code(self, row: Row) -> str:
        if self.level == "region":
            return _padded(self._cell(row, ("Code de la région",)), 2)
        if "insee" in self.columns:
            return _padded(self._cell(row, ("insee",)), 5)
        dep = _padded(self._cell(row, ("Code du département",)), 2)
        if self.level == "dep" or not dep:
            return dep
        commune = _padded(self._cell(row, ("Code de la commune",)), 3)
        if self.level == "commune" or not commune:
            return f"{dep}{commune}" if commune else ""
        station = _padded(self._cell(row, ("Code du b.vote",)), 4)
        return f"{dep}{commune}-{station}" if station else ""


_NAMES: Final = {
    "region": ("Libellé de la région",), "dep": ("Libellé du département",),
    "commune": ("Libellé de la commune", "nom"), "station": ("Libellé de la commune",),
}  # fmt: skip


def _table(name: str, rows: list[Row]) -> _Table | None:
    """Return a sheet as a table; None when its areas are of another level, or it is no table."""
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        header = [_words(cell) or "" for cell in row]
        if "insee" in header and "nb_inscrits" in header:
            return _wide(name, header, rows[place + 1 :])
        if "Inscrits" in header and "Exprimés" in header:
            level = _level(set(header))
            body = [one for one in rows[place + 1 :] if any(_words(cell) for cell in one)]
            if level is None:
                return None
            width = max([len(header), *(len(one) for one in body)])
            return _Table(name, level, _places(header), _groups(header, width), body)
    return None


def _wide(name: str, header: list[str], rows: list[Row]) -> _Table:
    """Return a table with a column per candidate, whose header is their names."""
    header = [_WIDE.get(column, column) for column in header]
    candidates = tuple(
        (column, place) for place, column in enumerate(header) if column and column.isupper()
    )
    body = [one for one in rows if any(_words(cell) for cell in one)]
    return _Table(name, "commune", _places(header), candidates, body)


def _level(header: set[str]) -> str | None:
    if "Code du b.vote" in header:
        return "station"
    if "Code de la commune" in header:
        return "commune"
    if any(name.startswith(("Code de la circonscription", "Code du canton")) for name in header):
        return None
    if "Code du département" in header:
        return "dep"
    return "region" if "Code de la région" in header else None


def _places(header: list[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        if name:
            places.setdefault(name, place)
    return places


def _groups(header: list[str], width: int) -> tuple[tuple[int, int], ...]:
    """Return where each candidate's name and votes stand."""
    names, votes = (
        [place for place, cell in enumerate(header) if re.fullmatch(rf"{name}(?:_\d+)?", cell)]
        for name in ("Nom", "Voix")
    )
    if len(names) != 1 or len(votes) != 1:
        return tuple(zip(names, votes, strict=False))
    start = min(place for place, cell in enumerate(header) if cell in ("N°Panneau", "Sexe", "Nom"))
    named = max(place for place, cell in enumerate(header) if cell)
    step = named + 1 - start
    return tuple(
        (names[0] + shift, votes[0] + shift) for shift in range(0, max(0, width - votes[0]), step)
    )


def _year(page: Capture, table: _Table) -> int | None:
    """Return the year: told by the request, by who stands, or by the file's name."""
    if page.note.get("year") in YEARS:
        return int(page.note["year"])
    if years := [ONLY[name] for name in table.subjects() if name in ONLY]:
        return int(years[0])
    for text in (page.note.get("file", ""), page.url.rpartition("/")[2], table.name):
        found = _YEAR.search(text)
        year = found and (found[0] if len(found[0]) == 4 else f"20{found[0]}")
        if year in YEARS:
            return int(year)
    # The pair of the second round was the same in both years; this column was new in 2022.
    return 2022 if "Etat saisie" in table.columns else None


def _round(page: Capture, table: _Table) -> int | None:
    """Return the round: two candidates stand in the second."""
    if page.note.get("round") in ("1", "2"):
        return int(page.note["round"])
    if table.candidates and table.subjects() - {""}:
        return 2 if len(table.subjects() - {""}) == 2 else 1
    found = _ROUND.search(table.name) or _ROUND.search(page.note.get("file", page.url))
    return int(found[1]) if found else None


def _at(row: Row, place: int) -> Any:
    return row[place] if place < len(row) else None


def _words(cell: Any) -> str | None:
    """Return a cell as text; None when it is blank."""
    if cell is None:
        return None
    return " ".join(str(cell).split()) or None


def _padded(cell: Any, width: int) -> str:
    """Return a code with the leading zeros that a number has lost."""
    text = _words(cell) or ""
    if found := _NUMBER.fullmatch(text):
        return re.split(r"[.,]", found[0])[0].zfill(width)
    return text.zfill(width) if text[:-1].isdigit() and text[-1:] in ("A", "B") else text


def _number(cell: Any) -> float | None:
    """Return a figure; None for a blank cell.

    Raises:
        RecordError: ``bad_value``: it is no whole number.
    """
    text = _words(cell)
    if text is None:
        return None
    text = text.replace(" ", "").replace("\u202f", "")
    if not _NUMBER.fullmatch(text):
        raise RecordError("bad_value", text[:50])
    return float(text.replace(",", "."))
