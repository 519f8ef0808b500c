"""What is shipped is what it says it is, and the first view stays light."""

import gzip
import hashlib
import re
import tomllib

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import HTML
from vigie.web.assets import FOLDER, asset

VENDOR = FOLDER / "vendor"
PARTS = tomllib.loads((VENDOR / "vendor.toml").read_text(encoding="utf-8"))
BUDGET_BYTES = 60_000
"""HTML, style, script, font and pictures of the first view, compressed."""


@pytest.mark.parametrize("name", PARTS)
def test_a_vendored_file_is_the_one_that_was_checked(name: str) -> None:
    """Its hash is the recorded one, and its licence is named."""
    part = PARTS[name]
    assert hashlib.sha256((VENDOR / part["file"]).read_bytes()).hexdigest() == part["sha256"]
    assert part["licence"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", part["version"])


def test_nothing_is_vendored_without_a_record() -> None:
    """Every file is recorded, or is a licence or notice that came with one."""
    recorded = {part["file"] for part in PARTS.values()}
    for path in VENDOR.iterdir():
        assert path.name in recorded | {"vendor.toml"} or path.name.endswith(".txt"), path.name


@pytest.mark.parametrize("path", ["/", "/jobs", "/ads"])
def test_the_first_view_fits_the_budget(client: TestClient, path: str) -> None:
    """Everything a first visit loads is at most 60 kB compressed."""
    html = client.get(path, headers=HTML).text
    named = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', html))
    style = client.get(asset("vigie.css")).text
    named |= set(re.findall(r'url\("(/static/[^"]+)"\)', style))
    total = len(gzip.compress(html.encode(), 5))
    for address in named:
        body = client.get(address).content
        total += len(body) if address.endswith(".woff2") else len(gzip.compress(body, 5))
    assert "/static/vendor/htmx.min.js" in " ".join(named)
    assert total <= BUDGET_BYTES, f"{path}: {total} bytes"


def test_an_asset_is_fresh_for_ever_under_its_hash(client: TestClient) -> None:
    """Another content has another address; without the hash it is asked for again soon."""
    named = client.get(asset("vigie.css"))
    assert "immutable" in named.headers["cache-control"]
    assert "immutable" not in client.get("/static/vigie.css?v=old").headers["cache-control"]
