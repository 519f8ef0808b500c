"""What a soak found, and what that means: a bug that was planted must be seen as what it is."""

from collections.abc import Sequence
from typing import NoReturn

TROUBLE = "harness: "
"""What begins so is no difference between two instances but something that kept us from looking."""


def end(wrong: Sequence[str], plant: str, alike: str) -> NoReturn:
    """Print the verdict and end: with 0 when all is equal, or when the planted bug was seen."""
    if plant:
        seen = [one for one in wrong if not one.startswith(TROUBLE)]
        word = f"caught ({', '.join(seen)})" if seen else f"MISSED ({', '.join(wrong) or 'equal'})"
        print(f"planted {plant}: {word}")
        raise SystemExit(0 if seen else 1)
    print(f"DIFFERENT: {', '.join(wrong)}" if wrong else alike)
    raise SystemExit(1 if wrong else 0)
