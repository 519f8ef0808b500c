"""How fast the stand-in sites answer: pages a CPU second, both ends in one process.

    .venv/bin/python bench/stage.py

A bench that collects from them measures Vigie only while they answer much faster than it asks.
"""

import http.client
import time
from urllib.parse import urlsplit

PATHS = {
    "avito_ma": "/fr/maroc?o=2",
    "marocannonces": "/categorie/15/Auto-Moto.html",
    "france_travail": "/partenaire/offresdemploi/v2/offres/search?motsCles=data",
}
PAGES = 600


def main() -> None:
    from vigie.demo import Stage
    from vigie.wiring import now

    with Stage(7, now(), jobs=300, ads=300, only=list(PATHS)) as stage:
        for site, path in PATHS.items():
            connection = http.client.HTTPConnection(urlsplit(stage.origin(site)).netloc)
            started, wall = time.process_time(), time.perf_counter()
            for _ in range(PAGES):
                connection.request("GET", path, headers={"Authorization": "Bearer demo-x"})
                connection.getresponse().read()
            spent, passed = time.process_time() - started, time.perf_counter() - wall
            connection.close()
            print(f"{site:16} {PAGES / spent:6.0f} pages a CPU second, {PAGES / passed:6.0f} /s")


if __name__ == "__main__":
    main()
