#!/usr/bin/env bash
# Collects the texts of the code and templates into the catalogues of the languages named.
# Run it as `make messages`. English is the source and needs no catalogue.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/python scripts/provide.py gettext
scripts/extract.sh "$@"
.venv/bin/python scripts/reporters_texts.py "$@"
