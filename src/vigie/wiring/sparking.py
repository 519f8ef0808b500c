"""Spark put together with an instance's parts: what workers are given, and where it runs."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import structlog
from pydantic import SecretStr

from vigie.errors import ConfigError, SpoolError, StoreError, ViewError, VigieError
from vigie.settings import KafkaSettings, ObjectsSettings, Settings

AVAILABLE_NOW: Final = "available-now"
CONTINUOUS: Final = "continuous"
Trigger = str | float
"""`AVAILABLE_NOW`, `CONTINUOUS`, or the seconds between two batches."""
KAFKA_OPTION: Final = "kafka."
"""What begins so is for Spark's own Kafka client, which reads no setting of Spark."""
RESTLESS_SECONDS: Final = 0.05
DELIVER_SECONDS: Final = 15.0
"""Between two looks at what waits for Kafka's brokers, while a stream is followed."""

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from vigie.contracts import Slicing
    from vigie.engines.batch import Recipe
    from vigie.engines.streaming import Feeding
    from vigie.engines.workers import Message, Work
    from vigie.model.capture import Entry
    from vigie.model.fates import Fates
    from vigie.model.position import Span
    from vigie.wiring.instance import Instance
    from vigie.wiring.spooling import OpenSpool

log = structlog.get_logger(__name__)


def open_session(settings: Settings, master: str | None = None) -> "SparkSession":
    """Return Spark as the settings say; *master* wins over them.

    Raises:
        Missing: pyspark is not installed. ConfigError: Spark does not start.
    """
    from vigie.engines.session import session

    spark = settings.spark
    packages = spark.packages if settings.spool.url.startswith("kafka:") else ""
    return session(
        master=master or spark.master, packages=packages, jars=spark.jars,
        driver_memory=spark.driver_memory,
        options={
            name: value.get_secret_value()
            for name, value in spark.options.items()
            if not name.startswith(KAFKA_OPTION)
        },
        noise=settings.data_dir / "spark" / "spark.log",
    )  # fmt: skip


def work_of(settings: Settings) -> "Work":
    """Return what workers need to read an instance's spool: its settings, without secrets."""
    from vigie.engines.workers import Work

    bare = without_secrets(settings)
    return Work(
        make_recipe=partial(recipe_of, bare), make_spool=partial(spool_of, bare),
        make_reader=partial(reader_of, bare),
    )  # fmt: skip


def process_on_spark(
    here: "Instance", *, master: str | None = None, trigger: "Trigger" = AVAILABLE_NOW,
    stop: "threading.Event | None" = None,
    on_batch: "Callable[[Span, Fates], None] | None" = None,
    started: "Callable[[], None]" = lambda: None,
) -> "Fates":  # fmt: skip
    """Drain the spool into the store with Spark, or follow it.

    Args:
        started: Called when Spark runs: it has set its own handlers of signals by then.
        trigger: `AVAILABLE_NOW`: all there is, then return. Seconds between two batches, or
            `CONTINUOUS`: until *stop* is set.
    """
    from vigie.engines.spark import process as drain

    here.spool.recover()
    spark, work = open_session(here.settings, master), work_of(here.settings)
    started()
    if here.settings.spool.url.startswith("kafka:"):
        from vigie.engines.streaming import follow

        feeding = _feeding(here.settings, trigger)
        settle = here.settle if trigger == AVAILABLE_NOW else partial(_settled, here)
        settle()  # what an earlier process left over, whatever comes now
        with _delivering(here.spool):
            return follow(
                spark, here.store, work, feeding, stop=stop, on_batch=on_batch, after=settle
            )
    spool = _slicing(here.spool)

    def once() -> "Fates":
        fates = drain(spark, spool, here.store, work, on_batch=on_batch)
        here.settle()
        return fates

    return again_and_again(once, trigger, stop)


def _settled(here: "Instance") -> None:
    """Bring the views up to date, or leave it to the next batch: this one is stored."""
    try:
        here.settle()
    except ViewError as error:
        log.warning("views not up to date, tried again", why=str(error))


def process(
    here: "Instance", *, on_batch: "Callable[[Span, Fates], None] | None" = None
) -> "Fates":
    """Drain the spool into the store with the engine of the settings."""
    if here.settings.process.engine == "spark":
        return process_on_spark(here, on_batch=on_batch)
    return here.process(on_batch)


@contextlib.contextmanager
def _delivering(spool: "OpenSpool") -> Iterator[None]:
    """Deliver every so often, while the block lasts, what waits on this disk for the brokers: the
    collector that kept it may not come back for a day."""
    over = threading.Event()

    def deliver() -> None:
        while not over.wait(DELIVER_SECONDS):
            try:
                spool.recover()
            except (VigieError, OSError) as error:
                log.warning("waiting captures not delivered", why=str(error))

    beside = threading.Thread(target=deliver, name="delivering", daemon=True)
    beside.start()
    try:
        yield
    finally:
        over.set()
        beside.join()


def process_embedded(
    here: "Instance", *, trigger: "Trigger" = AVAILABLE_NOW,
    stop: "threading.Event | None" = None,
    on_batch: "Callable[[Span, Fates], None] | None" = None,
) -> "Fates":  # fmt: skip
    """Drain the spool into the store in this process, or follow it."""
    return again_and_again(lambda: here.process(on_batch), trigger, stop)


def again_and_again(
    work: "Callable[[], Fates]", trigger: "Trigger", stop: "threading.Event | None"
) -> "Fates":
    """Do *work* once, or at every *trigger* until *stop* is set; return all its fates."""
    total = work()  # what cannot work at all is told at once
    stop = stop or threading.Event()
    pause = trigger if isinstance(trigger, float) else RESTLESS_SECONDS
    failures = 0
    while trigger != AVAILABLE_NOW and not stop.wait(min(pause * 2 ** min(failures, 16), 30.0)):
        try:
            total += work()
            failures = 0
        except (StoreError, SpoolError, ViewError) as error:
            failures = max(failures + 1, 5)
            log.warning("not done, tried again", why=str(error))
        except Exception:  # a signal to the whole group ends Java too, in whatever words
            if not stop.is_set():
                raise
    return total


def _feeding(settings: Settings, trigger: "Trigger") -> "Feeding":
    from vigie.engines.streaming import Feeding
    from vigie.spool.kafka_starts import starting_offsets
    from vigie.wiring.spooling import kafka_spool

    spool = kafka_spool(settings)
    return Feeding(
        brokers=spool.brokers.brokers, pattern=spool.brokers.captures_pattern, trigger=trigger,
        checkpoints=settings.data_dir / "spark", starts=partial(starting_offsets, spool),
        options={
            name: value.get_secret_value()
            for name, value in settings.spark.options.items()
            if name.startswith(KAFKA_OPTION)
        },
    )  # fmt: skip


def _slicing(spool: object) -> "Slicing":
    if not hasattr(spool, "slices"):
        raise ConfigError(
            "Spark reads a spool that is a folder or on Kafka; this one (spool.url) is neither: "
            "use the embedded engine"
        )
    return cast("Slicing", spool)


def without_secrets(settings: Settings) -> Settings:
    """Return the settings that workers are sent: no login, no password.

    What workers have to open themselves (a bucket) they open with their own machine's rights.
    """
    return settings.model_copy(
        update={
            "logins": {},
            "collect": settings.collect.model_copy(update={"proxy": ""}),
            "spark": settings.spark.model_copy(update={"options": {}}),
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
    from vigie.wiring.spooling import open_spool

    return _slicing(open_spool(settings))


def reader_of(settings: Settings) -> "Callable[[Message], Entry | None]":
    """Return what reads the entry of a Kafka message, its body brought from beside, in a worker."""
    from vigie.spool.kafka_log import Found
    from vigie.wiring.spooling import kafka_spool

    spool = kafka_spool(settings)
    return lambda message: spool.entry_of(
        Found(message.offset, None, message.value, list(message.headers))
    )
