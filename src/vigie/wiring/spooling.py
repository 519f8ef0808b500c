"""Which spool the settings mean: a folder, Kafka, or a bucket."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vigie.contracts import Spool
from vigie.errors import ConfigError, Missing
from vigie.settings import ObjectsSettings, Settings

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from vigie.spool.beside import Beside
    from vigie.spool.kafka import KafkaSpool
    from vigie.spool.kafka_client import Brokers
    from vigie.spool.waiting import WaitingSpool


class OpenSpool(Spool, Protocol):
    """A spool as the instance holds it."""

    def recover(self) -> int:
        """Bring in order what writers that died have left; return how much that was."""

    def close(self) -> None:
        """Seal, deliver and let go; it may be used again."""


def open_spool(settings: Settings) -> OpenSpool:
    """Return the spool of `spool.url`; files in a folder when there is none.

    Raises:
        ConfigError: the address is none of ours. Missing: its packages are not installed.
    """
    scheme, _, rest = settings.spool.url.partition("://")
    if not settings.spool.url:
        from vigie.spool.files import FileSpool

        return FileSpool(settings.spool_folder)
    if scheme == "kafka" and rest:
        return _kafka(settings)
    if scheme == "s3" and rest:
        store = object_store(settings.spool.url, settings.objects)
        from vigie.spool.bucket import Bucket
        from vigie.spool.objects import ObjectSpool

        here = settings.spool_folder
        return ObjectSpool(Bucket(store, here / "cache"), here / "outbox")
    raise ConfigError(
        f"spool.url = {settings.spool.url!r}: expected kafka://HOST:PORT or s3://BUCKET/PREFIX"
    )


def left_behind(settings: Settings) -> list[Path]:
    """Return the segments that wait here for a bucket or for brokers that `spool.url` names no
    more: nothing delivers them."""
    scheme = settings.spool.url.partition("://")[0]
    rooms = {"outbox": "s3", "waiting": "kafka"}
    return sorted(
        path
        for room, owner in rooms.items()
        if owner != scheme
        for path in (settings.spool_folder / room).glob("**/*.warc.gz*")
    )


def brokers(settings: Settings, at: str = "") -> "Brokers":
    """Return the brokers *at* HOST:PORT, by default those of `spool.url`, with the settings'
    options and topics.

    Raises:
        Missing: the client is not installed. ConfigError: the address names no broker.
    """
    try:
        from vigie.spool.kafka_client import Brokers, brokers_of
    except ModuleNotFoundError as error:
        if error.name != "confluent_kafka":
            raise
        raise Missing("a spool on Kafka", "kafka") from None
    kafka = settings.kafka
    return Brokers(
        at or brokers_of(settings.spool.url), topic=kafka.topic, topics=kafka.topics,
        partitions=kafka.partitions, replication=kafka.replication,
        options={name: value.get_secret_value() for name, value in kafka.options.items()},
    )  # fmt: skip


def object_store(url: str, objects: ObjectsSettings) -> "ObjectStore":
    """Return the bucket and prefix of ``s3://BUCKET/PREFIX``.

    Raises:
        ConfigError: it names no bucket. Missing: the client is not installed.
    """
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise ConfigError(f"{url!r}: expected s3://BUCKET/PREFIX")
    try:
        from obstore.store import S3Store
    except ModuleNotFoundError:
        raise Missing(f"{url!r}", "s3") from None
    options: dict[str, object] = {"region": objects.region}
    if objects.endpoint_url:
        options["endpoint"] = objects.endpoint_url
        options["client_options"] = {"allow_http": objects.endpoint_url.startswith("http://")}
    if objects.access_key_id:
        options["access_key_id"] = objects.access_key_id
        options["secret_access_key"] = objects.secret_access_key.get_secret_value()
    return S3Store(bucket, prefix=prefix.strip("/") or None, **options)  # type: ignore[arg-type]  # its options by their names


def _kafka(settings: Settings) -> "WaitingSpool":
    spool = kafka_spool(settings)
    from vigie.spool.waiting import WaitingSpool

    return WaitingSpool(spool, settings.spool_folder / "waiting")


def kafka_spool(settings: Settings) -> "KafkaSpool":
    """Return the spool on Kafka, without its waiting room."""
    client = brokers(settings)
    from vigie.spool.kafka import KafkaSpool

    limit = int(settings.kafka.body_limit_mb * 1e6)
    return KafkaSpool(client, settings.spool_folder, _beside(settings), body_limit_bytes=limit)


def _beside(settings: Settings) -> "Beside":
    from vigie.spool.beside import FolderBeside, ObjectBeside

    if settings.kafka.beside_url.startswith("s3://"):
        return ObjectBeside(object_store(settings.kafka.beside_url, settings.objects))
    return FolderBeside(Path(settings.kafka.beside_url or settings.spool_folder / "beside"))
