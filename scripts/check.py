"""`make check`: every check that needs no database server and no browser.

All of them run, each on its own line; what a failed one said stands below its line.
Exits with 1 when any failed. `scripts/check.py types imports` runs only those named.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import licences
from provide import provide

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 1024 * 1024
# Written in two halves, so that this file does not find itself.
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "debian" + ".org"]
PLACES = [r"(?<![\w.])/ro" + r"ot/", r"(?<![\w.])/wo" + r"rk/(?:main|shared|\.)", "/opt/py" + "pi"]
FORBIDDEN = re.compile("|".join([*map(re.escape, REGISTRIES), *PLACES]))
Problems = list[str]


def main(names: list[str]) -> int:
    if unknown := set(names) - CHECKS.keys():
        sys.exit(f"There is no {', '.join(sorted(unknown))}. Choose from {', '.join(CHECKS)}.")
    failed = []
    for name, check in CHECKS.items():
        if names and name not in names:
            continue
        print(f"{name:.<24} ", end="", flush=True)
        started = time.monotonic()
        problems = check()
        print(f"{'FAILED' if problems else 'ok'} ({time.monotonic() - started:.1f} s)", flush=True)
        for problem in problems:
            print("    " + problem.rstrip().replace("\n", "\n    "), flush=True)
        if problems:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}." if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


def run(*command: str | Path, **variables: str) -> Problems:
    """What a command said, if it failed."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'site'}"} | variables
    said = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if said.returncode == 0:
        return []
    return [said.stdout or f"{command[0]} ended with {said.returncode} and said nothing."]


def module(*words: str) -> Callable[[], Problems]:
    return lambda: run(sys.executable, "-m", *words)


def manage(*words: str) -> Callable[[], Problems]:
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    return lambda: run(sys.executable, "manage.py", *words, **settings)


def deployment() -> Problems:
    """The production settings pass Django's own and our checks, in each of the three roles."""
    sys.path.insert(0, str(ROOT))
    from reporting.sealing import HQ, new_key

    public, private = ({HQ: [key]} for key in new_key())
    problems = []
    for role in ("public", "staff", "worker"):
        problems += run(
            sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING",
            DJANGO_SETTINGS_MODULE="config.settings.production",
            SECRET_KEY="only-for-this-check-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
            ALLOWED_HOSTS="watch.example",
            DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing",
            REPORT_PUBLIC_KEYS=json.dumps(public),
            REPORT_PRIVATE_KEYS="" if role == "public" else json.dumps(private),
            ROLE=role,
        )  # fmt: skip
    return problems


def imports() -> Problems:
    lint = "import sys, importlinter.cli; sys.exit(importlinter.cli.lint_imports(no_cache=True))"
    return run(sys.executable, "-c", lint)


def upgrades() -> Problems:
    """No new migration hurts the version that still serves while it runs."""
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    return run(sys.executable, "scripts/check_upgrades.py", **settings)


def translations() -> Problems:
    return run(sys.executable, "scripts/check_translations.py")


def requirements() -> Problems:
    """Each requirement of an .in file is in its compiled file, in a version that fits."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    problems = []
    for source in ("requirements.in", "requirements-dev.in"):
        compiled = (ROOT / source).with_suffix(".txt")
        pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", compiled.read_text(), re.M))
        for line in (ROOT / source).read_text().splitlines():
            line = line.partition("#")[0].strip()
            if not line or line.startswith("-"):
                continue
            wanted = Requirement(line)
            version = pinned.get(canonicalize_name(wanted.name))
            if version is None or version not in wanted.specifier:
                problems.append(
                    f"{compiled.name} has {wanted.name} {version}: {source} wants {line}"
                )
    return [*problems, "Run `make requirements`."] if problems else []


def licence_problems() -> Problems:
    """Every package that runs is listed with a licence that somebody has looked at."""
    return licences.problems()


def layout() -> Problems:
    """`site` and `locale` are modules of Python's own library, and theirs must win."""
    return [
        f"Remove {folder}/__init__.py (docs/design.md, section 3, tells why)."
        for folder in ("site", "locale")
        if (ROOT / folder / "__init__.py").exists()
    ]


def files() -> Problems:
    """No file is large, and none names a machine's folders or a package registry's host."""
    problems = []
    for file in project_files():
        content = file.read_bytes()
        if len(content) > LARGEST:
            problems.append(f"{file.relative_to(ROOT)} is larger than 1 MB.")
        for number, line in enumerate(content.decode(errors="ignore").splitlines(), 1):
            if found := FORBIDDEN.search(line):
                problems.append(f"{file.relative_to(ROOT)}:{number} names {found[0]}")
    return problems


def project_files() -> Iterator[Path]:
    """What git tracks or would track; without git, all but what .gitignore's folders hold."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        said = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True)
        names = [name for name in said.stdout.split("\0") if name] if not said.returncode else None
    except OSError:
        names = None
    if names is None:
        hidden = re.compile(r"(^|/)(\.git|\.venv|var|node_modules|__pycache__|\.\w+_cache)/|\.mo$")
        found = (str(file.relative_to(ROOT)) for file in ROOT.rglob("*"))
        names = [name for name in found if not hidden.search(name)]
    return (ROOT / name for name in sorted(names) if (ROOT / name).is_file())


def templates() -> Problems:
    folders = sorted(
        {file.relative_to(ROOT).parts[0] for file in ROOT.glob("*/templates/**/*.html")}
    )
    return run(sys.executable, "-m", "djlint", "--lint", "--quiet", *folders) if folders else []


CHECKS: dict[str, Callable[[], Problems]] = {
    "format": module("ruff", "format", "--check", "."),
    "lint": module("ruff", "check", "--quiet", "--output-format", "concise", "."),
    "types": module("mypy", "--no-error-summary"),
    "templates": templates,
    "imports": imports,
    "django": manage("check", "--fail-level", "WARNING"),
    "deployment": deployment,
    "migrations": manage("makemigrations", "--check", "--dry-run"),
    "upgrades": upgrades,
    "translations": translations,
    "requirements": requirements,
    "licences": licence_problems,
    "layout": layout,
    "files": files,
}


if __name__ == "__main__":
    os.environ.pop("DATABASE_URL", None)
    provide("gettext")
    with tempfile.TemporaryDirectory(prefix="mekong-") as folder:
        os.environ["TMPDIR"] = folder  # what the checked programs leave behind goes with it
        sys.exit(main(sys.argv[1:]))
