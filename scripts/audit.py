"""`make audit`: asks the advisory service about every package that runs in production.

Exits with 0 when all were looked up and none is known to be weak, 1 when one is, and 2 when the
service did not answer for all of them: pip-audit itself calls that "no known vulnerabilities".
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
SOUND, WEAK, UNKNOWN = 0, 1, 2


def main() -> int:
    code, lines = verdict(*ask())
    print("\n".join(lines))
    return code


def ask() -> tuple[dict[str, Any] | None, str]:
    """pip-audit's answer, or None with the last line of what it said instead."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", REQUIREMENTS]
    command += ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    try:
        return json.loads(said.stdout), ""
    except ValueError:
        return None, (said.stderr.strip().splitlines() or ["It said nothing."])[-1]


def verdict(answer: dict[str, Any] | None, words: str = "") -> tuple[int, list[str]]:
    """The exit code, and what to tell."""
    if answer is None:
        return UNKNOWN, ["The advisory service cannot be reached:", f"  {words}", NO_CLEARANCE]
    packages = answer["dependencies"]
    weak = [package for package in packages if package.get("vulns")]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    lines = [
        f"{package['name']} {package['version']}: {found['id']}"
        f" (mended in {', '.join(found['fix_versions']) or 'no release yet'})"
        for package in weak
        for found in package["vulns"]
    ]
    if skipped or not packages:
        lines += [
            f"The advisory service knows nothing of {len(skipped)} of {len(packages)} packages:",
            f"  {', '.join(skipped)}",
            NO_CLEARANCE,
        ]
    if weak:
        return WEAK, lines
    if skipped or not packages:
        return UNKNOWN, lines
    return SOUND, [f"None of {len(packages)} packages has a known weakness."]


NO_CLEARANCE = "This is no clearance. Run `make audit` where the service can be reached."


if __name__ == "__main__":
    sys.exit(main())
