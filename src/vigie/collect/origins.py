"""Stand-in sites: a site's own addresses outside, the stand-in's where the connection goes."""

from collections.abc import Mapping

from vigie.collect.address import origin_of


class Origins:
    """Maps addresses from a site to its stand-in and back; all others are left as they are."""

    def __init__(self, rewrite: Mapping[str, str]) -> None:
        self._out = dict(rewrite)
        self._back: dict[str, str] = {}
        for site, stand_in in rewrite.items():
            self._back.setdefault(stand_in, site)

    def outward(self, url: str) -> str:
        """Return the address to connect to."""
        return _moved(url, self._out)

    def inward(self, url: str) -> str:
        """Return the site's address of *url*, which may be its stand-in's (in a redirect)."""
        return _moved(url, self._back)


def _moved(url: str, origins: Mapping[str, str]) -> str:
    if not origins:
        return url
    origin = origin_of(url)
    target = origins.get(origin)
    return url if target is None else target + url[len(origin) :]
