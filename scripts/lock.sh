#!/usr/bin/env bash
# Pin every dependency with its hashes into requirements.txt, with no package address in it.
# torch and the CUDA packages that come with some of its builds are left out: a machine brings its own build of torch.
set -euo pipefail
cd "$(dirname "$0")/.."
cuda=$(mktemp)
trap 'rm -f "$cuda"' EXIT
compile() {
  uv pip compile pyproject.toml --extra dev --extra cluster --universal --python-version 3.11 --quiet \
    --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header "$@"
}
compile --no-emit-package torch --no-emit-package triton >"$cuda"
mapfile -t skip < <(grep -oE '^(nvidia|cuda)-[a-z0-9-]+' "$cuda" | sort -u)
compile --no-emit-package torch --no-emit-package triton "${skip[@]/#/--no-emit-package=}" --output-file requirements.txt >/dev/null
