"""TLS and proxies: certificates are checked, a proxy is used for everything and reaches no more."""

import contextlib
import datetime as dt
import http.client
import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from vigie.demo import Fault
from vigie.model.capture import Query

from .conftest import Outpost

ONE = Query(name="auto", options={"category": "Auto-Moto"})


def self_signed(folder: Path) -> Path:
    """Write a key and a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "self-signed.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


class _Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def tls_server(folder: Path) -> Iterator[str]:
    """Serve https on loopback with a certificate of our own; give ``host:port``."""

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), _Quiet)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """An https server on loopback whose certificate is its own."""
    with tls_server(tmp_path) as place:
        yield place


def test_a_certificate_that_nobody_vouches_for_is_refused(outpost: Outpost, untrusted: str) -> None:
    """TLS is checked: no page is taken from a server that cannot prove who it is."""
    outpost.stage.fail("avito_ma", Fault(kind="redirect", location=f"https://{untrusted}/"))

    outpost.collect(outpost.job("avito_ma"), allow_hosts=outpost.stage.allow_hosts | {untrusted})

    assert outpost.captures() == []
    assert [failure.why for failure in outpost.failures()] == ["tls"]


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A forwarding proxy, and the addresses it was asked for."""
    asked: list[str] = []

    class Forwarder(_Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            parts = urlsplit(self.path)
            onward = http.client.HTTPConnection(parts.netloc, timeout=5)
            onward.request("GET", parts._replace(scheme="", netloc="").geturl())
            answer = onward.getresponse()
            body = answer.read()
            onward.close()
            self.send_response(answer.status)
            if location := answer.headers.get("Location"):
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forwarder)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


def test_everything_goes_through_the_proxy(outpost: Outpost, proxy: tuple[str, list[str]]) -> None:
    """Pages and robots.txt are asked of the proxy, by their whole address."""
    address, asked = proxy

    outpost.collect(outpost.job("marocannonces", ONE), proxy=address)

    origin = outpost.stage.origin("marocannonces")
    assert asked[0] == f"{origin}/robots.txt"
    assert all(url.startswith(origin) for url in asked)
    assert len(asked) == len(outpost.stage.asked("marocannonces"))
    assert outpost.captures()


def test_a_proxy_is_not_asked_for_what_is_inside(
    outpost: Outpost, proxy: tuple[str, list[str]]
) -> None:
    """A redirect to an address inside is refused before the proxy hears of it."""
    address, asked = proxy
    outpost.stage.fail("marocannonces", Fault(kind="redirect", location="http://127.1:9/inside"))

    outpost.collect(outpost.job("marocannonces", ONE), proxy=address)

    assert [failure.why for failure in outpost.failures()] == ["bad_address"]
    assert {urlsplit(url).netloc for url in asked} == {
        urlsplit(outpost.stage.origin("marocannonces")).netloc
    }
