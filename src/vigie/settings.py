"""Every setting of Vigie: its type, its default and its meaning. `vigie.config` reads them.

Only the edge (command line, wiring) reads settings; everyone else is handed values. The reference
in the documentation is generated from here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX: Final = "VIGIE_"
"""What the environment's names of settings begin with."""


class Group(BaseModel):
    """Settings of one part, under one name."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class StoreSettings(Group):
    url: str = ""
    """Address of the database: `sqlite:///PATH`, `postgresql://USER:PASSWORD@HOST/DATABASE` or
    `mysql://USER:PASSWORD@HOST/DATABASE`. Empty: `vigie.db` in the data folder (SQLite)."""


class SpoolSettings(Group):
    url: str = ""
    """Where captures are kept when it is not a folder: `kafka://HOST:PORT` or `s3://BUCKET/PREFIX`."""
    folder: Path | None = None
    """Folder of the captures. Empty: `spool` in the data folder."""
    keep_days: float = Field(90, gt=0)
    """Captures older than this leave the spool, once processed."""
    keep_gb: float = Field(5, gt=0)
    """Most that the captures of one source may take, in 10^9 bytes; the oldest leave first."""


class KafkaSettings(Group):
    brokers: str = ""
    """Brokers that listings are published to (HOST:PORT, separated by commas). Empty: those of
    `spool.url`."""
    topic: str = "vigie-captures-{source}"
    """Topic of a source's captures: at least four letters or digits around `{source}`, so that no
    topic of others is taken for ours."""
    topics: dict[str, str] = {}
    """Topics of single sources, where they are not called so: source = "topic"."""
    partitions: int = Field(4, ge=1)
    """Partitions of a topic that Vigie creates."""
    replication: int = Field(1, ge=1)
    """Copies of each partition of a topic that Vigie creates."""
    body_limit_mb: float = Field(0.9, gt=0)
    """A body larger than this (10^6 bytes) is kept beside the topic and referred to."""
    beside_url: str = ""
    """Where such bodies are: a folder, or `s3://BUCKET/PREFIX` when other machines read them.
    Empty: `beside` in the folder of captures. No other instance may keep its bodies there."""
    listings_partitions: int = Field(4, ge=1)
    """Partitions of a topic of listings that Vigie creates."""
    options: dict[str, SecretStr] = {}
    """Options of librdkafka for all clients, such as `security.protocol`. Never shown."""


class ObjectsSettings(Group):
    endpoint_url: str = ""
    """Address of the S3 service. Empty: Amazon's."""
    region: str = "eu-west-3"
    """Region of the buckets."""
    access_key_id: str = ""
    """Empty: what the AWS environment variables, files or roles of the machine say."""
    secret_access_key: SecretStr = SecretStr("")
    """Goes with `access_key_id`. Never shown."""


class ProcessSettings(Group):
    engine: Literal["embedded", "spark"] = "embedded"
    """Where captures are read, cleaned and stored. Both give the same rows."""
    trigger: str = "10s"
    """How often, while a watch runs with `--every` on Spark: `10s`, `500ms`, `continuous`."""


class SparkSettings(Group):
    master: str = "local[*]"
    """Where Spark runs: `local[N]`, or the address of a cluster."""
    packages: str = "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0"
    """Maven packages that Spark fetches for itself. Empty: none, the jars are given."""
    jars: str = ""
    """Jars given to Spark, separated by commas."""
    driver_memory: str = "1g"
    """Memory of the driver's Java."""
    options: dict[str, SecretStr] = {}
    """Any other Spark setting, by its name; beginning with `kafka.`, one of Spark's own Kafka
    client. Never shown."""


class LakeSettings(Group):
    url: str = ""
    """Folder or `s3://BUCKET/PREFIX` of the Parquet files. Empty: `lake` in the data folder."""


class LandingSettings(Group):
    url: str = ""
    """Folder or `s3://BUCKET/PREFIX` that each run's listings land in. Empty: none land."""
    prefix: str = "data/"
    """What the landed files' names begin with."""
    command: str = ""
    """Next stage: run for each file that lands, its event (CloudEvents JSON) on standard input.
    When it fails, the file is told again."""


class CollectSettings(Group):
    contact: str = ""
    """Where a site can reach you (a mail or web address): it is put in the User-Agent."""
    pause_seconds: float = Field(1.0, ge=0.1)
    """Least pause between two requests to one host. A source or its site may ask for more."""
    timeout_seconds: float = Field(30, gt=0)
    """Longest wait for one answer."""
    retries: int = Field(3, ge=0, le=10)
    """Tries after the first, when a site fails or is busy."""
    redirects: int = Field(5, ge=0, le=20)
    """Redirects followed for one request."""
    body_limit_mb: float = Field(10, gt=0)
    """A page whose decompressed body is larger (10^6 bytes) is not kept; it is a failure."""
    proxy: str = ""
    """Address of a proxy that all requests go through. Empty: none."""


class ServeSettings(Group):
    host: str = "127.0.0.1"
    """Address to listen on. The default is this machine only."""
    port: int = Field(8000, ge=0, le=65535)
    """0: any free port."""
    workers: int = Field(1, ge=1, le=64)
    """Web processes."""
    index: bool = False
    """Whether search engines may index the pages. Off: a copy must not outrank its publisher."""
    language: Literal["fr", "en"] = "fr"
    """Language of pages for visitors whose browser asks for neither."""


class LogSettings(Group):
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe events that are logged, on standard error."""
    json_lines: bool | None = None
    """One JSON object a line. Empty: when standard error is not a terminal."""


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True,
        use_attribute_docstrings=True,
    )  # fmt: skip

    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("vigie")))
    """Folder of database, spool and search index."""
    watches_dir: Path | None = None
    """Folder of your own watches (TOML). Empty: `watches` in the data folder."""
    maps_dir: Path | None = None
    """Folder of your own maps of columns (TOML). Empty: `maps` in the data folder."""
    store: StoreSettings = StoreSettings()
    spool: SpoolSettings = SpoolSettings()
    kafka: KafkaSettings = KafkaSettings()
    objects: ObjectsSettings = ObjectsSettings()
    process: ProcessSettings = ProcessSettings()
    spark: SparkSettings = SparkSettings()
    lake: LakeSettings = LakeSettings()
    landing: LandingSettings = LandingSettings()
    collect: CollectSettings = CollectSettings()
    serve: ServeSettings = ServeSettings()
    log: LogSettings = LogSettings()
    sources: dict[str, dict[str, Any]] = {}
    """Settings of each source: `[sources.avito_ma]`."""
    logins: dict[str, dict[str, SecretStr]] = {}
    """Credentials of sources that need them: `[logins.france_travail]`. Never shown."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the library's signature
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_more: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values as given: `load` has already merged every origin."""
        return (init_settings,)

    @property
    def store_url(self) -> str:
        return self.store.url or f"sqlite:///{(self.data_dir / 'vigie.db').as_posix()}"

    @property
    def spool_folder(self) -> Path:
        return self.spool.folder or self.data_dir / "spool"

    @property
    def index_folder(self) -> Path:
        return self.data_dir / "index"

    @property
    def watches_folder(self) -> Path:
        return self.watches_dir or self.data_dir / "watches"

    @property
    def maps_folder(self) -> Path:
        return self.maps_dir or self.data_dir / "maps"


def leaves(settings: Settings) -> dict[str, Any]:
    """Return every setting by its dotted name; secrets stay hidden behind their type."""
    found: dict[str, Any] = {}

    def walk(prefix: str, model: BaseModel) -> None:
        for name in type(model).model_fields:
            value = getattr(model, name)
            if isinstance(value, BaseModel):
                walk(f"{prefix}{name}.", value)
            else:
                found[f"{prefix}{name}"] = value

    walk("", settings)
    return found


def is_secret(path: Sequence[str], model: type[BaseModel] = Settings) -> bool:
    """Return whether the setting at *path*, or all that is below or around it, is kept secret."""
    field = model.model_fields.get(path[0]) if path else None
    if field is None:
        return False
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return is_secret(path[1:], kind)
    return "SecretStr" in repr(kind)
