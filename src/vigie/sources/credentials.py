"""What is said when a source's credentials are not set: where they are written, by which names."""

from vigie.errors import SourceRefused


def missing(source: str, *keys: str) -> SourceRefused:
    """Return the error of credentials *keys* that are not all there; it holds none of them."""
    variables = " and ".join(f"VIGIE_LOGINS__{source}__{key}".upper() for key in keys)
    return SourceRefused(
        source,
        f"its credentials are missing: write {' and '.join(keys)} under [logins.{source}] in "
        f"vigie.toml, or set {variables}",
    )
