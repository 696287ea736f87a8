"""People who use a running site with a plain HTTP client, as a phone without scripts does."""

import http.client
import re
import secrets
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.processes import PASSWORD

HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"')
NUMBER = re.compile(r'id="receipt">(.*?)</p>', re.DOTALL)


class Visitor:
    """Keeps cookies, follows nothing, and says in each request what it is told to say of itself."""

    def __init__(self, port: int, **says: str) -> None:
        self.port = port
        self.headers = {name.replace("_", "-"): value for name, value in says.items()}
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        body = urlencode(form).encode() if form is not None else None
        kind = "application/x-www-form-urlencoded"
        return self._send("POST" if form is not None else "GET", path, body, kind)

    def send_files(
        self, path: str, form: dict[str, str], files: list[tuple[str, bytes]]
    ) -> tuple[int, str]:
        """A form with files, each with the name that the phone gave it."""
        boundary = secrets.token_hex(16)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
        parts = [f'{head}{name}"\r\n\r\n{value}\r\n'.encode() for name, value in form.items()]
        for name, content in files:
            kind = "Content-Type: application/octet-stream"
            named = f'{head}files"; filename="{name}"\r\n{kind}\r\n\r\n'
            parts += [named.encode(), content, b"\r\n"]
        body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        return self._send("POST", path, body, f"multipart/form-data; boundary={boundary}")

    def fetch(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        """A file that a form's button saves."""
        kind = "application/x-www-form-urlencoded"
        return self._sent("POST", path, urlencode(form).encode(), kind)

    def _send(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, str]:
        status, content = self._sent(method, path, body, kind)
        return status, content.decode(errors="replace")

    def _sent(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            headers = self.headers | {"Content-Type": kind}
            if self.cookies:
                headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    self.cookies |= {k: m.value for k, m in SimpleCookie(value).items()}
            return answer.status, answer.read()
        finally:
            connection.close()

    # --- Reporters ------------------------------------------------------------------------------

    def report(self, language: str = "th", **words: str) -> str:
        """Files a report and returns the 16 digits of its receipt."""
        path = f"/{language}/report/"
        hidden = dict(HIDDEN.findall(self.ask(path)[1]))
        status, page = self.ask(path, {**hidden, "captcha_1": "PASSED", **words})
        assert status == 200, page[-2000:]
        return receipt_in(page)

    def look(self, receipt: str, language: str = "th", **words: str) -> str:
        status, page = self.ask(f"/{language}/report/status/", {"receipt": receipt, **words})
        assert status == 200, page[-2000:]
        return page

    # --- Staff ----------------------------------------------------------------------------------

    def sign_in(self, name: str) -> "Visitor":
        page = self.ask("/admin/login/")[1]
        form = {**dict(HIDDEN.findall(page)), "username": name, "password": PASSWORD}
        assert self.ask("/admin/login/", form)[0] == 302
        return self

    def step(self, reference: str, step: str, **words: str) -> tuple[int, str]:
        """Takes a step of a report as its form does, with what the form holds already."""
        path = f"/admin/reports/{reference}/{step}/"
        page = self.ask(path)[1]
        kept = {name: unescape(value) for name, value in HIDDEN.findall(page)}
        token = kept.get("csrfmiddlewaretoken") or self.cookies["csrftoken"]
        return self.ask(path, {**kept, "csrfmiddlewaretoken": token, **words})


def receipt_in(page: str) -> str:
    shown = NUMBER.search(page)
    assert shown, page[-3000:]
    return re.sub(r"\D", "", re.sub(r"<[^>]+>", "", shown[1]))
