"""The shipped proxy before an upstream that says what it was asked."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import proxy
from provide import find_nginx


class Upstream(ThreadingHTTPServer):
    """Answers what `answers` holds for a path, and keeps what it was asked in `asked`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.send_buffer = 0  # bytes that the kernel may hold; 0 leaves that to the kernel
        self.done: list[str] = []  # paths whose answer is out of this process's hands

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Upstream

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, body))
        plain = (200, {"Content-Type": "text/html"}, b"page" * 300)
        status, sent, content = self.server.answers.get(self.path, plain)
        if status == 0:  # dies with the request in its hands
            self.connection.close()
            return
        self.send_response(status)
        for name, value in {**sent, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.server.send_buffer:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.server.send_buffer)
        if self.command != "HEAD":
            self.wfile.write(content)
        self.server.done.append(self.path)

    do_GET = do_HEAD = do_POST = answer  # noqa: N815 - names that the library looks for

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def upstreams() -> Iterator[dict[str, Upstream]]:
    servers = {name: Upstream() for name in ("public", "second", "staff")}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    yield servers
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture
def static(tmp_path) -> Path:
    folder = tmp_path / "static"
    folder.mkdir()
    return folder


@pytest.fixture
def log(tmp_path) -> Path:
    """Everything that the proxy says."""
    return tmp_path / "nginx.log"


@pytest.fixture
def site(upstreams, static, log) -> Iterator[str]:
    """The proxy's address, with one public and one staff process behind it."""
    if not find_nginx():
        pytest.skip("nginx is not installed; make test installs it.")
    public, staff = upstreams["public"].address, upstreams["staff"].address
    with proxy.nginx(public=[public], staff=[staff], static=static, log=log) as address:
        yield address
