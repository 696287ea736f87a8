"""Makes the system programs available that tests need: uses what is there, else apt-get.

    .venv/bin/python scripts/provide.py postgresql chromium gettext

Asks nothing, and says plainly what to install where it may not do so itself.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def find_postgresql() -> Path | None:
    """The folder with initdb and postgres: on PATH, where pg_config says, or Debian's place."""
    folders = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True)
        folders.append(Path(said.stdout.strip()))
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda folder: version_of(folder.parent.name), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def version_of(name: str) -> int:
    return int(name) if name.isdigit() else 0


def find_chromium() -> Path | None:
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    found = [shutil.which(name) for name in names if name]
    return next((Path(path) for path in found if path), None)


def find_gettext() -> Path | None:
    found = [shutil.which(name) for name in ("xgettext", "msgmerge", "msguniq", "msgattrib")]
    return Path(found[0]).parent if found[0] and all(found) else None


def find_in(name: str, *folders: str) -> Callable[[], Path | None]:
    """Looks on PATH and in folders that only root's PATH may have."""

    def find() -> Path | None:
        found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(folders))
        return Path(found) if found else None

    return find


find_nginx = find_in("nginx", "/usr/sbin", "/usr/local/sbin")

PROGRAMS: dict[str, Callable[[], Path | None]] = {
    "postgresql": find_postgresql,
    "chromium": find_chromium,
    "gettext": find_gettext,
    "redis-server": find_in("redis-server"),
    "nginx": find_nginx,
    "wrk": find_in("wrk"),
}


def provide(*names: str) -> None:
    """Returns when all are there. The names are those of Debian's packages."""
    missing = [name for name in names if not PROGRAMS[name]()]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(
            f"Missing: {', '.join(missing)}. Install it (on Debian or Ubuntu: "
            f"sudo apt-get install {' '.join(missing)}) and run the command again."
        )
    print(f"Installing {', '.join(missing)} with apt-get ...", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
        said = subprocess.run(
            ["apt-get", "-qq", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if said.returncode != 0:
            sys.exit(f"{said.stdout}\napt-get {command[0]} failed; its words are above.")
    missing = [name for name in names if not PROGRAMS[name]()]
    if missing:
        sys.exit(f"apt-get installed {', '.join(missing)}, and still it cannot be found.")


if __name__ == "__main__":
    provide(*sys.argv[1:])
