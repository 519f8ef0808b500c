"""What the invented classified ads are made of: categories, wares, and sentences of our own."""

from typing import Final, NamedTuple


class Ware(NamedTuple):
    """A kind of thing that is offered."""

    category: str
    """Name of the category, as Avito.ma shows it."""
    category_id: int
    slug: str
    parent: str
    parent_id: int
    block: str
    """Category of MarocAnnonces; empty: not offered there."""
    folder: str
    """Its section in addresses of MarocAnnonces."""
    picture: str
    offer: tuple[str, str]
    names: tuple[str, ...]
    arabic: tuple[str, ...]
    english: tuple[str, ...]
    price: tuple[int, int]
    """Dirhams, from … to …."""
    facts: tuple[tuple[str, str, tuple[str, ...], str], ...]
    """Key, label, values, unit."""
    weight: int


_SELL, _RENT = ("SELL", "à vendre"), ("RENT", "à louer")
_ROOMS = ("rooms", "Chambres", ("1", "2", "3", "4"), "")
_SIZE = ("size", "Surface totale", ("48", "62", "75", "88", "96", "110", "134", "160"), "m²")
_FLOOR = ("floor", "Étage", ("Rez de chaussée", "1", "2", "3", "4", "5"), "")
_YEAR = ("regdate", "Année-Modèle", tuple(str(year) for year in range(2006, 2026)), "")
_KM = ("mileage", "Kilométrage", ("12 000", "48 500", "76 000", "104 000", "152 000", "210 000"),
       "km")  # fmt: skip
_FUEL = ("fuel", "Type de carburant", ("Diesel", "Essence", "Hybride", "Électrique"), "")
_GEAR = ("bv", "Boite de vitesses", ("Manuelle", "Automatique"), "")
_STATE = ("condition", "État", ("Neuf", "Comme neuf", "Bon état", "État moyen"), "")
_MEMORY = ("capacity", "Capacité de stockage", ("64", "128", "256", "512"), "Go")

WARES: Final = (
    Ware(
        "Appartements",
        1010,
        "appartements-à_vendre",
        "Ventes Immobilières",
        1200,
        "Immobilier",
        "Appartements",
        "flat",
        _SELL,
        (
            "Appartement de {size} m² à {area}",
            "Bel appartement {rooms} chambres {area}",
            "Appart haut standing {city}",
            "Appartement ensoleillé, vue dégagée",
        ),
        ("شقة للبيع في {arabic}", "شقة جميلة {rooms} غرف {arabic}"),
        ("Bright {rooms}-bedroom flat in {area}",),
        (380000, 2400000),
        (_ROOMS, _SIZE, _FLOOR),
        16,
    ),
    Ware(
        "Appartements",
        1010,
        "appartements-à_louer",
        "Locations Immobilières",
        1201,
        "Immobilier",
        "Location-appartement",
        "flat",
        _RENT,
        (
            "Appartement meublé à louer {area}",
            "Studio {size} m² proche tram",
            "Location {rooms} chambres {city}",
        ),
        ("شقة للكراء {arabic}",),
        ("Furnished flat for rent, {area}",),
        (2200, 14000),
        (_ROOMS, _SIZE, _FLOOR),
        9,
    ),
    Ware(
        "Maisons et villas",
        1030,
        "maisons_et_villas-à_vendre",
        "Ventes Immobilières",
        1200,
        "Immobilier",
        "Villas",
        "house",
        _SELL,
        (
            "Villa avec jardin à {area}",
            "Maison familiale {rooms} chambres",
            "Villa {size} m² {city}",
        ),
        ("فيلا للبيع {arabic}", "منزل للبيع في {arabic}"),
        ("Villa with garden, {city}",),
        (950000, 7800000),
        (_ROOMS, _SIZE),
        7,
    ),
    Ware(
        "Terrains et fermes",
        1080,
        "terrains_et_fermes-à_vendre",
        "Ventes Immobilières",
        1200,
        "Immobilier",
        "Terrains",
        "land",
        _SELL,
        ("Terrain titré {size} m² {city}", "Ferme avec oliviers près de {city}"),
        ("بقعة أرضية للبيع {arabic}",),
        (),
        (180000, 3500000),
        (_SIZE,),
        4,
    ),
    Ware(
        "Voitures",
        2010,
        "voitures-à_vendre",
        "Véhicules",
        2000,
        "Auto-Moto",
        "Voitures-occasion",
        "car",
        _SELL,
        (
            "Dacia Logan {year} diesel",
            "Renault Clio 4 {year}",
            "Peugeot 208 première main",
            "Volkswagen Golf 7 {year}",
            "Hyundai i10 {year} essence",
            "Dacia Duster 4x2 {year}",
            "Fiat 500 {year} toutes options",
            "Toyota Yaris hybride {year}",
            "Citroën C3 {year}",
        ),
        ("داسيا لوكان {year} نقية", "رونو كليو {year} للبيع"),
        ("Kia Picanto {year}, one owner",),
        (38000, 285000),
        (_YEAR, _KM, _FUEL, _GEAR),
        20,
    ),
    Ware(
        "Motos",
        2060,
        "motos-à_vendre",
        "Véhicules",
        2000,
        "Auto-Moto",
        "Motos",
        "motorbike",
        _SELL,
        (
            "Scooter 125 peu roulé",
            "Moto Yamaha {year}",
            "Honda PCX {year}",
            "Docker 49 cc très propre",
        ),
        ("دراجة نارية للبيع",),
        ("Scooter, low mileage",),
        (4500, 68000),
        (_YEAR, _KM),
        6,
    ),
    Ware(
        "Téléphones",
        5010,
        "téléphones-à_vendre",
        "Informatique et Multimédia",
        5000,
        "Multimédia",
        "Téléphones",
        "phone",
        _SELL,
        (
            "iPhone 12 {memory} Go",
            "Samsung Galaxy A54 neuf",
            "iPhone 13 Pro batterie 89 %",
            "Xiaomi Redmi Note 12",
            "Galaxy S22 {memory} Go double SIM",
            "Tecno Camon 20",
        ),
        ("ايفون 11 في حالة جيدة", "هاتف سامسونغ للبيع"),
        ("iPhone 14, boxed, {memory} GB",),
        (650, 11500),
        (_STATE, _MEMORY),
        14,
    ),
    Ware(
        "Ordinateurs portables",
        5030,
        "ordinateurs_portables-à_vendre",
        "Informatique et Multimédia",
        5000,
        "Multimédia",
        "Ordinateurs-portables",
        "laptop",
        _SELL,
        (
            "PC portable Dell i5 {memory} Go SSD",
            "MacBook Air M1 comme neuf",
            "HP EliteBook 840 reconditionné",
            "Lenovo ThinkPad T480",
        ),
        ("حاسوب محمول للبيع",),
        ("ThinkPad X1, ready to use",),
        (1400, 16500),
        (_STATE, _MEMORY),
        9,
    ),
    Ware(
        "Jeux vidéo et Consoles",
        5050,
        "jeux_vidéo_et_consoles-à_vendre",
        "Informatique et Multimédia",
        5000,
        "Multimédia",
        "Consoles",
        "console",
        _SELL,
        ("PS4 Slim avec deux manettes", "Nintendo Switch + 3 jeux", "PS5 édition standard"),
        ("بلايستيشن 4 للبيع",),
        ("Xbox Series S with games",),
        (900, 6200),
        (_STATE,),
        5,
    ),
    Ware(
        "Meubles et Décoration",
        3010,
        "meubles_et_décoration-à_vendre",
        "Maison et Jardin",
        3000,
        "",
        "",
        "sofa",
        _SELL,
        (
            "Salon marocain complet",
            "Canapé d'angle gris",
            "Table en bois massif et six chaises",
            "Armoire trois portes",
        ),
        ("صالون مغربي كامل", "طاولة خشبية"),
        ("Corner sofa, like new",),
        (350, 14000),
        (_STATE,),
        8,
    ),
    Ware(
        "Electroménager et Vaisselles",
        3020,
        "electroménager_et_vaisselles-à_vendre",
        "Maison et Jardin",
        3000,
        "",
        "",
        "fridge",
        _SELL,
        ("Réfrigérateur 300 litres", "Machine à laver 7 kg", "Four encastrable"),
        ("ثلاجة للبيع", "آلة غسيل"),
        (),
        (450, 7500),
        (_STATE,),
        6,
    ),
    Ware(
        "Vélos",
        4040,
        "vélos-à_vendre",
        "Loisirs et Divertissement",
        4000,
        "",
        "",
        "bike",
        _SELL,
        ("VTT 27,5 pouces", "Vélo de ville hollandais", "Vélo électrique pliant"),
        ("دراجة هوائية",),
        ("Road bike, size M",),
        (600, 9500),
        (_STATE,),
        5,
    ),
)

FIRST_NAMES: Final = ("Karim", "Salma", "Youssef", "Nadia", "Omar", "Imane", "Hamza", "Zineb",
                      "Anas", "Kenza", "Ilyas", "Meryem")  # fmt: skip
FICTION: Final = ("Imaginaire", "Fictif", "Exemple", "Chimère", "Fabula", "Romanesque", "Inventé")
"""Surnames that nobody bears: sellers of the stand-ins are nobody."""
SHOPS: Final = ("Auto Mirage", "Immo Chimère", "Boutique Fabula", "Galerie Romanesque",
                "Comptoir Imaginaire", "Garage Exemple", "Électro Fiction")  # fmt: skip

FRENCH: Final = (
    "Je vends car je déménage à la fin du mois.", "Très bon état, entretenu avec soin.",
    "Visible à {area} en soirée et le week-end.", "Prix légèrement négociable après visite.",
    "Aucun frais à prévoir.", "Curieux et échanges s'abstenir, merci.", "Photos prises ce matin.",
    "Je réponds à tous les messages dans la journée.",
)  # fmt: skip
"""Said of anything."""
ABOUT_HOMES: Final = (
    "Quartier calme, à dix minutes des commerces.", "Titre foncier individuel, dossier complet.",
    "Cuisine équipée et double exposition.", "Une école et une pharmacie dans la rue.",
    "Place de parking en sous-sol.", "Chauffe-eau solaire posé l'an dernier.",
)  # fmt: skip
ABOUT_VEHICLES: Final = (
    "Première main, carnet d'entretien à jour.", "Pneus et freins changés cette année.",
    "Une petite trace sur le côté, voir la deuxième photo.", "Visite technique de ce mois-ci.",
    "Double des clés et facture d'origine.",
)  # fmt: skip
ABOUT_GOODS: Final = (
    "Vendu avec tous ses accessoires et sa facture.", "Première main, jamais prêté.",
    "Livraison possible dans {city}.", "Une petite rayure, voir la deuxième photo.",
    "Encore sous garantie quelques mois.",
)  # fmt: skip
ARABIC: Final = (
    "في حالة جيدة جدا ونظيفة.", "الثمن قابل للنقاش بعد المعاينة.", "البيع بسبب السفر.",
    "متوفر في {arabic} كل يوم بعد الخامسة مساء.", "جميع الوثائق جاهزة.",
    "المرجو الاتصال للجادين فقط.", "قريب من المدارس والمحلات.", "استعمال شخصي فقط.",
)  # fmt: skip
ENGLISH: Final = (
    "Selling because I am moving abroad.", "Works perfectly, used with care.",
    "Can be seen in {area} any evening.", "Price is open to a fair offer.",
    "Comes with the original box and receipt.", "No swaps, please.",
)  # fmt: skip
