#!/bin/sh
# Pins every dependency with its hashes: names and versions only, never a download address.
set -eu
cd "$(dirname "$0")/../backend"
compile() {
    ../.venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --no-header --quiet "$@"
}
compile --output-file requirements.lock
compile --group dev --constraint requirements.lock --output-file requirements-dev.lock
../.venv/bin/uv pip compile requirements-node.in --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-node.lock
sh ../scripts/check-repository.sh  # no download address got into a lock file
