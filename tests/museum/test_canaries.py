"""A canary person planted in a page is in no file that Vigie writes."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from vigie.config import load
from vigie.wiring import Instance

CASES = Path(__file__).parents[2] / "src" / "vigie" / "sources"


def planted() -> list[Path]:
    """Return the recorded pages that have canaries in them."""
    found = []
    for path in sorted(CASES.glob("*/cases/*/case.json")):
        if json.loads(path.read_text(encoding="utf-8")).get("canaries"):
            found.append(path.parent)
    return found


def written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file below *folder*, compressed ones unpacked too."""
    for path in folder.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            yield path, raw
            if path.name.endswith((".gz", ".gz.open")):
                yield path, gzip.decompress(raw)
            else:
                for start in range(0, len(raw), 4096):  # compressed blocks inside other files
                    if raw[start : start + 2] in (b"\x78\x9c", b"\x78\xda"):
                        yield path, zlib.decompressobj().decompress(raw[start:])


@pytest.mark.parametrize("case", planted(), ids=lambda p: f"{p.parts[-3]}/{p.name}")
def test_a_canary_is_nowhere(case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Not in the spool, the database, its WAL, the index or the log, in any usual spelling."""
    told = json.loads((case / "case.json").read_text(encoding="utf-8"))
    page = next(path for path in case.iterdir() if path.name.startswith("page."))
    body = page.read_text(encoding="utf-8")
    assert any(canary in body for canary in told["canaries"]), "the case has lost its canary"
    # A case of the file formats is named after its map, which is the source.
    source = case.name if case.parts[-3] == "files" else case.parts[-3]
    data = tmp_path / "data"
    with Instance(load({"data_dir": data}, environ={}, folder=tmp_path).settings) as here:
        here.import_files([page], source, on_capture=None)
        assert here.process().found
        log = capfd.readouterr()
        files = list(written(data))

    assert len(files) > 5
    for canary in told["canaries"]:
        for spelling in {canary, quote(canary), json.dumps(canary)[1:-1]}:
            wanted = spelling.encode()
            assert not [path for path, raw in files if wanted in raw], spelling
            assert spelling not in log.out + log.err
