"""compose.yaml, Dockerfile and .dockerignore as their programs read them, as far as tests ask."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::([?-])([^}]*))?\})")


class NotSet(Exception):
    """compose would refuse to start, with these words."""


def compose(values: Mapping[str, str] | None = None) -> dict[str, Any]:
    """compose.yaml; with values, their names are filled in. Raises NotSet for a missing one."""
    text = (ROOT / "compose.yaml").read_text()
    return yaml.safe_load(text) if values is None else _filled(yaml.safe_load(text), values)


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(inner, values) for name, inner in part.items()}
    if isinstance(part, list):
        return [_filled(inner, values) for inner in part]
    return VARIABLE.sub(lambda m: _value(m, values), part) if isinstance(part, str) else part


def _value(found: re.Match, values: Mapping[str, str]) -> str:
    name, kind, words = found.groups()
    if name is None:
        return "$"
    if not values.get(name) and kind == "?":
        raise NotSet(words)
    return values.get(name) or words or ""


def asked() -> dict[str, set[str]]:
    """Every name that compose.yaml asks for, with the refusals that it makes without."""
    names: dict[str, set[str]] = {}
    for name, kind, words in VARIABLE.findall((ROOT / "compose.yaml").read_text()):
        if name:
            names.setdefault(name, set()).add(words if kind == "?" else "")
    return names


def ours(services: dict[str, Any], role: str) -> dict[str, Any]:
    """The services of a role, without the one that prepares."""
    return {
        name: service
        for name, service in services.items()
        if service.get("environment", {}).get("ROLE") == role and name != "prepare"
    }


def stages() -> dict[str, list[tuple[str, str]]]:
    """The Dockerfile's instructions by stage, each with its words on one line."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M)
    found: dict[str, list[tuple[str, str]]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        instruction, _, words = " ".join(line.split()).partition(" ")
        if instruction == "FROM":
            stage = found.setdefault(words.split(" AS ")[1], [])
        if instruction:
            stage.append((instruction, words))
    return found


def variables(stage: str) -> dict[str, str]:
    """What a stage's ENV sets."""
    lines = [words for instruction, words in stages()[stage] if instruction == "ENV"]
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a file into the build. The last pattern that fits decides."""
    sent = True
    folders = [path, *map(str, Path(path).parents)][:-1]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.partition("#")[0].strip()
        if pattern and any(_fits(folder, pattern.lstrip("!")) for folder in folders):
            sent = pattern.startswith("!")
    return sent


def _fits(path: str, pattern: str) -> bool:
    parts = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(parts, path) is not None
