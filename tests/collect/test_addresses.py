"""The address guard: nothing but public addresses is connected to."""

import socket
import threading
from collections.abc import Iterator

import pytest

from vigie.collect.address import host_of, is_public
from vigie.collect.unanswered import Unanswered
from vigie.demo import Fault

from .conftest import Outpost


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192",
        "168.63.129.16", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "100::1", "fec0::1", "", "localhost",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_public(address: str) -> None:
    """Loopback, private, shared, link-local, metadata, embedded and reserved addresses are not."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
                "2002:808:808::1", "64:ff9b::808:808"]
)  # fmt: skip
def test_a_public_address_is_public(address: str) -> None:
    """An address of the open network is, also when IPv6 carries it."""
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "file:///etc/passwd", "http://", "http://user:pass@example.org/",
     "http://example.org:99999/", "http://exa mple.org/", "http://[::1/", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_http_address_is_refused(url: str) -> None:
    """Other schemes, credentials and broken addresses are not asked."""
    with pytest.raises(Unanswered) as caught:
        host_of(url)

    assert caught.value.why == "bad_address"


@pytest.fixture
def inside() -> Iterator[tuple[int, list[object]]]:
    """A server on loopback that nobody may reach, and who reached it."""
    reached: list[object] = []
    door = socket.create_server(("127.0.0.1", 0))

    def watch() -> None:
        while True:
            try:
                connection, who = door.accept()
            except OSError:
                return
            reached.append(who)
            connection.close()

    threading.Thread(target=watch, daemon=True).start()
    yield door.getsockname()[1], reached
    door.shutdown(socket.SHUT_RDWR)
    door.close()


def test_no_way_of_writing_loopback_reaches_it(
    outpost: Outpost, inside: tuple[int, list[object]]
) -> None:
    """Names, numbers and mapped addresses of loopback in a redirect open no connection."""
    port, reached = inside
    hosts = (
        "127.0.0.1", "localhost", "localhost.", "127.1", "2130706433", "0x7f000001", "0x7f.1",
        "0177.0.0.1", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "0.0.0.0", "[::]", "foo.localhost",  # noqa: S104 - asked for, not bound

    )  # fmt: skip
    for host in hosts:
        outpost.stage.fail(
            "avito_ma", Fault(kind="redirect", location=f"http://{host}:{port}/inside")
        )
        outpost.collect(outpost.job("avito_ma"), retries=0)

    assert reached == []
    assert {failure.why for failure in outpost.failures()} <= {"bad_address", "dns"}
    assert outpost.captures() == []


def test_a_name_that_leads_inside_is_judged_by_its_address(
    outpost: Outpost, inside: tuple[int, list[object]]
) -> None:
    """The address a name resolves to decides, not the name."""
    port, reached = inside
    name = socket.gethostname()
    try:
        address = socket.gethostbyname(name)
    except OSError:
        pytest.skip("this machine does not know its own name")
    if is_public(address):
        pytest.skip("this machine's own name leads outside")
    outpost.stage.fail("avito_ma", Fault(kind="redirect", location=f"http://{name}:{port}/"))

    outpost.collect(outpost.job("avito_ma"), retries=0)

    (failure,) = outpost.failures()
    assert failure.why == "bad_address"
    assert address in failure.detail
    assert reached == []


def test_a_stand_in_is_out_of_reach_unless_it_is_let_through(outpost: Outpost) -> None:
    """Without its entry in `allow_hosts` even the demo's own site is refused."""
    outpost.collect(outpost.job("avito_ma"), allow_hosts=frozenset(), retries=0)

    assert [failure.why for failure in outpost.failures()] == ["bad_address"]
    assert outpost.stage.asked("avito_ma") == ()
