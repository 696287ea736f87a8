"""`make licences`: lists the licence of every package that runs in production.

Writes docs/licences.md. `make check` compares it, and refuses a licence that nobody has looked at:
the platform is given to a public office, so everything in it must be free to pass on.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LISTED = ROOT / "docs" / "licences.md"
# Parts that a licence expression is made of. LGPL and MPL ask to publish changes to the library
# itself; we change none.
FREE = re.compile(
    r"MIT(-0|-CMU)?( License)?|(3-Clause )?BSD( License)?|BSD-[23]-Clause|ISC License \(ISCL\)"
    r"|Apache(-2\.0| Software License)|PSF-2\.0|Python Software Foundation License"
    r"|LGPL-3\.0-only|GPL-2\.0-or-later|Mozilla Public License 2\.0 \(MPL 2\.0\)"
)
# What a package's metadata does not say, or says wrongly; read in its own files.
READ = {
    # Its wheel brings FFmpeg with x264: whoever hands the image on owes its source as well.
    "av": "BSD-3-Clause AND GPL-2.0-or-later",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",  # "dependency licenses" are PDFium's, named so
    "pyrage": "MIT",  # "released and distributed under the terms of the MIT License", its README
    "qrcode": "BSD-3-Clause AND MIT",  # its LICENSE; "Other/Proprietary" stands for a trademark
}
HEAD = """# Licences

Of every package that runs in production, with what it brings. `make licences` writes this file;
`scripts/licences.py` says which licences are accepted.

| package | version | licence |
|---|---|---|
"""


class Package(NamedTuple):
    name: str
    version: str
    licence: str


def main() -> int:
    packages = installed()
    LISTED.write_text(listing(packages))
    found = [*strange(packages)]
    print("\n".join(found) or f"{LISTED.relative_to(ROOT)}: {len(packages)} packages.")
    return 1 if found else 0


def installed() -> list[Package]:
    """The packages of requirements.txt, as they lie in this environment."""
    names = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.M)
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json"]
    said = subprocess.run([*command, "--packages", *names], capture_output=True, check=True)
    packages = [
        Package(row["Name"], row["Version"], READ.get(row["Name"], row["License"]))
        for row in json.loads(said.stdout)
    ]
    return sorted(packages, key=lambda package: package.name.lower())


def listing(packages: list[Package]) -> str:
    return HEAD + "".join(f"| {' | '.join(package)} |\n" for package in packages)


def strange(packages: list[Package]) -> list[str]:
    """Packages whose licence is unknown, or not among those that were looked at."""
    return [
        f"{package.name} {package.version}: {package.licence}"
        for package in packages
        if not all(map(FREE.fullmatch, re.split(r"; | OR | AND ", package.licence)))
    ]


def problems() -> list[str]:
    """For `make check`."""
    packages = installed()
    found = strange(packages)
    if not LISTED.exists() or LISTED.read_text() != listing(packages):
        found.append("docs/licences.md is not what is installed. Run `make licences`.")
    return found


if __name__ == "__main__":
    sys.exit(main())
