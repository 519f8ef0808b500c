"""Spark put together with an instance's parts: what workers are given, and where it runs."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pydantic import SecretStr

from vigie.config import KafkaSettings, ObjectsSettings, Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from vigie.contracts import Slicing
    from vigie.engines.batch import Recipe
    from vigie.engines.spark import Work
    from vigie.model.fates import Fates
    from vigie.model.position import Span
    from vigie.wiring.instance import Instance


def open_session(settings: Settings, master: str | None = None) -> "SparkSession":
    """Return Spark as the settings say; *master* wins over them.

    Raises:
        Missing: pyspark is not installed. ConfigError: Spark does not start.
    """
    from vigie.engines.spark import session

    spark = settings.spark
    packages = spark.packages if settings.spool.url.startswith("kafka:") else ""
    return session(
        master=master or spark.master, packages=packages, jars=spark.jars,
        driver_memory=spark.driver_memory, options=spark.options,
    )  # fmt: skip


def work_of(settings: Settings) -> "Work":
    """Return what workers need to read an instance's spool: its settings, without secrets."""
    from vigie.engines.spark import Work

    bare = without_secrets(settings)
    return Work(make_recipe=partial(recipe_of, bare), make_spool=partial(spool_of, bare))


def process_on_spark(
    here: "Instance", *, master: str | None = None,
    on_batch: "Callable[[Span, Fates], None] | None" = None,
) -> "Fates":  # fmt: skip
    """Drain a spool of files into the store with Spark."""
    from vigie.engines.spark import process

    here.spool.recover()
    spark = open_session(here.settings, master)
    return process(spark, here.spool, here.store, work_of(here.settings), on_batch=on_batch)


def without_secrets(settings: Settings) -> Settings:
    """Return the settings that workers are sent: no login, no password.

    What workers have to open themselves (a bucket) they open with their own machine's rights.
    """
    return settings.model_copy(
        update={
            "logins": {},
            "store": settings.store.model_copy(update={"url": ""}),
            "kafka": KafkaSettings(**settings.kafka.model_dump(exclude={"options"})),
            "objects": ObjectsSettings(
                **settings.objects.model_dump(exclude={"secret_access_key", "access_key_id"}),
                secret_access_key=SecretStr(""),
            ),
        }
    )


def recipe_of(settings: Settings) -> "Recipe":
    """Return the recipe, in a worker."""
    from vigie.wiring.parts import Parts

    return Parts(settings).recipe


def spool_of(settings: Settings) -> "Slicing":
    """Return the spool, in a worker."""
    from vigie.wiring.parts import Parts

    return Parts(settings).spool
