"""The shape of a page: alike for other listings, unlike once a block is renamed, and bounded."""

import os
import re
import time
from datetime import UTC, datetime

import pytest

from vigie.model.capture import Capture, Query
from vigie.model.structure import LOOKED_AT_BYTES, likeness, sketch

from .conftest import Outpost

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LISTS = {
    "avito_ma": Query(name="all"), "france_travail": Query(name="all"),
    "marocannonces": Query(name="auto", options={"category": "Auto-Moto"}),
}  # fmt: skip


def lists(outpost: Outpost, name: str) -> list[Capture]:
    outpost.collect(outpost.job(name, LISTS[name]))
    return [page for page in outpost.captures() if "structure" in page.note]


@pytest.mark.parametrize("name", LISTS)
def test_pages_with_other_listings_are_alike(outpost: Outpost, name: str) -> None:
    """Day after day a page of a site's list keeps its shape; it is in the capture's note."""
    before = lists(outpost, name)
    outpost.stage.next_visit()
    after = lists(outpost, name)[len(before) :]

    shapes = [page.note["structure"] for page in before + after]
    assert after
    assert all(0 < len(shape) <= 180 and shape.isascii() for shape in shapes)
    for one, other in zip(before, after, strict=False):
        assert likeness(one.note["structure"], other.note["structure"]) >= 0.9
    # The first page has no way back and the last no way on: near, all the same.
    assert min(likeness(shapes[0], shape) for shape in shapes) >= 0.75


@pytest.mark.parametrize("name", LISTS)
def test_a_renamed_block_is_seen(outpost: Outpost, name: str) -> None:
    """What the reader holds on to gets another name: the page is unlike itself."""
    page = lists(outpost, name)[0]
    anchor = {
        "avito_ma": b'"getListingAds"', "france_travail": b'"resultats"',
        "marocannonces": b"cars-list",
    }[name]  # fmt: skip
    renamed = page.body.replace(anchor, b'"moved"' if b'"' in anchor else b"moved")

    assert renamed != page.body
    assert likeness(page.note["structure"], sketch(renamed)) < 0.8


def test_a_challenge_is_unlike_a_list(outpost: Outpost) -> None:
    """A page in the place of another has nothing of it."""
    page = lists(outpost, "marocannonces")[0]

    assert likeness(page.note["structure"], sketch(b"<html><body><form id=challenge-form>")) < 0.2


def test_build_hashes_numbers_and_texts_do_not_count() -> None:
    """Class names of a new build, ids in them, and what people write leave the shape alone."""
    old = b'<div class="card__x1y2z item-17"><h2 class="css-1q2w3e4">Oui</h2><p>un <b>mot</b></div>'
    new = b'<div class="card__9q8w7 item-99"><h2 class="css-7h8j9k0">Non</h2></div>'

    assert likeness(sketch(old), sketch(new)) == 1.0


def test_json_inside_a_page_counts() -> None:
    """Pages that carry their data in a script are told apart by it."""
    page = (
        b'<html><script type="application/json">{"props":{"ads":[{"id":1,"title":"x"}]}}</script>'
    )
    moved = page.replace(b'"props"', b'"state"')

    assert likeness(sketch(page), sketch(page.replace(b'"x"', b'"another"'))) == 1.0
    assert likeness(sketch(page), sketch(moved)) < 0.8


def test_no_text_is_kept() -> None:
    """Values leave no trace: a page with another person's name has the same shape."""
    page = b'{"seller": {"name": "Camille Fictif", "phone": "06 39 98 12 34"}}'

    assert sketch(page) == sketch(re.sub(rb"Camille Fictif|06 39 98 12 34", b"", page))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"no markup", b"[" * 100, b"{", b"null"])
def test_what_has_no_shape(body: bytes) -> None:
    """Any bytes are taken; what has no shape is like nothing, not even itself."""
    assert likeness(sketch(body), "") == 0.0
    assert likeness("é", "!!!") == 0.0


@pytest.mark.parametrize(
    "piece",
    [b"<", b"<!--", b"<a ", b"<div>", b"</div>", b"[", b'{"a":', b'"a\\', b"<script>", b"<b><p>",
     b"<style><script type=json>", b"<div class='a b c d e f g h i j'>"],
)  # fmt: skip
def test_time_grows_with_length_alone(piece: bytes) -> None:
    """Two megabytes made to be slow take seconds at most, and what follows them no time."""
    body = piece * (LOOKED_AT_BYTES // len(piece))
    started = time.process_time()
    sketch(body + os.urandom(100))
    spent = time.process_time() - started

    assert spent < 5
    assert sketch(body + b"x" * 10_000) == sketch(body[:LOOKED_AT_BYTES])
