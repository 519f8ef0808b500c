"""A process that saves batches, for tests that want several at once: ADDRESS PARTITION BATCHES."""

import sys

from tests.store.batches import batch, seen
from vigie.model.position import Span
from vigie.store import open_store


def main(url: str, partition: str, batches: int) -> None:
    """Save what is missing of *batches* of twenty ads; half of them are every writer's."""
    store = open_store(url)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(store.positions("p").get(partition, 0), batches):
        rows = [
            seen(f"ours {n}" if n % 2 else f"{partition} {number} {n}", number, item=n,
                 run=partition, query=partition, capture=f"{partition}{number}"[-16:],
                 title=f"{partition} {number}")
            for n in range(20)
        ]  # fmt: skip
        fates = store.save(batch(rows), Span("p", partition, number, number + 1))
        print(fates.found, flush=True)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
