"""Cities of the invented world; the cities are real, so that maps and filters work.

INSEE codes, postal codes and coordinates: Code officiel géographique and Base Adresse Nationale
(Licence Ouverte 2.0). City numbers of Avito.ma that are not known to us are our own.
"""

from typing import Final, NamedTuple


class City(NamedTuple):
    """A French commune."""

    name: str
    dep: str
    postal: str
    insee: str
    lat: float
    lon: float
    weight: int


class Town(NamedTuple):
    """A Moroccan city and some of its areas, as classified ads name them."""

    id: int
    name: str
    arabic: str
    areas: tuple[str, ...]
    weight: int


FRANCE: Final = (
    City("Paris", "75", "75009", "75109", 48.8769, 2.3379, 40),
    City("Paris", "75", "75013", "75113", 48.8283, 2.3622, 18),
    City("Lyon", "69", "69003", "69383", 45.7531, 4.8691, 20),
    City("Villeurbanne", "69", "69100", "69266", 45.7733, 4.8869, 6),
    City("Marseille", "13", "13002", "13202", 43.3045, 5.3661, 11),
    City("Toulouse", "31", "31000", "31555", 43.6007, 1.4328, 15),
    City("Nice", "06", "06000", "06088", 43.7119, 7.2385, 7),
    City("Nantes", "44", "44000", "44109", 47.2316, -1.5483, 14),
    City("Montpellier", "34", "34000", "34172", 43.6100, 3.8742, 8),
    City("Strasbourg", "67", "67000", "67482", 48.5691, 7.7621, 8),
    City("Bordeaux", "33", "33000", "33063", 44.8624, -0.5848, 12),
    City("Lille", "59", "59000", "59350", 50.6311, 3.0468, 11),
    City("Rennes", "35", "35000", "35238", 48.1113, -1.6800, 10),
    City("Grenoble", "38", "38000", "38185", 45.1842, 5.7155, 8),
    City("Toulon", "83", "83000", "83137", 43.1364, 5.9334, 4),
    City("Angers", "49", "49000", "49007", 47.4766, -0.5563, 5),
    City("Dijon", "21", "21000", "21231", 47.3319, 5.0322, 4),
    City("Brest", "29", "29200", "29019", 48.4084, -4.4996, 4),
    City("Le Mans", "72", "72000", "72181", 47.9885, 0.1995, 3),
    City("Clermont-Ferrand", "63", "63000", "63113", 45.7854, 3.1157, 4),
    City("Tours", "37", "37000", "37261", 47.3948, 0.6949, 4),
    City("Limoges", "87", "87000", "87085", 45.8567, 1.2260, 3),
    City("Amiens", "80", "80000", "80021", 49.8987, 2.2847, 3),
    City("Metz", "57", "57000", "57463", 49.1081, 6.1955, 3),
    City("Perpignan", "66", "66000", "66136", 42.6990, 2.9045, 3),
    City("Orléans", "45", "45000", "45234", 47.8828, 1.9160, 4),
    City("Mulhouse", "68", "68100", "68224", 47.7494, 7.3258, 3),
    City("Rouen", "76", "76000", "76540", 49.4414, 1.0913, 4),
    City("Caen", "14", "14000", "14118", 49.1846, -0.3722, 4),
    City("Nancy", "54", "54000", "54395", 48.6881, 6.1734, 4),
    City("Ajaccio", "2A", "20000", "2A004", 41.9347, 8.7013, 1),
    City("Pau", "64", "64000", "64445", 43.3219, -0.3425, 3),
    City("La Rochelle", "17", "17000", "17300", 46.1621, -1.1765, 3),
    City("Annecy", "74", "74000", "74010", 45.9024, 6.1264, 4),
    City("Valence", "26", "26000", "26362", 44.9229, 4.9146, 2),
    City("Quimper", "29", "29000", "29232", 47.9971, -4.0978, 2),
    City("Puteaux", "92", "92800", "92062", 48.8836, 2.2382, 9),
    City("Saint-Denis", "93", "93200", "93066", 48.9300, 2.3613, 5),
    City("Massy", "91", "91300", "91377", 48.7276, 2.2747, 3),
    City("Saint-Denis", "974", "97400", "97411", -20.9329, 55.4475, 2),
)

MOROCCO: Final = (
    Town(5, "Casablanca", "الدار البيضاء", ("Maârif", "Ain Sebaâ", "Sidi Maârouf", "Bourgogne",
         "Oulfa", "Hay Hassani", "Racine"), 32),
    Town(4, "Rabat", "الرباط", ("Agdal", "Hay Riad", "Océan", "Souissi", "Hassan"), 14),
    Town(8, "Marrakech", "مراكش", ("Guéliz", "Targa", "Massira", "Hivernage", "Daoudiate"), 13),
    Town(15, "Tanger", "طنجة", ("Malabata", "Iberia", "Branes", "Moujahidine"), 11),
    Town(12, "Agadir", "أكادير", ("Hay Mohammadi", "Founty", "Dakhla", "Talborjt"), 9),
    Town(7, "Fès", "فاس", ("Route d'Imouzzer", "Narjiss", "Saada", "Atlas"), 8),
    Town(9, "Meknès", "مكناس", ("Hamria", "Marjane", "Bassatine"), 6),
    Town(11, "Oujda", "وجدة", ("Hay Al Qods", "Lazaret"), 4),
    Town(13, "Kénitra", "القنيطرة", ("Maamora", "Bir Rami", "Ouled Oujih"), 5),
    Town(16, "Tétouan", "تطوان", ("Wilaya", "Touta"), 4),
    Town(20, "Salé", "سلا", ("Tabriquet", "Hay Salam", "Bettana"), 5),
    Town(21, "Mohammedia", "المحمدية", ("Alia", "Parc"), 4),
    Town(22, "El Jadida", "الجديدة", ("Najd", "Essalam"), 3),
    Town(23, "Essaouira", "الصويرة", ("Ghazoua", "Toute la ville"), 2),
)  # fmt: skip
