"""The rows of a file: the sheets of a workbook, or the lines of a text."""

import csv
import io
from typing import Any

from vigie.errors import Missing
from vigie.model.capture import Capture
from vigie.sources.answers import changed

from .pieces import WORKBOOKS

Row = list[Any]


def sheets_of(source: str, page: Capture) -> list[tuple[str, list[Row]]]:
    """Return name and rows of every sheet; a text is one without a name.

    Raises:
        PageChanged: the workbook is broken.
        Missing: what reads workbooks is not installed.
    """
    if page.body.startswith(WORKBOOKS):
        return _workbook(source, page)
    text = _decoded(page.body)
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    try:
        return [("", [list(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)])]
    except csv.Error as error:
        raise changed(source, page, f"table ({error})") from None


def _workbook(source: str, page: Capture) -> list[tuple[str, list[Row]]]:
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise Missing("reading workbooks", "tables") from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(page.body))
        return [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    except BaseException as error:  # a panic of the reader's Rust is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise changed(source, page, f"workbook ({type(error).__name__})") from None


def _decoded(body: bytes) -> str:
    """Return the text: the ministry writes Windows' Latin, others write UTF-8."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")
