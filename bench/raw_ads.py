"""Invented raw ads in the shape of Avito's result pages, for measures and soaks.

Deterministic for a seed: the same pages on every machine. Texts are put together from our own
words; no person, telephone number or address in them is real.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from vigie.model.capture import Capture, Entry, RunEnd, Scan, capture_id

SOURCE = "avito_ma"
PER_PAGE = 35
START = datetime(2026, 3, 1, 6, tzinfo=UTC)

_CITIES = ("Casablanca, Maarif", "Rabat, Agdal", "Marrakech, Guéliz", "Fès, Narjiss",
           "Tanger, Malabata", "Agadir, Talborjt", "Meknès, Hamria", "Oujda, Centre",
           "Kénitra, Maamora", "Salé, Tabriquet")  # fmt: skip
_THINGS = (
    ("Appartements", "1010", "Ventes Immobilières", "Appartement", "شقة", 300_000, 2_400_000),
    ("Voitures d'occasion", "2010", "Véhicules", "Voiture", "سيارة", 30_000, 400_000),
    ("Téléphones", "5010", "Informatique et Multimédia", "Téléphone", "هاتف", 400, 14_000),
    ("Meubles et Décoration", "6010", "Maison et Jardin", "Canapé", "أريكة", 300, 12_000),
    ("Vélos", "7010", "Loisirs", "Vélo", "دراجة", 500, 20_000),
)
_WORDS = ("lumineux", "calme", "récent", "rénové", "spacieux", "pratique", "soigné", "élégant")
_FRENCH = (
    "Je vends cet article parce que nous déménageons à la fin du mois.",
    "Il est en très bon état et n'a presque pas servi, visible tous les soirs après six heures.",
    "Le prix est à discuter pour les personnes sérieuses, pas d'échange sauf proposition honnête.",
    "Situé dans une rue calme, à deux pas du tramway, des écoles et du marché.",
    "La facture, la garantie et tous les accessoires sont fournis avec leur boîte.",
    "Le salon donne sur une grande terrasse, la cuisine est équipée, les chambres aussi.",
    "Entretien fait chez le concessionnaire, carnet à jour et pneus changés cette année.",
    "Premier propriétaire, aucun frais à prévoir, contrôle technique valable jusqu'en juin.",
    "Livraison possible dans toute la ville contre un petit supplément.",
    "Vous pouvez me joindre par la messagerie du site, je réponds dans la journée.",
    "L'immeuble dispose d'un ascenseur, d'un parking au sous-sol et d'un gardien.",
    "La batterie tient encore une journée entière et l'écran est sans rayure.",
    "Idéal pour une petite famille ou pour un investissement locatif.",
    "Quelques traces d'usage sur le côté, comme on le voit sur les photos.",
)
_ARABIC = (
    "للبيع في حالة جيدة جدا وبثمن مناسب.", "قريبة من المدرسة والسوق في حي هادئ.",
    "الثمن قابل للنقاش مع المشتري الجاد.", "تحتوي على صالون وغرفتين ومطبخ مجهز وحمام.",
    "مع جميع الوثائق والضمان.", "للمزيد من المعلومات المرجو الاتصال عبر الموقع.",
)  # fmt: skip


def ad(number: int, rng: random.Random, visit: int) -> dict[str, object]:
    """Return one ad as the page's JSON holds it; some have no price, some cost less each visit."""
    category, category_id, parent, french, arabic, low, high = _THINGS[number % len(_THINGS)]
    arabic_ad = number % 5 == 0
    said = rng.choices(_ARABIC if arabic_ad else _FRENCH, k=rng.randrange(4, 26))
    text = " ".join(said)
    if number % 3 == 0:
        half = len(said) // 2
        text = f"<p>{' '.join(said[:half])}</p><p><b>Détails</b> : {' '.join(said[half:])}</p>"
    cost = rng.randrange(low, high) // 100 * 100
    if visit and number % 17 == 0:
        cost = cost * (100 - 3 * visit) // 100
    subject = f"{arabic if arabic_ad else french} {rng.choice(_WORDS)} {rng.randrange(1, 400)} m²"
    return {
        "id": str(70_000_000 + number), "listId": str(50_000_000 + number), "subject": subject,
        "description": text,
        "category": {"name": category, "id": category_id, "formatted": f"{parent} - {category}",
                     "parent": {"id": parent}},
        "adType": {"key": "SELL", "label": "à vendre"},
        "price": {} if number % 11 == 0 else {"value": cost, "currency": "DH"},
        "seller": {"type": "STORE" if number % 4 == 0 else "PRIVATE", "name": ""},
        "location": _CITIES[number % len(_CITIES)],
        "date": f"il y a {rng.randrange(2, 50)} minutes",
        "images": [f"https://content.example/{number}-{n}.jpg" for n in range(number % 5)],
        "params": {"secondary": [{"key": "size", "label": "Surface", "value": 70, "unit": "m²"}]},
        "href": f"https://www.avito.ma/fr/x/{category_id}/annonce_{50_000_000 + number}.htm",
    }  # fmt: skip


def page(numbers: list[int], total: int, place: int, visit: int, seed: int) -> bytes:
    """Return one result page as HTML."""
    ads = [ad(n, random.Random(f"{seed}-{n}"), visit) for n in numbers]
    state = {"ad": {"search": {"ads": ads, "currentAll": total}}}
    told = {"props": {"pageProps": {"initialReduxState": state}}, "page": "/search"}
    cards = "".join(f'<a href="{a["href"]}"><p>{a["subject"]}</p></a>' for a in ads)
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return (
        f'<!DOCTYPE html><html lang="fr"><head><title>Annonces, page {place}</title></head><body>'
        f'<div id="__next">{cards}</div><script id="__NEXT_DATA__" type="application/json">{data}'
        "</script></body></html>"
    ).encode()


def entries(
    count: int, *, seed: int = 1, visit: int = 0, gone_from: int | None = None, bad_every: int = 0
) -> Iterator[Entry]:
    """Yield one complete run over *count* ads.

    Args:
        visit: 0 is the first; later ones have price changes.
        gone_from: Ads with this number or above are no longer listed.
        bad_every: Every so many pages one is a page without its data.
    """
    numbers = list(range(count if gone_from is None else min(count, gone_from)))
    run = f"2026-03-{1 + visit:02d}T06-00-00Z-b{seed:03d}"
    started = START + timedelta(days=visit)
    pages = 0
    for start in range(0, len(numbers), PER_PAGE):
        place = start // PER_PAGE + 1
        at = started + timedelta(seconds=place)
        body = page(numbers[start : start + PER_PAGE], len(numbers), place, visit, seed)
        if bad_every and place % bad_every == 0:
            body = b"<!DOCTYPE html><html><body>Maintenance</body></html>"
        url = f"https://www.avito.ma/fr/maroc/tout?o={place}"
        yield Capture(
            id=capture_id(source=SOURCE, url=url, body=body, at=at, status=200), at=at, url=url,
            source=SOURCE, body=body, run=run, watch="bench", query="all", status=200,
            headers=(("Content-Type", "text/html; charset=utf-8"),),
        )  # fmt: skip
        pages += 1
    ended = started + timedelta(hours=5)
    yield RunEnd(
        at=ended, source=SOURCE, run=run, watch="bench", query="all", scan=Scan.COMPLETE,
        started_at=started, pages=pages, misses=1,
    )  # fmt: skip
