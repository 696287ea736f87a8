"""Brings the virtual environment in .venv in step with the compiled requirements.

    python3.11 scripts/environment.py runtime        what the site needs
    python3.11 scripts/environment.py development    that, and what tests and checks need

The second run finds its stamp and does nothing. Needs only Python's own library.
"""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME = [ROOT / "requirements.txt"]
DEVELOPMENT = [*RUNTIME, ROOT / "requirements-dev.txt"]


def main(kind: str) -> None:
    if sys.version_info[:2] != (3, 11):
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(
            f"Python 3.11 is needed, and this is {version}. Say: make PYTHON=/path/to/python3.11"
        )
    (ROOT / "var").mkdir(exist_ok=True)
    with open(ROOT / "var" / "environment.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_current("development", DEVELOPMENT):
            return
        if kind == "development":
            install(kind, DEVELOPMENT, exact=True)
        elif not is_current("runtime", RUNTIME):
            install(kind, RUNTIME, exact=False)


def is_current(kind: str, files: list[Path]) -> bool:
    stamp = VENV / f".{kind}"
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == fingerprint(files)


def fingerprint(files: list[Path]) -> str:
    """Changes with the requirements, the interpreter and the place of the environment."""
    said = hashlib.sha256(f"{VENV} {sys.version}".encode())
    for file in files:
        said.update(file.read_bytes())
    return said.hexdigest()


def install(kind: str, files: list[Path], *, exact: bool) -> None:
    started = time.monotonic()
    print(f"Installing the {kind} packages into .venv ...", flush=True)
    if not is_usable():
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    if not (has_uv() and install_with_uv(files, exact=exact)):
        install_with_pip(files)
    (VENV / f".{kind}").write_text(fingerprint(files))
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def is_usable() -> bool:
    """An environment that was moved, or made by another Python, is made anew."""
    question = "import sys, pip; print(*sys.version_info[:2])"
    try:
        said = subprocess.run([PYTHON, "-c", question], capture_output=True, text=True)
        home = (VENV / "bin" / "activate").read_text()
    except OSError:
        return False
    return said.stdout.split() == ["3", "11"] and str(VENV) in home


def has_uv() -> bool:
    """Installs the uv that requirements-dev.txt pins, unless it is there."""
    pinned = re.search(r"^uv==(\S+)(?: \\\n +--hash=\S+)+", DEVELOPMENT[1].read_text(), re.M)
    if not pinned:
        return False
    said = subprocess.run([PYTHON, "-m", "uv", "--version"], capture_output=True, text=True)
    if said.returncode == 0 and said.stdout.split()[1] == pinned[1]:
        return True
    wanted = VENV / "uv.txt"
    wanted.write_text(pinned[0] + "\n")
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    return subprocess.run([*pip, "--require-hashes", "-r", wanted]).returncode == 0


def install_with_uv(files: list[Path], *, exact: bool) -> bool:
    command = [PYTHON, "-m", "uv", "pip", "sync" if exact else "install", "--quiet"]
    command += ["--python", PYTHON, "--require-hashes", "--system-certs"]
    for file in files:
        command += [file] if exact else ["-r", file]
    if subprocess.run(command, cwd=ROOT).returncode == 0:
        return True
    print("uv did not manage it; trying pip.", flush=True)
    return False


def install_with_pip(files: list[Path]) -> None:
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes"]
    for file in files:
        command += ["-r", file]
    if subprocess.run(command, cwd=ROOT).returncode != 0:
        sys.exit("The packages could not be installed; pip says why above.")


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    main(sys.argv[1])
