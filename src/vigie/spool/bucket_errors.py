"""What a bucket's errors mean, in one line: its client tells them on fifty."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS: Final = re.compile(r"status code: (\d{3} ?[\w ]{0,40})")
_LONGEST: Final = 120


def told(store: "ObjectStore", error: Exception) -> str:
    """Return one line: which bucket, what it says, and what to do."""
    why = reason(error)
    if why == "NoSuchKey":
        return f"{name_of(store)}: an object has been removed meanwhile; start again"
    return (
        f"{name_of(store)} does not do as asked ({why}): check that the bucket exists, "
        f"objects.endpoint_url and the keys"
    )


def reason(error: Exception) -> str:
    """Return what went wrong in a few words, the service's own where it gave any."""
    text = str(error)
    first = text.strip().partition("\n")[0]
    if found := _CODE.search(text) or _STATUS.search(text):
        return found.group(1).strip()
    if "ConnectError" in text or "error sending request" in first:
        return "no answer"
    return first.rpartition(" - ")[2][:_LONGEST]


def name_of(store: "ObjectStore") -> str:
    """Return the bucket and prefix as the settings write them."""
    bucket, prefix = getattr(store, "config", {}).get("bucket"), getattr(store, "prefix", None)
    if not bucket:
        return "the bucket"
    return f"s3://{bucket}/{prefix}" if prefix else f"s3://{bucket}"
