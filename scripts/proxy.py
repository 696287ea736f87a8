"""The shipped nginx configuration before processes of this machine, as long as a block lasts.

    with nginx(public=["127.0.0.1:8001"], staff=["127.0.0.1:8002"], static=folder) as address: ...

deploy/nginx/nginx.conf.template is production's; only the names in it are filled in otherwise.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from provide import find_nginx
from services import answers, die_with_parent, free_port, wait_until

SHIPPED = Path(__file__).resolve().parent.parent / "deploy" / "nginx"
TEMPLATE = SHIPPED / "nginx.conf.template"
PLACEHOLDER = re.compile(r"\$\{([A-Z_]+)\}")


def render(values: dict[str, str], *, without: tuple[str, ...] = ()) -> str:
    """The configuration, without the lines that begin with some words.

    Raises KeyError for a name without a value, as envsubst would not.
    """
    text = "".join(
        line
        for line in TEMPLATE.read_text().splitlines(keepends=True)
        if not line.lstrip().startswith(("#", *without))  # comments tell of the names
    )
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def servers(addresses: Sequence[str]) -> str:
    """`server` lines, at least two: whoever is refused while a process starts again asks again."""
    repeated = [*addresses, *addresses] if len(addresses) == 1 else addresses
    return "\n".join(f"server {address} max_fails=0;" for address in repeated)


@contextmanager
def nginx(
    *,
    public: Sequence[str],
    staff: Sequence[str],
    static: Path,
    port: int = 0,
    log: Path | None = None,
    certificate: Path | None = None,
    is_measured: bool = False,
) -> Iterator[str]:
    """The proxy's address. What it logs goes into `log`, and is gone at the end without.

    With a certificate (its key in the same file) it speaks TLS. Measured, it says that visitors
    came by https, and does not stop one that asks like a thousand.
    """
    port = port or free_port()
    folder = Path(tempfile.mkdtemp(prefix="mekong-nginx-", dir="/tmp"))
    try:
        _arrange(folder, static)
        configuration = render(
            {
                "RUN": str(folder / "run"),
                "FILES": str(folder / "files"),
                "WORDS": str(folder / "words"),
                "LISTEN": _listen(port, certificate),
                "FORWARDED_PROTO": "https" if is_measured else "$scheme",
                "PUBLIC_SERVERS": servers(public),
                "STAFF_SERVERS": servers(staff),
                "RESOLVER": "",
            },
            without=("limit_req", "limit_conn") if is_measured else (),
        )
        (folder / "nginx.conf").write_text(configuration)
        with _started(folder, port, log or folder / "log"):
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _listen(port: int, certificate: Path | None) -> str:
    if certificate is None:
        return f"listen 127.0.0.1:{port};"
    return (
        f"listen 127.0.0.1:{port} ssl; "
        f"ssl_certificate {certificate}; ssl_certificate_key {certificate};"
    )


def _arrange(folder: Path, static: Path) -> None:
    """nginx gives its work to a user who may not look into this project's folders."""
    folder.chmod(0o755)
    for name in ("run", "files"):
        (folder / name).mkdir(mode=0o755)
    shutil.copytree(SHIPPED / "words", folder / "words")
    (folder / "files" / "static").symlink_to(static.resolve())


@contextmanager
def _started(folder: Path, port: int, log: Path) -> Iterator[None]:
    command = [str(find_nginx()), "-c", str(folder / "nginx.conf"), "-e", "stderr", "-g"]
    # Started by root it would change to a user who cannot read the static files.
    command += ["daemon off;" + (" user root;" if os.geteuid() == 0 else "")]
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    try:
        if not wait_until(lambda: answers(port), server):
            sys.exit(f"{log.read_text()}\nnginx did not start on port {port}.")
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
