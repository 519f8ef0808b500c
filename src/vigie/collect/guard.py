"""The guard at the door: names are looked up once, judged, and only then connected to.

Twisted connects to what its name resolver returns, literal addresses included. So the guard is
the resolver: it forwards an answer whose addresses are all public and withholds any other. There
is no second look-up between judging and connecting.
"""

from collections.abc import Sequence
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IResolutionReceiver,
)
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from vigie.collect.address import is_public


@implementer(IHostnameResolver)
class Guard:
    """A name resolver that withholds names with an address that may not be asked."""

    def __init__(
        self, resolver: Any, allow_hosts: frozenset[str], names: frozenset[str] = frozenset()
    ) -> None:
        self._resolver = resolver
        self._allow_hosts = allow_hosts
        self._names = names
        """The operator's own machines (a proxy): allowed whatever their address."""
        self.refused: dict[str, str] = {}
        """``host:port`` → the address it was refused for."""

    def allows(self, host: str, port: int, address: str) -> bool:
        """Return whether *address* may be connected to under the name *host*."""
        return f"{host}:{port}" in self._allow_hosts or host in self._names or is_public(address)

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803 - Twisted's
        hostName: str,  # noqa: N803 - Twisted's
        portNumber: int = 0,  # noqa: N803 - Twisted's
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803 - Twisted's
        transportSemantics: str = "TCP",  # noqa: N803 - Twisted's
    ) -> IHostResolution:
        """Resolve as the resolver behind does, then judge every address."""
        sieve = _Sieve(self, resolutionReceiver, hostName, portNumber)
        found: IHostResolution = self._resolver.resolveHostName(
            sieve, hostName, portNumber, addressTypes, transportSemantics
        )
        return found


@implementer(IResolutionReceiver)
class _Sieve:
    """Holds addresses back until all are known: one that is refused refuses all."""

    def __init__(self, guard: Guard, receiver: Any, host: str, port: int) -> None:
        self._guard, self._receiver = guard, receiver
        self._host, self._port = host, port
        self._addresses: list[Any] = []

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803 - Twisted's
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802 - Twisted's
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's
        bad = [address for address in self._addresses if not self._allowed(address)]
        if bad:
            shown = getattr(bad[0], "host", "an address of another family")
            self._guard.refused[f"{self._host}:{self._port}"] = str(shown)
        else:
            for address in self._addresses:
                self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()

    def _allowed(self, address: Any) -> bool:
        if not isinstance(address, IPv4Address | IPv6Address):
            return False
        return self._guard.allows(self._host, self._port, address.host)
