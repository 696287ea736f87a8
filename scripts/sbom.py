"""`make sbom`: the software bill of materials, CycloneDX in JSON, as var/sbom.json.

Made from requirements.txt alone, so that the same release has the same bill on every machine:
each package with its version and the hashes of the files that may be installed.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BILL = ROOT / "var" / "sbom.json"


def write(bill: Path) -> None:
    """Raises CalledProcessError when no valid bill can be made."""
    bill.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "requirements.txt"]
    command += ["--output-reproducible", "--validate", "--of", "JSON", "--output-file", str(bill)]
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    write(BILL)
    print(f"{BILL.relative_to(ROOT)} is written.")
