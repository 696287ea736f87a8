"""What the shipped proxy does, seen with the real nginx."""

import gzip
import http.client
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

import proxy
from provide import find_nginx

KEPT = {"Content-Type": "text/html", "X-Accel-Expires": "60", "Cache-Control": "no-cache"}
INTAKE, LINE = "/admin/intake/", "/line/"
PIECE = "/th/report/files/piece/"
REPORT = ["/th/report/", "/th/report/status/", PIECE, "/captcha/abc/", "/api/v1/reports"]
WHO = {
    "User-Agent": "planted-agent",
    "Referer": "http://planted.example/referrer",
    "X-Forwarded-For": "203.0.113.77",
    "X-Real-IP": "203.0.113.78",
    "Forwarded": "for=203.0.113.79",
    "X-Msisdn": "66812345678",
}


def ask(site: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str):
    """(status, headers, body); header names are written with underscores."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, names)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


# --- Who answers, and what is kept ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/th/", "public"),
        ("/admin/reports/", "staff"),
        (LINE, "staff"),
        *((path, "public") for path in REPORT),
    ],
)
def test_an_address_goes_to_the_role_that_serves_it(site, upstreams, path, who):
    assert ask(site, path)[0] == 200
    assert {name for name, upstream in upstreams.items() if upstream.asked} == {who}


INSIDE = [
    "/readyz",
    "/readyz/",
    "/readyz?x=1",
    "//readyz",
    "/th/../readyz",
    "/%72eadyz",
    "/metrics",
]


@pytest.mark.parametrize("path", INSIDE)
def test_what_monitors_ask_inside_is_not_answered_outside(site, upstreams, path):
    for method in ("GET", "HEAD", "POST"):
        status, headers, _ = ask(site, path, method, Authorization="Bearer guessed")
        assert (status, headers["Cache-Control"]) == (404, "no-store")
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert not any(upstream.asked for upstream in upstreams.values())


def test_whether_a_process_is_up_is_told_outside_too(site, upstreams):
    assert ask(site, "/healthz")[0] == 200
    assert upstreams["public"].asked


def test_a_page_is_kept_when_its_process_says_so_and_only_then(site, upstreams):
    public = upstreams["public"]
    public.answers["/th/kept/"] = (200, KEPT, b"kept")
    public.answers["/th/long/"] = (200, {"Cache-Control": "public, max-age=3600"}, b"long")
    for path in ("/th/kept/", "/th/long/", "/th/plain/"):
        for _ in range(3):
            assert ask(site, path)[0] == 200
    paths = [asked[1] for asked in public.asked]
    assert paths.count("/th/kept/") == 1
    assert paths.count("/th/long/") == 3
    assert paths.count("/th/plain/") == 3


def test_a_page_is_kept_no_longer_than_its_process_says(site, upstreams):
    passed = {**KEPT, "X-Accel-Expires": f"@{int(time.time()) - 1}"}
    upstreams["public"].answers["/th/"] = (200, passed, b"page")
    for _ in range(3):
        ask(site, "/th/")
    assert len(upstreams["public"].asked) == 3


@pytest.mark.parametrize("path", [*REPORT, "/admin/"])
def test_reports_and_the_admin_are_never_kept_even_if_a_process_asks_for_it(site, upstreams, path):
    for upstream in upstreams.values():
        upstream.answers[path] = (200, KEPT, b"secret")
    for _ in range(3):
        assert ask(site, path)[0] == 200
    assert sum(len(upstream.asked) for upstream in upstreams.values()) == 3


@pytest.mark.parametrize("known", [{"Cookie": "sessionid=1"}, {"Authorization": "Token 1"}])
def test_a_page_made_for_somebody_is_neither_kept_nor_given_to_others(site, upstreams, known):
    public = upstreams["public"]
    public.answers["/th/"] = (200, KEPT, b"for them")
    assert ask(site, "/th/", **known)[2] == b"for them"
    public.answers["/th/"] = (200, KEPT, b"for all")
    assert ask(site, "/th/")[2] == b"for all"
    public.answers["/th/"] = (200, KEPT, b"for them again")
    assert ask(site, "/th/", **known)[2] == b"for them again"


def test_a_page_that_sets_a_cookie_is_not_kept(site, upstreams):
    upstreams["public"].answers["/th/"] = (200, {**KEPT, "Set-Cookie": "a=b"}, b"page")
    ask(site, "/th/"), ask(site, "/th/")
    assert len(upstreams["public"].asked) == 2


def test_a_kept_page_outlives_its_process_and_a_form_does_not(site, upstreams):
    public = upstreams["public"]
    soon = {**KEPT, "X-Accel-Expires": "1"}
    public.answers["/th/"] = (200, soon, b"old")
    assert ask(site, "/th/")[2] == b"old"
    public.answers["/th/"] = public.answers["/th/report/"] = (0, {}, b"")
    wait_for = time.monotonic() + 10
    while len(public.asked) < 2 and time.monotonic() < wait_for:  # until it has expired
        status, _, body = ask(site, "/th/")
        time.sleep(0.2)
    assert (status, body) == (200, b"old")
    assert ask(site, "/th/report/")[0] == 502


def test_gzip_and_plain_are_kept_apart_and_head_and_304_come_from_what_is_kept(site, upstreams):
    public = upstreams["public"]
    tagged = {**KEPT, "ETag": 'W/"1"', "Vary": "Accept-Encoding"}
    packed = gzip.compress(b"packed")
    public.answers["/th/"] = (200, {**tagged, "Content-Encoding": "gzip"}, packed)
    assert ask(site, "/th/", Accept_Encoding="br, gzip;q=0.8")[2] == packed
    assert public.asked[-1][2]["accept-encoding"] == "gzip"
    public.answers["/th/"] = (200, tagged, b"plain")
    assert ask(site, "/th/", Accept_Encoding="gzip;q=0, br")[2] == b"plain"
    assert "accept-encoding" not in public.asked[-1][2]
    assert ask(site, "/th/", Accept_Encoding="gzip")[2] == packed
    assert ask(site, "/th/", "HEAD")[::2] == (200, b"")
    assert ask(site, "/th/", If_None_Match='W/"1"')[0] == 304
    assert len(public.asked) == 2


# --- A process that dies --------------------------------------------------------------------------


def test_a_report_whose_process_dies_is_taken_by_the_next_and_a_step_is_not_repeated(
    upstreams, static
):
    dying, healthy, staff = upstreams["public"], upstreams["second"], upstreams["staff"]
    dying.answers["/th/report/"] = (0, {}, b"")
    staff.answers["/admin/reports/A/close/"] = (0, {}, b"")
    with proxy.nginx(
        public=[dying.address, healthy.address], staff=[staff.address], static=static
    ) as site:
        for _ in range(4):
            assert ask(site, "/th/report/", "POST", b"narrative=seen")[0] == 200
        status, headers, words = ask(site, "/admin/reports/A/close/", "POST", b"x=1")
    assert [asked[3] for asked in healthy.asked] == [b"narrative=seen"] * 4
    assert dying.asked
    assert len(staff.asked) == 1
    assert status == 502
    assert 'data-from="proxy"' in words.decode()
    assert headers["Cache-Control"] == "no-store"


# --- What goes on to the processes, and into logs -------------------------------------------------


@pytest.mark.parametrize("path", ["/th/", "/admin/", *REPORT])
def test_no_process_learns_who_asks(site, upstreams, path):
    ask(site, path, **WHO)
    (_, _, headers, _) = next(u.asked[0] for u in upstreams.values() if u.asked)
    assert headers["x-forwarded-proto"] == "http"
    assert headers["host"] == urlsplit(site).netloc
    seen = str(headers)
    # Sign-in counts wrong passwords by the address, the report path floods by the network; what a
    # visitor says of themselves is not believed.
    told = {"/admin/": "127.0.0.1", "/th/": None}
    assert headers.get("x-forwarded-for") == told.get(path, "127.0.0.0")
    for planted in ("203.0.113", "planted-agent"):
        assert planted not in seen
    if path in REPORT:
        assert "planted" not in seen
        assert "66812345678" not in seen


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3::"),
        ("2001:db8:85a3::8a2e", "2001:db8:85a3::"),
        ("2001:db8::8a2e", "2001:db8::"),
        ("2001::8a2e:370:7348", "2001::"),
        ("::1", "::"),
        ("unix:", "::"),
    ],
)
def test_the_report_path_is_told_a_network_and_never_an_address(
    upstreams, static, monkeypatch, tmp_path, address, network
):
    """$remote_addr cannot be set, so a header stands in for it where the map reads it."""
    if not find_nginx():
        pytest.skip("nginx is not installed; make test installs it.")
    text = proxy.TEMPLATE.read_text()
    assert text.count("map $remote_addr $network") == 1
    template = tmp_path / "nginx.conf.template"
    template.write_text(text.replace("map $remote_addr $network", "map $http_x_played $network"))
    monkeypatch.setattr(proxy, "TEMPLATE", template)
    public, staff = upstreams["public"].address, upstreams["staff"].address
    with proxy.nginx(public=[public], staff=[staff], static=static) as site:
        ask(site, "/th/report/", X_Played=address)
    ((_, _, headers, _),) = upstreams["public"].asked
    assert headers["x-forwarded-for"] == network
    assert address not in str(headers)


def test_a_visitor_cannot_say_that_the_line_is_secure(site, upstreams):
    ask(site, "/th/", X_Forwarded_Proto="https")
    assert upstreams["public"].asked[0][2]["x-forwarded-proto"] == "http"


def test_no_log_tells_who_asked_or_for_what(site, upstreams, log):
    upstreams["public"].answers["/th/dies/planted-path/?planted"] = (0, {}, b"")
    upstreams["public"].answers["/th/report/"] = (0, {}, b"")
    for path in (
        "/th/search/?q=planted-query",
        "/th/dies/planted-path/?planted",
        *REPORT,
        INTAKE,
        LINE,
    ):
        ask(site, path, **WHO)
    ask(site, "/th/report/?planted", "POST", b"narrative=planted-words", **WHO)
    ask(site, "/th/report/?planted", "POST", b"x", Content_Length=str(60 * 1024 * 1024))
    ask(site, "/th/too-much/planted-path/", "POST", b"x" * 70_000, **WHO)
    ask(site, "/th/planted-header/", X_Long="planted" * 9000)
    raw(site, b"GET /planted HTTP/9.9\r\nHost: planted\r\n\r\n")
    raw(site, b"\x16\x03\x01planted\r\n\r\n")
    ask(site, "/th/after/")
    until = time.monotonic() + 10  # nginx writes a line when the answer is out, each worker its own
    while len(lines_of(log)) < 7 and time.monotonic() < until:
        time.sleep(0.05)
    said = log.read_text()
    kinds = [line.split()[1:4:2] for line in lines_of(log)]
    for kind in (["search", "200"], ["page", "502"], ["page", "200"]):
        assert kinds.count(kind) == 1
    assert "planted" not in said
    assert "127.0.0.1" not in said
    assert "203.0.113" not in said
    assert "report" not in said
    assert len(kinds) == 7  # none of those to the report path, the intake and LINE's


def lines_of(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if "[notice]" not in line]


def raw(site: str, words: bytes) -> bytes:
    host, _, port = urlsplit(site).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(words)
        return line.recv(65536)


# --- Bounds ---------------------------------------------------------------------------------------


def test_a_long_report_reaches_django_which_says_what_is_a_little_too_much(site, upstreams):
    body = b"n" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1024)
    assert ask(site, "/th/report/", "POST", body)[0] == 200
    assert len(upstreams["public"].asked[0][3]) == len(body)


def test_who_reads_a_long_answer_slowly_holds_no_process(site, upstreams):
    public = upstreams["public"]
    public.send_buffer = 64 * 1024  # or the kernel would take the answer off its hands
    longest = 6 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # what was typed, escaped
    public.answers["/th/report/"] = (200, {}, b"x" * longest)
    host, _, port = urlsplit(site).netloc.partition(":")
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect((host, int(port)))
        line.sendall(b"GET /th/report/ HTTP/1.1\r\nHost: a\r\n\r\n")  # and reads nothing
        until = time.monotonic() + 10
        while not public.done and time.monotonic() < until:
            time.sleep(0.05)
        assert public.done == ["/th/report/"]


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [
        ("/admin/images/add/", 20, 200),
        ("/admin/images/add/", 40, 413),
        ("/th/report/", 50, 413),
        (PIECE, 2, 413),
        ("/th/search/", 1, 413),
    ],
)
def test_bodies_are_bounded_by_what_the_place_is_for(site, upstreams, path, megabytes, status):
    size = megabytes * 1024 * 1024
    if status == 200:
        assert ask(site, path, "POST", b"x" * size)[0] == 200
        return
    # The size is announced, and refused before anything is sent.
    announced = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
    answer = raw(site, announced.encode()).decode()
    assert answer.startswith("HTTP/1.1 413")
    assert not any(upstream.asked for upstream in upstreams.values())


def test_a_body_never_waits_in_a_file():
    """Where a body may be large, the buffer in memory is larger."""
    bounds: dict[str, list[int]] = {"client_max_body_size": [], "client_body_buffer_size": []}
    units = {"k": 1, "m": 1024}
    for line in proxy.TEMPLATE.read_text().splitlines():
        name, _, rest = line.strip().partition(" ")
        if name in bounds:
            value = rest.partition(";")[0]
            bounds[name].append(int(value[:-1]) * units[value[-1]])
    largest, buffers = bounds["client_max_body_size"], sorted(bounds["client_body_buffer_size"])
    assert len(largest) == 6
    assert all(size < buffer for size, buffer in zip(sorted(largest), buffers, strict=True))


def test_a_village_behind_one_address_is_not_locked_out(site):
    assert {ask(site, "/th/report/")[0] for _ in range(200)} == {200}
    assert {ask(site, "/th/search/?q=1")[0] for _ in range(100)} == {200}


def test_who_sends_files_in_pieces_keeps_nobody_from_reporting(site):
    piece = b"x" * settings.EVIDENCE["piece"]
    assert {ask(site, PIECE, "POST", piece)[0] for _ in range(400)} == {200}
    assert ask(site, "/th/report/")[0] == 200


def test_a_machine_that_searches_without_end_is_stopped_and_may_read_on(site):
    assert 429 in (ask(site, "/th/search/?q=1")[0] for _ in range(2_000))
    assert ask(site, "/th/articles/")[0] == 200


@pytest.mark.parametrize("words", ["too-much", "too-often", "try-again"])
def test_what_the_proxy_says_itself_can_be_left_and_names_nothing(words):
    html = (proxy.SHIPPED / "words" / f"{words}.html").read_text()
    assert "<title>Information page</title>" in html
    assert '<a href="https://www.tmd.go.th/" rel="noreferrer noopener">' in html
    assert "191" in html


# --- Static files and headers ---------------------------------------------------------------------


def test_static_files_come_from_disk_packed_and_for_good(site, upstreams, static):
    (static / "site.0123456789ab.css").write_text("plain")
    (static / "site.0123456789ab.css.gz").write_bytes(gzip.compress(b"packed"))
    (static / "site.css").write_text("plain")
    status, headers, body = ask(site, "/static/site.0123456789ab.css", Accept_Encoding="gzip")
    assert (status, gzip.decompress(body)) == (200, b"packed")
    assert headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" not in ask(site, "/static/site.css")[1]["Cache-Control"]
    assert not upstreams["public"].asked
    ask(site, "/static/of-another-release.css")
    assert [asked[1] for asked in upstreams["public"].asked] == ["/static/of-another-release.css"]
    assert ask(site, "/static/%2e%2e/%2e%2e/nginx.conf")[0] == 400


def test_headers_of_a_process_are_handed_on_once(site, upstreams):
    sent = {"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=1"}
    upstreams["public"].answers["/th/"] = (200, {**KEPT, **sent}, b"page")
    _, headers, _ = ask(site, "/th/")
    for name, value in sent.items():
        assert headers.get_all(name) == [value]
    assert "X-Accel-Expires" not in headers
    assert headers["Server"] == "nginx"  # without a version
