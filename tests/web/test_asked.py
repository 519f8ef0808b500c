"""Pages of one address are told apart on their run's page by what was asked."""

from datetime import UTC, datetime
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from vigie.config import load
from vigie.model.capture import Capture, RunEnd, Scan
from vigie.wiring import Instance

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
URL = "https://app-dsn.algolia.net/1/indexes/*/queries"
RUN = "2026-11-20T10-00-00Z-post"


def test_what_was_posted_is_shown(tmp_path: Path) -> None:
    """Two answers from one address, two questions: each stands beside its own, markup as text,
    for whoever sits at this machine; for others no capture is looked up."""
    loaded = load({"data_dir": tmp_path}, environ={}, folder=tmp_path)
    questions = (b'{"query": "data <b>engineer</b>"}', b'{"query": "data analyst"}')
    with Instance(loaded.settings) as here:
        here.spool.append([
            *(
                Capture(id=f"c{number}", at=AT, source="wttj", url=URL, body=b"{}", run=RUN,
                        method="POST", status=200, request_body=body)
                for number, body in enumerate(questions)
            ),
            RunEnd(at=AT, source="wttj", run=RUN, scan=Scan.CUT, started_at=AT, pages=2),
        ])  # fmt: skip
        here.spool.close()
        here.process()
        site = here.site()
        with TestClient(site, "http://127.0.0.1", client=("127.0.0.1", 50000)) as owner:
            mine = LexborHTMLParser(owner.get(f"/runs/{RUN}").text)
            theirs = LexborHTMLParser(TestClient(site).get(f"/runs/{RUN}").text)

    assert [code.text() for code in mine.css("td code")] == [body.decode() for body in questions]
    assert not theirs.css("td code")
