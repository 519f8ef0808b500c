"""The steps on captured pages and data sets kept beside the project (not in it)."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.steps.rows import frame
from vigie.steps import STANDARD, run
from vigie.steps.clean.gazetteer import commune_of, dep_of

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.exists(), reason="no data folder beside the project"),
]


@pytest.fixture(scope="module")
def offers() -> list[dict[str, Any]]:
    folder = DATA / "captured" / "france_travail"
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob("404939_*.json")):
        page = json.loads(path.read_text(encoding="utf-8"))
        found += page if isinstance(page, list) else page["resultats"]
    return found


@pytest.fixture(scope="module")
def jobs(offers: list[dict[str, Any]]) -> pl.DataFrame:
    rows = [
        {
            "title": offer["intitule"],
            "text_raw": offer.get("description"),
            "posted_raw": offer["dateCreation"],
            "place_raw": offer.get("lieuTravail", {}).get("libelle"),
            "contract_raw": offer.get("typeContratLibelle"),
            "experience_raw": offer.get("experienceLibelle"),
            "pay_raw": (offer.get("salaire") or {}).get("libelle"),
        }
        for offer in offers
    ]
    return run("job", frame("job", rows), STANDARD["job"])


def share(rows: pl.DataFrame, hit: pl.Expr) -> float:
    return rows.select(hit.mean()).item() or 0.0


def test_france_travail_s_pay_is_read(jobs: pl.DataFrame) -> None:
    """At least 95 % of the texts that hold a figure give bounds, currency and period."""
    told = jobs.filter(pl.col("pay_raw").str.contains(r"\d"))
    fields = ("pay_min", "pay_max", "pay_currency", "pay_period")

    assert told.height > 50
    assert share(told, pl.all_horizontal(pl.col(name).is_not_null() for name in fields)) >= 0.95


def test_france_travail_s_places_are_right(
    offers: list[dict[str, Any]], jobs: pl.DataFrame
) -> None:
    """Read from the text alone, the département of 99 % and the commune of 98.5 % are the API's."""
    codes = [offer.get("lieuTravail", {}).get("commune") for offer in offers]
    told = [
        (code, dep, commune)
        for code, dep, commune in zip(codes, jobs["place_dep"], jobs["place_commune"], strict=True)
        if code
    ]
    assert len(told) > 100
    assert sum(dep_of(code) == dep for code, dep, _ in told) >= 0.99 * len(told)
    known = [(commune_of(code), commune) for code, _, commune in told]
    assert sum(of is not None and of.code == c for of, c in known) >= 0.985 * len(told)


def test_france_travail_s_other_fields_are_read(jobs: pl.DataFrame) -> None:
    """Every date and contract, and every experience with a figure, is read."""
    assert share(jobs, pl.col("posted_at").is_not_null()) == 1
    assert share(jobs, pl.col("contract").is_not_null()) == 1
    told = jobs.filter(pl.col("experience_raw").str.contains(r"\d"))
    assert share(told, pl.col("experience_min_years").is_not_null()) >= 0.99


def test_avito_s_prices_and_cities_are_read() -> None:
    """Prices are the digits shown; 95 % of the cities are towns of Morocco."""
    path = DATA / "marketplace" / "avito_appartements_imane.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        shown = list(csv.DictReader(lines))
    ads = run(
        "ad",
        frame(
            "ad",
            [
                {
                    "title": ad["Titre"],
                    "text_raw": ad["Description"],
                    "price_raw": ad["Prix"],
                    "place_raw": ad["Ville"],
                    "offer_raw": ad["Type"],
                    "zone": "Africa/Casablanca",
                }
                for ad in shown
            ],
        ),
        STANDARD["ad"],
    )

    for ad, price in zip(shown, ads["price"], strict=True):
        digits = re.sub(r"\D", "", ad["Prix"])
        assert price == (int(digits) if digits and int(digits) > 1 else None), ad["Prix"]
    assert share(ads, pl.col("place_country") == "MA") >= 0.95
    assert share(ads, pl.col("offer") == "sell") >= 0.99


def test_linkedin_s_figures_are_read() -> None:
    """Structured pay, epoch dates, places and levels of LinkedIn's export are read."""
    path = DATA / "jobs" / "linkedin_postings_capstone.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        shown = list(csv.DictReader(lines))
    jobs = run(
        "job",
        frame(
            "job",
            [
                {
                    "title": job["title"],
                    "text_raw": job["description"],
                    "place_raw": job["location"],
                    "posted_raw": job["original_listed_time"],
                    "pay_min_raw": job["min_salary"],
                    "pay_max_raw": job["max_salary"],
                    "pay_currency_raw": job["currency"],
                    "pay_period_raw": job["pay_period"],
                    "remote_raw": job["remote_allowed"],
                    "experience_raw": job["formatted_experience_level"],
                    "zone": "America/Los_Angeles",
                }
                for job in shown
            ],
        ),
        STANDARD["job"],
    )

    assert share(jobs, pl.col("posted_at").is_not_null()) == 1
    assert share(jobs, pl.col("place_country") == "US") >= 0.97
    told = jobs.with_columns(pl.Series("told", [bool(job["min_salary"]) for job in shown]))
    assert share(told.filter("told"), pl.col("pay_min").is_not_null()) == 1
    levels = jobs.filter(pl.col("experience_raw").is_not_null())
    assert share(levels, pl.col("experience_level").is_not_null()) == 1
    assert share(jobs, pl.col("lang") == "en") >= 0.97


def test_the_gazetteer_is_what_its_sources_give() -> None:
    """Building it again gives the same bytes as the file that ships."""
    from vigie.steps.data.build_gazetteer import HERE, build

    assert build(DATA / "geo") == (HERE / "communes.tsv.gz").read_bytes()
