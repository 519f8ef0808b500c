"""What every test may ask for: the real servers. None starts before a test wants it."""

from tests.servers import (
    _kafka,
    _mariadb,
    _postgresql,
    _s3,
    kafka,
    mariadb,
    postgresql,
    s3,
    stack_folder,
)

__all__ = [
    "_kafka",
    "_mariadb",
    "_postgresql",
    "_s3",
    "kafka",
    "mariadb",
    "postgresql",
    "s3",
    "stack_folder",
]
