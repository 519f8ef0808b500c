"""Which pictures a page may show: a visitor's browser never calls the site a listing came from."""

from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def picture(url: str | None, demo: bool) -> str | None:
    """Return *url* when the page may show it, else None: a drawn placeholder stands there.

    Allowed: a path on this very server and, in demo mode, an address of the stand-in sites,
    which are on loopback.
    """
    if not url:
        return None
    if url.startswith("/") and not url.startswith(("//", "/\\")):
        return url
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if demo and parts.scheme == "http" and host in LOOPBACK else None


def outward(url: str | None) -> str | None:
    """Return *url* when it may stand in a link to the original (http or https), else None."""
    if url and url.lower().startswith(("http://", "https://")):
        return url
    return None
