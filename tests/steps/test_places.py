"""Places: names from the text, coordinates where they can be."""

import pytest

from tests.steps.rows import refine
from vigie.steps.clean.gazetteer import dep_of_postal, departements, moroccan
from vigie.steps.clean.place_text import read_place

# text: city | commune | département | region | country
PLACES = (
    ("69 - LYON 02", "Lyon|69123|69|84|FR"),
    ("31 - TOULOUSE", "Toulouse|31555|31|76|FR"),
    ("13 - AIX EN PROVENCE", "Aix-en-Provence|13001|13|93|FR"),
    ("69 - OULLINS PIERRE BENITE", "Oullins-Pierre-Bénite|69149|69|84|FR"),
    ("69 - PIERRE BENITE", "Oullins-Pierre-Bénite|69149|69|84|FR"),
    ("92 - ST CLOUD", "Saint-Cloud|92064|92|11|FR"),
    ("76 - LE HAVRE", "Le Havre|76351|76|28|FR"),
    ("71 - CHALON S/ SAONE", "Chalon-sur-Saône|71076|71|27|FR"),
    ("2A - AJACCIO", "Ajaccio|2A004|2A|94|FR"),
    ("974 - ST DENIS", "Saint-Denis|97411|974|04|FR"),
    ("58 - Nièvre", "||58|27|FR"),
    ("Corse du sud", "||2A|94|FR"),
    ("La Réunion", "||974|04|FR"),
    ("Île-de-France", "|||11|FR"),
    ("Rhône-Alpes", "|||84|FR"),
    ("France", "||||FR"),
    ("Paris (75)", "Paris|75056|75|11|FR"),
    ("75002 Paris", "Paris|75056|75|11|FR"),
    ("Paris 15e, Île-de-France", "Paris|75056|75|11|FR"),
    ("Lyon 3e", "Lyon|69123|69|84|FR"),
    ("69253 Lyon Cedex 02", "Lyon|69123|69|84|FR"),
    ("Marseille 8e Arrondissement", "Marseille|13055|13|93|FR"),
    ("59650 Villeneuve-d'Ascq", "Villeneuve-d'Ascq|59009|59|32|FR"),
    ("Huttenheim (67)", "Huttenheim|67216|67|44|FR"),
    ("Lille, Hauts-de-France, France", "Lille|59350|59|32|FR"),
    ("Courbevoie, Hauts-de-Seine", "Courbevoie|92026|92|11|FR"),
    ("Greater Paris Metropolitan Region", "Paris|75056|75|11|FR"),
    ("Paris et périphérie", "Paris|75056|75|11|FR"),
    ("La Défense (92)", "La Défense||92|11|FR"),
    ("Valence", "Valence|26362|26|84|FR"),
    ("Vienne", "Vienne|38544|38|84|FR"),
    ("Saint-Denis", "Saint-Denis||||FR"),
    ("Remote - Paris", "Paris|75056|75|11|FR"),
    ("Casablanca, Maarif", "Casablanca|||Casablanca-Settat|MA"),
    ("Agdal, Rabat", "Rabat|||Rabat-Salé-Kénitra|MA"),
    ("Casablanca, MA", "Casablanca|||Casablanca-Settat|MA"),
    ("الدار البيضاء", "Casablanca|||Casablanca-Settat|MA"),
    ("Tanger, Maroc", "Tanger|||Tanger-Tétouan-Al Hoceïma|MA"),
    ("Quebec, Canada", "|||Quebec|CA"),
    ("Barrie, Ontario, Canada", "Barrie|||Ontario|CA"),
    ("New York, NY", "New York|||New York|US"),
    ("Adelphi, MD", "Adelphi|||Maryland|US"),
    ("1 Circle Star Way, San Carlos, California", "San Carlos|||California|US"),
    ("Atlanta, Georgia", "Atlanta|||Georgia|US"),
    ("London, England, GB", "London|||England|GB"),
    ("London, LND, GB", "London||||GB"),
    ("Toronto, ON, CA", "Toronto|||Ontario|CA"),
    ("Hamilton, NJ", "Hamilton|||New Jersey|US"),
    ("Columbus, Ohio Metropolitan Area", "Columbus|||Ohio|US"),
    ("Sunnyvale, US-CA", "Sunnyvale|||California|US"),
    ("1200 Park Pl, San Mateo, California 94403", "San Mateo|||California|US"),
    ("Cambridge, MA USA", "Cambridge|||Massachusetts|US"),
    ("Remote - US", "||||US"),
    ("Remote Canada", "||||CA"),
    ("Berlin, DE", "Berlin||||DE"),
    ("Genève", "Geneva||||CH"),
    ("Karachi, Sindh, Pakistan", "Karachi||||PK"),
    ("Remote", "||||"),
    ("Partout", "||||"),
)


@pytest.mark.parametrize(("shown", "expected"), PLACES)
def test_a_place_is_recognised(shown: str, expected: str) -> None:
    """City, commune, département, region and country as far as the text says, no further."""
    place = read_place(shown, None, None, None, "Europe/Paris")

    assert [value or "" for value in place[:5]] == expected.split("|")


def test_a_bare_name_is_looked_for_where_the_site_is() -> None:
    """Fès is a town on a Moroccan site; a hamlet's namesake abroad is not a French commune."""
    assert read_place("Sefrou", None, None, None, "Africa/Casablanca").country == "MA"
    assert read_place("Lima", None, None, None, "America/New_York").country == "PE"
    assert read_place("Paris", None, None, None, "America/New_York").commune == "75056"


def test_codes_decide_before_names() -> None:
    """A commune's code, a postal code or a country given apart is believed first."""
    assert read_place("FRANCE", "69381", None, None, "Europe/Paris").commune == "69123"
    assert read_place("Saint-Denis", None, "93200", None, "Europe/Paris").commune == "93066"
    assert read_place(None, None, "20090", None, "Europe/Paris").dep == "2A"
    assert read_place("Vienne", None, None, "Autriche", "Europe/Paris").country == "AT"


@pytest.mark.parametrize(
    ("postal", "dep"),
    [
        ("20000", "2A"),
        ("20200", "2B"),
        ("97400", "974"),
        ("01000", "01"),
        ("99999", None),
        ("7500", None),
    ],
)
def test_a_postal_code_tells_the_departement(postal: str, dep: str | None) -> None:
    """Corsica and overseas included; an impossible code tells none."""
    assert dep_of_postal(postal) == dep


def test_the_tables_are_whole() -> None:
    """101 départements; Morocco's twelve regions."""
    assert len(departements()) == 101
    assert len({city.region for city in moroccan().values()}) == 12


def test_the_site_s_point_wins_where_it_can_be() -> None:
    """A possible point is kept; an impossible one gives way to the city's centre."""
    near = refine("job", place_raw="91 - MASSY", lat_raw="48,7309", lon_raw="2.2713")
    far = refine("job", place_raw="91 - MASSY", lat_raw="33.1032", lon_raw="-96.6706")
    zero = refine("job", place_raw="France", lat_raw="0", lon_raw="0.0")
    island = refine("job", place_raw="974 - ST DENIS", lat_raw="-20.88", lon_raw="55.45")

    assert (near["place_lat"], near["place_lon"], near["place_precision"]) == (
        48.7309,
        2.2713,
        "point",
    )
    assert far["place_precision"] == "city"
    assert far["place_lat"] == pytest.approx(48.73, abs=0.02)
    assert (zero["place_lat"], zero["place_precision"]) == (None, "country")
    assert island["place_precision"] == "point"
