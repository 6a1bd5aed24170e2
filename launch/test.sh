#!/usr/bin/env bash
# Lint, types and tests, of the built wheel, in an environment made from the lock file.
#   bash launch/test.sh [pytest arguments]
# The slow tests, which read real data from ../shared, too:  MARKERS="slow or not slow" bash …
set -euo pipefail
cd "$(dirname "$0")/.."
source launch/environment.sh

make_environment .venv-test launch/requirements-dev.txt
bin=$PWD/.venv-test/bin
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/mypy"
# What is tested is what users get: the wheel, not the source tree.
"$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
  --force-reinstall .
PYTHONSAFEPATH=1 "$bin/pytest" -n 2 -m "${MARKERS:-not slow}" "$@"
