#!/usr/bin/env bash
# Lint, types and tests, of the built wheel, in an environment made from the lock file.
#   bash launch/test.sh [pytest arguments]
# Everything, the slow tests among it (some read real data from ../shared), and the comparisons
# with PyTorch, torch-fidelity and pytorch-fid, which are installed into the same environment:
#   bash launch/test.sh --peers [pytest arguments]
# The slow tests without the comparisons:  MARKERS="slow or not slow" bash launch/test.sh
set -euo pipefail
cd "$(dirname "$0")/.."
source launch/environment.sh

# Installs the peers into a made environment, unless it has them; making it anew drops the stamp.
install_peers() {
  local folder=$1 list=launch/requirements-peers.txt stamp
  stamp=$(cksum <"$list")
  if [[ "$(cat "$folder/.stamp-peers" 2>/dev/null)" != "$stamp" ]]; then
    echo "Installing into $folder from $list (a few minutes, once) …" >&2
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list"
    echo "$stamp" >"$folder/.stamp-peers"
  fi
}

markers=${MARKERS:-not slow}
make_environment .venv-test launch/requirements-dev.txt
if [[ "${1:-}" == --peers ]]; then
  shift
  markers=${MARKERS:-slow or not slow}
  install_peers .venv-test
fi
bin=$PWD/.venv-test/bin
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/mypy"
# What is tested is what users get: the wheel, not the source tree.
"$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
  --force-reinstall .
PYTHONSAFEPATH=1 "$bin/pytest" -n 2 --dist worksteal -m "$markers" "$@"
