#!/usr/bin/env bash
# Removes what the other commands made: the environment, the demo's data, caches, catalogues.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
rm -f locale/*/LC_MESSAGES/*.mo
find . -name __pycache__ -type d -prune -exec rm -rf {} +
