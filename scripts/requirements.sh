#!/usr/bin/env bash
# Compiles requirements*.in to requirements*.txt, with hashes. Run it as `make requirements`.
# To take newer releases of everything: make requirements ARGS=--upgrade
#
# The compiled files name no index, no folder and no machine: uv reads no configuration here.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL .venv/bin/python -m uv --no-config pip compile --quiet \
        --python-version 3.11 --generate-hashes --strip-extras \
        --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make requirements" \
        "$@"
}

compile requirements.in -o requirements.txt "${@}"
compile requirements-dev.in -o requirements-dev.txt "${@}"
