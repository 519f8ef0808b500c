"""Build `communes.tsv.gz` and `departements.tsv` from open data.

    python -m vigie.steps.data.build_gazetteer FOLDER

FOLDER holds `etalab_communes.csv`, `etalab_donnees_communes.csv`, `etalab_departements.csv`
(Etalab, "découpage administratif", from INSEE's Code officiel géographique) and
`communes_insee_pop_coords.csv` (an export of Wikidata: INSEE code, population, point).
The same inputs give the same bytes.
"""

import csv
import gzip
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
POINT = re.compile(r"Point\((-?[\d.]+) (-?[\d.]+)\)")

Point = tuple[float, float]


def table(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file by column name."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines, delimiter=delimiter)


def points(path: Path) -> tuple[dict[str, Point], dict[str, int]]:
    """Return code → (latitude, longitude) and code → population; the most populated row wins."""
    where: dict[str, Point] = {}
    people: dict[str, int] = {}
    for row in table(path):
        found = POINT.match(row["donnesgeo"] or "")
        code = row["INSEE"]
        count = int(float(row["pop"] or 0))
        if count >= people.get(code, -1):
            people[code] = count
            if found:
                where[code] = (float(found[2]), float(found[1]))
    return where, people


def build(folder: Path) -> bytes:
    """Return the gazetteer: code, parent, name, population, latitude, longitude; by code.

    A row with a parent is an arrondissement or a former commune: its name leads to the parent.
    """
    where, people = points(folder / "communes_insee_pop_coords.csv")
    for row in table(folder / "etalab_donnees_communes.csv", ";"):
        people[row["COM"]] = int(row["PMUN"])
    rows = []
    for row in table(folder / "etalab_communes.csv"):
        code, parent = row["COM"], row["COMPARENT"]
        if parent == code:
            # A delegated commune at the seat of a new one: another name of the same code.
            rows.append((code, code, row["LIBELLE"], "", "", ""))
            continue
        lat, lon = where.get(code, (None, None))
        rows.append(
            (
                code,
                parent,
                row["LIBELLE"],
                str(people.get(code, "")) if not parent else "",
                "" if lat is None or parent else f"{lat:.3f}",
                "" if lon is None or parent else f"{lon:.3f}",
            )
        )
    rows.sort()
    text = "".join("\t".join(row) + "\n" for row in rows)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=9, mtime=0) as out:
        out.write(text.encode())
    return packed.getvalue()


if __name__ == "__main__":
    given = Path(sys.argv[1])
    (HERE / "communes.tsv.gz").write_bytes(build(given))
    (HERE / "departements.tsv").write_text(
        "".join(f"{row['DEP']}\t{row['REG']}\t{row['LIBELLE']}\n"
                for row in table(given / "etalab_departements.csv")), encoding="utf-8"
    )  # fmt: skip
