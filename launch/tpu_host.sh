# shellcheck shell=bash
# What each host of a TPU runs when it starts: tpu.sh sets the address of the run's folder and main's
# flags as arguments, in front of this.
set -euo pipefail
home=$1
shift

# TPU software has Python 3.10, and uv brings a newer one.
python_for_us() {
  find_python 2>/dev/null && return
  python3 -m pip install --quiet --user uv >&2
  python3 -m uv python install --quiet 3.13 >&2
  python3 -m uv python find 3.13
}

cd "${HOME:=/root}"
export HOME DCGAN_JAX_DATA=$HOME/data
mkdir -p dcgan_jax data run
gcloud storage cp "$home/code.tar.gz" code.tar.gz
tar --extract --gzip --file=code.tar.gz --directory=dcgan_jax
gcloud storage rsync --recursive "$home/data" data || echo "$home/data: nothing taken along" >&2
cd dcgan_jax
source launch/environment.sh
PYTHON=$(python_for_us)
export PYTHON
make_environment .venv launch/requirements-tpu.txt

# The first host alone reads and writes the workdir.
first=$(curl --silent --fail --header 'Metadata-Flavor: Google' \
  http://metadata.google.internal/computeMetadata/v1/instance/attributes/agent-worker-number)
keep() {
  [[ "$first" == 0 ]] || return 0
  gcloud storage rsync --recursive --delete-unmatched-destination-objects \
    --exclude='.*orbax-checkpoint-tmp.*|.*\.tmp$|lock$' ../run "$home/run"
}
[[ "$first" != 0 ]] || gcloud storage rsync --recursive "$home/run" ../run || true

stopping=''
trap 'stopping=1' TERM # main gets it too, and saves
while sleep 60; do keep; done &
keeping=$!
code=75
# 75: stopped after saving, or another host has ended; 134: the same, aborted. All start again.
while [[ -z "$stopping" && ($code == 75 || $code == 134) ]]; do
  code=0
  .venv/bin/python -m dcgan_jax.main --workdir=../run "$@" >>../run/log.txt 2>&1 || code=$?
  keep
done
kill "$keeping" 2>/dev/null || true
if [[ "$first" == 0 && -z "$stopping" ]]; then
  echo "$code" | gcloud storage cp - "$home/ended"
fi
