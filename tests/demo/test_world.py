"""The invented world: the same for the same seed, other tomorrow, varied, and nobody's."""

import csv
import gzip
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from vigie.demo.goods import FICTION, SHOPS
from vigie.demo.pictures import KINDS, draw_picture, picture_number
from vigie.demo.places import FRANCE, MOROCCO
from vigie.demo.world import World

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
GAZETTEER = Path(__file__).parents[2] / "src" / "vigie" / "steps" / "data"


@pytest.fixture(scope="module")
def world() -> World:
    return World(seed=7, now=NOW)


def test_the_same_seed_gives_the_same_world(world: World) -> None:
    """Seed, time and visit decide everything; another seed gives another world."""
    assert World(seed=7, now=NOW).jobs == world.jobs
    assert World(seed=7, now=NOW).ads == world.ads
    assert World(seed=8, now=NOW).ads != world.ads


def test_the_world_is_as_large_as_promised(world: World) -> None:
    """About 3,000 offers and 2,000 ads, on both sites some, each id once."""
    assert 2900 <= len(world.jobs) <= 3100
    assert len(world.ads) == 2000
    assert len({job.id for job in world.jobs}) == len(world.jobs)
    assert sum(ad.on_avito and ad.on_maroc for ad in world.ads) > 100
    assert all(ad.on_avito or ad.on_maroc for ad in world.ads)


def test_tomorrow_differs(world: World) -> None:
    """At the next visit some listings are gone, some are new, some ads are cheaper, none dearer."""
    later = world.next()

    before = {ad.number: ad for ad in world.ads}
    after = {ad.number: ad for ad in later.ads}
    assert 40 < len(before.keys() - after.keys()) < 140
    assert 40 < len(after.keys() - before.keys()) < 140
    moved = [
        (before[number].price or 0, after[number].price or 0)
        for number in before.keys() & after.keys()
        if before[number].price != after[number].price
    ]
    assert 60 < len(moved) < 250
    assert all(new < old for old, new in moved)
    raised = {job.id: job.pay for job in world.jobs}
    assert any(job.pay != raised[job.id] for job in later.jobs if job.id in raised)


def test_nothing_is_dated_in_the_future(world: World) -> None:
    """Every listing was published before the visit that shows it, and today is never empty."""
    for seen in (world, world.next().next()):
        assert all(job.created <= seen.today for job in seen.jobs)
        assert all(ad.listed <= seen.today for ad in seen.ads)
        assert sum((seen.today - job.created).days == 0 for job in seen.jobs) > 100
        assert sum((seen.today - ad.listed).days == 0 for ad in seen.ads) >= 70


def test_texts_are_varied(world: World) -> None:
    """Nearly every offer has a text of its own, of several paragraphs; so have most ads."""
    originals = [job for job in world.jobs if job.number < 500_000]
    texts = Counter(job.text for job in originals)
    assert len(texts) > 0.97 * len(originals)
    assert all(text.count("\n\n") >= 3 for text in texts)
    assert len({(ad.title, ad.text) for ad in world.ads}) > 0.9 * len(world.ads)


def test_pay_comes_in_many_shapes(world: World) -> None:
    """Per year, month and hour, as ranges, in k€, or not at all."""
    shapes = Counter(
        re.sub(r"[\d,.]+", "#", job.pay.get("libelle") or job.pay.get("commentaire") or "")
        for job in world.jobs
    )
    assert len(shapes) >= 9
    assert 0.3 < shapes[""] / len(world.jobs) < 0.7


def test_cities_are_real() -> None:
    """Every French city has its own INSEE code; every Moroccan one is known by name."""
    with gzip.open(GAZETTEER / "communes.tsv.gz", "rt", encoding="utf-8") as file:
        communes = {row[0]: row for row in csv.reader(file, delimiter="\t") if not row[1]}
    for city in FRANCE:
        if not city.insee.startswith(("751", "6938", "132")):  # arrondissements
            row = communes[city.insee]
            assert city.name in row
            assert abs(float(row[4]) - city.lat) < 0.2
            assert abs(float(row[5]) - city.lon) < 0.2
    morocco = (GAZETTEER / "morocco.tsv").read_text(encoding="utf-8")
    for town in MOROCCO:
        assert re.search(rf"^{town.name}\t", morocco, re.M), town.name


def test_sellers_are_nobody(world: World) -> None:
    """Every seller's name is an invented one, every French number one reserved for fiction."""
    for ad in world.ads:
        assert ad.seller.split()[-1] in FICTION or any(ad.seller.startswith(s) for s in SHOPS)
    # ARCEP, décision 2018-0881: 06 39 98 xx xx is never given to anybody.
    assert all(job.phone.startswith("06 39 98 ") for job in world.jobs)


def test_pictures_are_drawn(world: World) -> None:
    """Each picture of each ad is well-formed SVG of its own."""
    numbers = [number for ad in world.ads[:300] for number in ad.pictures]
    drawn = {draw_picture(number) for number in numbers}

    assert len(drawn) > 0.9 * len(set(numbers))
    for kind in KINDS:
        root = ElementTree.fromstring(draw_picture(picture_number(kind, 3)))  # noqa: S314 - our own
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(root) > 4
