"""A collector in a process of its own, to be killed or interrupted: folder, origin, pause."""

import sys
from pathlib import Path

from vigie import sources
from vigie.collect.job import Job, Options, Progress
from vigie.collect.run import collect
from vigie.model.capture import Query
from vigie.spool.files import FileSpool
from vigie.store import StoreAgenda, open_store


def told(news: Progress) -> None:
    print(news.pages, flush=True)


if __name__ == "__main__":
    folder, origin = Path(sys.argv[1]), sys.argv[2]
    store = open_store(f"sqlite:///{folder / 'vigie.db'}")
    spool = FileSpool(folder / "spool")
    queries = (Query(name="all"), Query(name="next"))
    job = Job(name="avito_ma", source=sources.make("avito_ma"), watch="w", queries=queries)
    options = Options(
        pause_seconds=float(sys.argv[3]) if len(sys.argv) > 3 else 0.1,
        allow_hosts=frozenset({origin.removeprefix("http://")}),
        rewrite={"https://gateway.avito.ma": origin},
    )
    print("start", flush=True)
    try:
        collect([job], spool, StoreAgenda(store.database), options, on_progress=told)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        spool.close()
