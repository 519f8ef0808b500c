"""Files of any size, format and state are cut into chunks that stand alone; no record is lost."""

import csv
import gzip
import io
import json
import random
from collections.abc import Iterator

import polars as pl
import pytest

from vigie.sources.files import Chunk, choose, header_of, split
from vigie.sources.files.rows import Row, rows_of

HEADER = ["id", "title", "text", "phone"]
JUNK = ("<<<<<<< HEAD", "=======", ">>>>>>> other")


def cut(body: bytes, **options: object) -> list[Chunk]:
    return list(split(io.BytesIO(body), "file", **options))  # type: ignore[arg-type]  # split's own options


def rows(body: bytes, **options: object) -> list[Row]:
    return [row for chunk in cut(body, **options) for row in rows_of(chunk.body, chunk.note)]


def cells(body: bytes, **options: object) -> list[dict[str, object]]:
    return [row.cells for row in rows(body, **options) if row.cells is not None]


def as_csv(records: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([HEADER, *records])
    return out.getvalue()


SAMPLE = [["1", "Ingénieur", 'Deux lignes,\n"entre guillemets"', "06"], ["2", "مهندس", "é;\té", ""]]
PLAIN = [["1", "Ingénieur", "à Paris\nou à Lyon", ""], ["2", "Café", "dû", ""]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_csv_reads_whatever_it_is_written_in(
    encoding: str,
    delimiter: str,
    packed: bool,
) -> None:
    """Encoding, byte order mark, delimiter and compression change nothing of the records."""
    body = as_csv(SAMPLE, delimiter).encode(encoding)
    found = cells(gzip.compress(body) if packed else body)

    assert found == [dict(zip(HEADER, record, strict=True)) for record in SAMPLE]


def test_wrong_encodings_are_mended_byte_by_byte() -> None:
    """A cp1252 file reads right, and so does a file that two programs wrote."""
    pure = as_csv(PLAIN).encode("cp1252")
    mixed = as_csv([PLAIN[0]]).encode("utf-8") + b"2,Caf\xe9,d\xfb,\n"

    assert cells(pure) == cells(mixed) == cells(as_csv(PLAIN).encode())
    assert cut(pure)[0].note["encoding"] == "cp1252"
    assert cells(as_csv(PLAIN).replace("\n", "\r").encode())[1]["title"] == "Café"


def test_every_row_is_accounted_for() -> None:
    """Bad rows, junk lines and repeated headers are items with a reason; good rows stay."""
    text = as_csv(PLAIN) + "3,short\n" + "\n".join(JUNK) + "\nid,title,text,phone\n4,a,b,c\n\n"
    found = rows(text.encode())

    assert [row.problem for row in found] == [
        "", "", "bad_row", "junk_line", "junk_line", "junk_line", "repeated_header", "",
    ]  # fmt: skip
    assert cut(text.encode())[0].note["junk_lines"] == "3"
    assert cut(text.encode())[0].note["records"] == "8"


def test_junk_may_come_first() -> None:
    """A merge mark above the header, or above JSON, hides neither."""
    assert len(cells(f"{JUNK[0]}\n{as_csv(PLAIN)}".encode())) == 2
    lines = "\n".join((JUNK[0], '{"a": 1}', JUNK[1], '{"a": 2}', JUNK[2]))
    assert [row.problem for row in rows(lines.encode())] == [
        "junk_line",
        "",
        *["junk_line", ""],
        "junk_line",
    ]


def test_a_quote_that_never_closes_costs_one_row() -> None:
    """A lone quote makes its own row bad and swallows none of the next."""
    text = as_csv(PLAIN) + '5,"open,x,y\n' + "".join(f"{n},a,b,c\n" for n in range(6, 1006))
    found = rows(text.encode())

    assert [row.problem for row in found].count("bad_row") == 1
    assert sum(row.cells is not None for row in found) == 1002


JSON = [{"id": "1", "text": 'a "quoted" } ] text\n'}, {"id": "2", "n": 1.10, "deep": [{"a": []}]}]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(JSON),
        json.dumps(JSON, indent=2),
        "\n".join(map(json.dumps, JSON)),
        "".join(map(json.dumps, JSON)),
        "\n\n".join(json.dumps(one, indent=1) for one in JSON),
        "﻿" + json.dumps(JSON),
    ],
    ids=["list", "indented list", "lines", "one after another", "indented objects", "mark"],
)
def test_json_reads_whatever_its_shape(body: str) -> None:
    """Lists, lines and objects one after another give the same records."""
    assert cells(body.encode()) == JSON


def test_json_keeps_its_digits() -> None:
    """A record's text is not decoded on the way: 1.10 stays 1.10."""
    assert b"1.10" in cut(b'[{"n": 1.10, "big": 12345678901234567890.5}]')[0].body


def test_json_in_an_object_around_a_list() -> None:
    """With `records`, objects that wrap a list give the list's records."""
    body = "\n".join(json.dumps({"page": n, "results": JSON}, indent=1) for n in (1, 2))

    assert cells(body.encode(), records="results") == JSON * 2


def test_json_with_junk_and_a_broken_end() -> None:
    """Merge marks between records and a file that ends in the middle cost only themselves."""
    body = f'[{json.dumps(JSON[0])},\n{JUNK[0]}\n{json.dumps(JSON[1])},\n{{"id": "3", "te'
    found = rows(body.encode())

    assert [row.problem for row in found] == ["", "junk_line", "", "bad_row"]
    broken = '{"id": 1}\n{"id": 2, "te\n{"id": 3}\n'
    assert [row.problem for row in rows(broken.encode())] == ["", "bad_row", ""]


def test_a_cut_gzip_keeps_what_came() -> None:
    """A compressed file that breaks off gives its good records, and says that it is cut."""
    text = "".join(f"{n},title {n},{random.Random(n).random()},\n" for n in range(5000))
    packed = gzip.compress((",".join(HEADER) + "\n" + text).encode())
    chunks = cut(packed[: len(packed) // 2])

    assert chunks[-1].note["cut"].startswith("gzip")
    assert sum(int(chunk.note["records"]) for chunk in chunks) > 1000


def test_parquet() -> None:
    """A Parquet file gives its rows as JSON Lines, without its personal columns."""
    out = io.BytesIO()
    pl.DataFrame({"id": [1, 2], "phone": ["06", "07"], "at": [None, "x"]}).write_parquet(out)

    assert cells(out.getvalue(), personal=("phone",)) == [
        {"id": 1, "at": None},
        {"id": 2, "at": "x"},
    ]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_personal_columns_are_in_no_chunk(form: str) -> None:
    """What a map calls personal is dropped while the file is cut, bad rows included."""
    canary = "CANARI-06"
    records = [["1", "a", "b", canary], ["2", "c", "d", canary]]
    if form == "csv":
        body = as_csv(records) + f"3,short,{canary}\n"
    else:
        listed = [dict(zip(HEADER, record, strict=True)) for record in records]
        body = json.dumps(listed) + '{"phone": "CANARI-06", "broken'
    chunks = cut(body.encode(), personal=("phone",))

    assert all(canary.encode() not in chunk.body for chunk in chunks)
    assert [row.get("title") for row in cells(body.encode(), personal=("phone",))] == ["a", "c"]
    assert rows(body.encode(), personal=("phone",))[-1].problem == "bad_row"


def bodies() -> Iterator[bytes]:
    yield as_csv(SAMPLE * 5).encode()
    yield json.dumps(JSON * 5, indent=1).encode()
    yield "\n".join(map(json.dumps, JSON * 5)).encode()


@pytest.mark.parametrize("body", list(bodies()), ids=["csv", "list", "lines"])
def test_a_mangled_file_raises_nothing(body: bytes) -> None:
    """Whatever happened to a file, it is cut, the same way each time, and every row is told."""
    dice = random.Random(0)
    for _ in range(300):
        mangled = bytearray(body)
        for _ in range(3):
            at = dice.randrange(len(mangled) + 1)
            mangled[at : at + dice.choice((0, 1, 30))] = dice.choice(
                (b"", b'"', b"\n", b"\r", b"\xff", b"\0", b"{", b"]", b"<<<<<<< HEAD\n", b"\\")
            )
        chunks = cut(bytes(mangled))
        assert chunks == cut(bytes(mangled))
        for chunk in chunks:
            rows_of(chunk.body, chunk.note)


def test_the_map_is_chosen_by_the_header() -> None:
    """The map that knows most of the header's columns is chosen; an unknown header has none."""
    header = "job_id,title,location,listed_time,formatted_work_type,job_posting_url,more\n1,,,,,,\n"

    assert choose(header_of(io.BytesIO(header.encode()))) == "linkedin_postings"
    assert choose(["id", "price"]) is None
    assert header_of(io.BytesIO(b'[{"a": 1, "b": 2}]')) == ["a", "b"]
    assert header_of(io.BytesIO(b"")) == []
