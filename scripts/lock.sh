#!/usr/bin/env bash
# Pin every dependency with its hashes: requirements.txt is what a run needs, requirements-dev.txt what `make test` needs.
# No package address is written. torch and the CUDA packages that come with some of its builds are left out: a machine
# brings its own build of torch. Pins that stand are kept where they still fit; delete a file to pin everything anew.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compile() {
  uv pip compile pyproject.toml --universal --python-version 3.11 --quiet --no-progress \
    --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
    --no-emit-package torch --no-emit-package triton "$@"
}
pin() { # FILE [--extra NAME ...]
  local file=$1
  shift
  cp "$file" "$work/pins.txt" 2>/dev/null || true
  compile "$@" --output-file "$work/pins.txt" >/dev/null
  grep -oE '^(nvidia|cuda)-[a-z0-9-]+' "$work/pins.txt" | sort -u | sed 's/^/--no-emit-package=/' >"$work/skip.txt" || true
  # shellcheck disable=SC2046 -- one option a line, without blanks
  compile "$@" $(cat "$work/skip.txt") --output-file "$work/pins.txt" >/dev/null
  cp "$work/pins.txt" "$file"
}
pin requirements-dev.txt --extra dev --extra cluster --extra bench
pin requirements.txt --constraint requirements-dev.txt
