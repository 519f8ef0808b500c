"""Invented listings of each kind, refined as the steps would leave them."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from vigie.model.fields import Kind
from vigie.model.identity import digest, listing_id
from vigie.model.kinds import AD, FIGURE, JOB, POST

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)

CITIES = (
    ("Lyon", "69", "84"),
    ("Paris", "75", "11"),
    ("Nantes", "44", "52"),
    ("Toulouse", "31", "76"),
    ("Lille", "59", "32"),
    ("Rennes", "35", "53"),
)
_TITLES = (
    "Data Engineer (H/F)",
    "Développeur Python",
    "Data Analyst",
    "Data Scientist senior",
    "Ingénieur BI",
    "Machine Learning Engineer",
    "Architecte data",
    "Analytics Engineer",
    "Développeuse d'applications mobiles",
    "Chef de projet décisionnel",
)
_COMPANIES = (
    "Armorique Données",
    "Cap Mesure",
    "Boréal Assurances",
    "Les Ateliers du Port",
    "Sémaphore Santé",
    "Groupe Estran",
    None,
)
_PAYS = (
    ("45-55 k€ brut/an", 45000, 55000, "year"),
    ("Mensuel de 2 800 Euros", 2800, 2800, "month"),
    ("38 000 € à 42 000 €", 38000, 42000, "year"),
    ("Horaire de 14,50 Euros", "14.5", "14.5", "hour"),
    ("selon profil", None, None, None),
    (None, None, None, None),
)
_ADS = (
    (
        "Auto - Moto",
        "Voitures",
        ("Renault Clio 4 diesel", "Dacia Duster 2019", "Peugeot 208 essence", "Yamaha MT-07"),
    ),
    (
        "Immobilier",
        "Appartements",
        (
            "Appartement 3 chambres Maarif",
            "Studio meublé à Agdal",
            "Villa avec jardin",
            "Terrain 300 m²",
        ),
    ),
    (
        "Multimédia",
        "Téléphones",
        ("iPhone 13 128 Go", "PC portable HP i5", "Samsung Galaxy S22", "PlayStation 5"),
    ),
)
_MOROCCO = ("Casablanca", "Rabat", "Marrakech", "Tanger", "Agadir", "Fès")


def row(
    kind: Kind, source: str, native_id: str, at: datetime, run: str, **values: Any
) -> dict[str, Any]:
    """One refined listing; every shown field is carried."""
    return {
        "id": listing_id(source, native_id),
        "source": source,
        "native_id": native_id,
        "run": run,
        "watch": "harbour",
        "query": "all",
        "capture_id": digest(source, run),
        "item": 0,
        "at": at,
        "read_at": at,
        "zone": "Europe/Paris",
        "reading": "full",
        "layer": "json-ld",
        "revision": 1,
        "carried": (1 << len(kind.shown)) - 1,
        **values,
    }


def job(source: str, number: int, dice: random.Random, run: str, at: datetime) -> dict[str, Any]:
    city, dep, region = dice.choice(CITIES)
    raw, low, high, period = dice.choice(_PAYS)
    title = dice.choice(_TITLES)
    company = dice.choice(_COMPANIES)
    months = {"year": 1, "month": 12, "hour": 1820}.get(period or "", 0)
    posted = NOW - timedelta(hours=dice.choice([2, 5, 20, 30, 49, 80, 200, 500]))
    # A third of the sites give a day and no hour.
    day = number % 3 == 0
    paras = (
        "Vous construisez les flux de données : collecte, contrôle, mise à disposition.",
        f"Poste basé à {city}. Deux jours de télétravail par semaine.",
    )
    return row(
        JOB,
        source,
        str(number),
        at,
        run,
        url=f"https://{source.replace('_', '-')}.example/offre/{number}",
        title=title,
        company=company,
        text="\n\n".join(paras),
        html="".join(f"<p>{p}</p>" for p in paras)
        + "<ul><li>Bac+5</li><li>3 ans d'expérience</li></ul>",
        lang="fr",
        posted_raw="il y a peu",
        posted_at=posted.replace(hour=23, minute=0) - timedelta(days=1) if day else posted,
        posted_precision="day" if day else "minute",
        place_raw=f"{dep} - {city.upper()}",
        place_city=city,
        place_dep=dep,
        place_region=region,
        place_country="FR",
        place_lat=45.76,
        place_lon=4.83,
        place_precision="city",
        contract_raw="CDI",
        contract=dice.choice(["permanent", "permanent", "fixed_term", "internship", "freelance"]),
        hours="full_time",
        remote=dice.choice([None, "onsite", "hybrid", "remote"]),
        experience_raw="3 ans minimum",
        experience_min_years=3.0,
        experience_level=dice.choice([None, "entry", "associate", "mid_senior"]),
        pay_raw=raw,
        pay_min=_money(low),
        pay_max=_money(high),
        pay_currency="EUR" if low else None,
        pay_period=period,
        pay_basis="gross" if raw and "brut" in raw else None,
        pay_year_min=_money(low, months),
        pay_year_max=_money(high, months),
        skills_raw=dice.sample(["Python", "SQL", "Airflow", "dbt", "Spark", "Power BI"], 3),
    )


def _money(amount: Any, times: int = 1) -> Decimal | None:
    return None if amount is None else Decimal(str(amount)) * times


def ad(
    source: str,
    number: int,
    dice: random.Random,
    run: str,
    at: datetime,
    *,
    price: int | None = None,
) -> dict[str, Any]:
    category, subcategory, titles = dice.choice(_ADS)
    city = dice.choice(_MOROCCO)
    amount = price if price is not None else dice.choice([None, 1200, 3500, 65000, 118000, 940000])
    posted = NOW - timedelta(minutes=dice.choice([6, 40, 300, 1400, 3000, 9000]))
    return row(
        AD,
        source,
        str(number),
        at,
        run,
        url=f"https://{source}.example/vi/{number}.htm",
        title=dice.choice(titles),
        text="Très bon état, première main. Visite possible le week-end.",
        lang="fr",
        posted_raw="il y a 6 minutes",
        posted_at=posted,
        posted_precision="minute",
        place_raw=f"{city}, Centre",
        place_city=city,
        place_country="MA",
        place_precision="city",
        category=category,
        subcategory=subcategory,
        offer="sell",
        price_raw=f"{amount:,} DH".replace(",", " ") if amount else "à discuter",
        price=_money(amount),
        price_currency="MAD" if amount else None,
        seller_type=dice.choice([None, "private", "professional"]),
        images=[
            f"https://img.{source}.example/{number}/{n}.jpg" for n in range(dice.choice([0, 1, 4]))
        ],
        attributes=["Kilométrage: 120 000 km", "Année: 2018", "Carburant: Diesel"],
    )


def post(number: int, run: str, at: datetime) -> dict[str, Any]:
    return row(
        POST,
        "fil",
        str(number),
        at,
        run,
        url=f"https://fil.example/@capitaine/{number}",
        text=f"Le débat de ce soir, partie {number}",
        text_plain="Le débat de ce soir",
        lang="fr",
        posted_at=NOW - timedelta(hours=number % 40),
        posted_precision="second",
        topic="Dupont" if number % 4 else "Durand",
        author_key=digest("author", str(number)),
        hashtags=["débat"],
        mentions=0,
        likes=number,
    )


def figure(dep: str, name: str, votes: int, run: str, at: datetime) -> dict[str, Any]:
    return row(
        FIGURE,
        "urnes",
        f"2022-1-{dep}",
        at,
        run,
        url="https://urnes.example/2022",
        table="presidentielle",
        year=2022,
        round=1,
        area_level="dep",
        area_code=dep,
        area_name=name,
        subject="Candidat A",
        measure="votes",
        value=float(votes),
        unit="votes",
    )
