"""Results of the French presidential elections of 2017 and 2022, as the ministry of the interior
publishes them on data.gouv.fr: one figure per area, candidate or count.

Files of the same shapes (xls, xlsx, and text with semicolons or commas) are imported too, by
département, region, commune or polling station.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

import msgspec

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request, merge_notes
from vigie.model.listing import Listing

from .asking import first_requests
from .pieces import Piece, pieces_of
from .tables import Figure, figures_of

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class ElectionResults:
    """The fields are the settings under ``[sources.election_results]``."""

    label: ClassVar[str] = "Résultats des élections présidentielles"
    kind: ClassVar[str] = "figure"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Europe/Paris"
    terms: ClassVar[Terms] = Terms(
        url="https://www.etalab.gouv.fr/licence-ouverte-open-licence",
        read_on=None,
        attribution="Ministère de l'Intérieur, data.gouv.fr",
        reuse="said to be under the Licence Ouverte: reuse with attribution",
    )

    example: ClassVar[Query] = Query(name="2022", options={"year": "2022"})
    sentinel: ClassVar[Query | None] = None

    pause_seconds: float = 1.0

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the tables by département: the options ``year`` and ``round`` choose among them.

        Raises:
            ConfigError: an option is unknown, or no table is of that year and round.
        """
        yield from first_requests(NAME, query)

    def follow(self, page: Capture) -> Iterator[Request]:  # noqa: ARG002 - the contract's
        """Yield nothing: a table leads nowhere."""
        return iter(())

    def split(self, file: BinaryIO, name: str) -> Iterator[Piece]:
        """Yield a file of text in pieces of some hundred areas, a workbook whole."""
        return pieces_of(file, name)

    def scrub(self, page: Capture) -> Capture:
        """Return the page as it is: public results, of candidates who stood for election."""
        note = {"scrubbed": "0", "scrub_revision": "1"}
        return msgspec.structs.replace(page, note=merge_notes(page.note, note))

    def items(self, page: Capture) -> Sequence[Figure]:
        """Return the figures of the tables in the file, one per area and candidate or count.

        Tables of other areas (cantons, circonscriptions) are not read.

        Raises:
            Empty: the table has no row.
            PageChanged: no table of a known shape, or one that does not say of which year and
                round it is: both may stand in the file's name.
            Missing: a workbook, and what reads workbooks is not installed.
        """
        return figures_of(NAME, page)

    def read(self, item: Figure, page: Capture) -> Listing:
        """Return one figure.

        Raises:
            RecordError: ``no_area`` (the row has no code), ``no_subject`` (votes for nobody) or
                ``bad_value`` (no number).
        """
        return item.listing(page.url if page.url.startswith("https://") else None)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: a table does not announce how many figures it holds."""
        return None


SOURCE = ElectionResults
