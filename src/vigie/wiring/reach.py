"""Whether what the settings lead to can be reached, and what to do where it cannot.

Each look returns one line of what is there. It raises an error whose message says what to do.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from vigie.errors import ConfigError
from vigie.settings import Settings

if TYPE_CHECKING:
    from vigie.wiring.instance import Instance

JAVA: Final = 17
"""Oldest that Spark 4 and Kafka 4 run on."""
_UNUSED: Final = "not used by these settings"


def looks(here: "Instance") -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield what is looked at, by its name."""
    settings = here.settings
    yield "store", lambda: _store(here)
    yield "java", lambda: _java(needed=settings.process.engine == "spark")
    yield "spark", lambda: _spark(settings)
    yield "kafka", lambda: _kafka(here)
    yield "buckets", lambda: _buckets(settings)


def _store(here: "Instance") -> str:
    from sqlalchemy import text

    from vigie.store import dialect

    with here.store.database.reading() as connection:
        words = dialect.of(connection)
        asked = "SELECT sqlite_version()" if words is dialect.SQLITE else "SELECT version()"
        told = str(connection.execute(text(asked)).scalar())
    return f"{words.name} {told.partition(' (')[0].removeprefix('PostgreSQL ')}"


def _java(*, needed: bool) -> str:
    path = shutil.which("java")
    what_to_do = f"install Java {JAVA} or newer, such as openjdk-17-jre-headless (Debian)"
    if path is None:
        if needed:
            raise ConfigError(f"not here, and process.engine is spark: {what_to_do}")
        return "not here; only Spark and `vigie stack` need it"
    told = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if needed and (found is None or int(found[1]) < JAVA):
        raise ConfigError(f"{path} is {told.splitlines()[0] if told else 'silent'}: {what_to_do}")
    return f"{found[1] if found else '?'} at {path}"


def _spark(settings: Settings) -> str:
    try:
        here = version("pyspark")
    except PackageNotFoundError:
        if settings.process.engine == "spark":
            raise ConfigError("pyspark is not here: ./vigie extras installs it") from None
        return _UNUSED
    on_kafka = settings.spool.url.startswith("kafka:")
    found = re.search(r"spark-sql-kafka[^:,]*:([^,]+)", settings.spark.packages)
    wanted = found[1].strip() if found else here
    if on_kafka and wanted != here:
        raise ConfigError(
            f"pyspark is {here} but its Kafka connector {wanted}: set spark.packages to the "
            f"connector of {here}, or pip install pyspark=={wanted}"
        )
    return f"pyspark {here}, at {settings.spark.master}"


def _kafka(here: "Instance") -> str:
    from vigie.wiring.publishing import topics_of
    from vigie.wiring.spooling import brokers

    settings, told = here.settings, []
    if settings.spool.url.startswith("kafka:"):
        client = brokers(settings)
        told.append(f"{client.brokers}, {len(client.captures_topics())} topics of captures")
    if settings.kafka.brokers:
        client = brokers(settings, settings.kafka.brokers)
        topics = sorted({topic for names in topics_of(here).values() for topic in names})
        there = [topic for topic in topics if client.count(topic)]
        told.append(f"{client.brokers}, {len(there)} topics of listings")
        for topic in there:
            if "compact" not in client.topic_setting(topic, "cleanup.policy"):
                raise ConfigError(
                    f"the topic {topic} is not compacted: what is erased stays in it for its "
                    f"retention. Set cleanup.policy=compact on it"
                )
    return "; ".join(told) or _UNUSED


def check_store_url(settings: Settings) -> None:
    """Look at the store's address as it is written; nobody is asked.

    Raises:
        ConfigError: it is no address, or of no database that Vigie has a store for.
    """
    from vigie.store.address import address

    address(settings.store_url)


def _buckets(settings: Settings) -> str:
    named = {
        "spool.url": settings.spool.url, "lake.url": settings.lake.url,
        "landing.url": settings.landing.url, "kafka.beside_url": settings.kafka.beside_url,
    }  # fmt: skip
    urls = {name: url for name, url in named.items() if url.startswith("s3://")}
    for name, url in urls.items():
        _look_into(settings, name, url)
    return ", ".join(sorted(set(urls.values()))) or _UNUSED


def _look_into(settings: Settings, name: str, url: str) -> None:
    from vigie.wiring.spooling import object_store

    store = object_store(url, settings.objects)
    import obstore

    try:
        next(iter(obstore.list(store, chunk_size=1)), None)
    except Exception as error:  # its errors have no class in common
        why = " ".join(str(error).split())[:160]
        raise ConfigError(
            f"{name} = {url} cannot be listed ({why}): check that the bucket exists, and "
            f"[objects] endpoint_url, region and keys"
        ) from None
