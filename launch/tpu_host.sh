# shellcheck shell=bash
# What each host of a TPU runs when it starts. tpu.sh puts in front of this, as arguments: the address
# of the run's folder, the TPU's name and zone, and main's flags.
set -euo pipefail
home=$1 name=$2 zone=$3
shift 3

cd "${HOME:=/root}"
export HOME DCGAN_JAX_DATA=$HOME/data
mkdir -p dcgan_jax data run
exec >>log.txt 2>&1
# The first host alone reads and writes the workdir, and gives the TPU back.
number=$(curl --silent --fail --retry 5 --header 'Metadata-Flavor: Google' \
  http://metadata.google.internal/computeMetadata/v1/instance/attributes/agent-worker-number)

# Networks fail now and then.
insist() {
  local try
  for try in 1 2 3 4 5; do
    "$@" && return
    echo "failed ($try of 5): $*" >&2
    sleep 20
  done
  return 1
}

# One copy at a time: an older one would delete what a newer one has brought. And none before what
# there was is here: an empty run would take its place.
restored=''
keep() {
  [[ "$number" == 0 ]] || return 0
  (
    flock 9
    gcloud storage cp "$HOME/log.txt" "$home/log.txt"
    [[ -n "$restored" ]] || exit 0
    gcloud storage rsync --recursive --delete-unmatched-destination-objects \
      --exclude='.*orbax-checkpoint-tmp.*|.*\.tmp$|lock$' "$HOME/run" "$home/run"
  ) 9>"$HOME/keep.lock"
}

# However this ends, but by the TPU being taken away, the TPU is given back and the code is told.
stopping=''
trap 'stopping=1' TERM # main gets it too, and saves
finish() {
  local code=$?
  trap - EXIT
  kill "${keeping:-}" 2>/dev/null || true
  insist keep || true
  if [[ "$number" == 0 && -z "$stopping" ]]; then
    echo "$code" >"$HOME/ended"
    insist gcloud storage cp "$HOME/ended" "$home/ended" || true
    gcloud compute tpus queued-resources delete "$name" --zone="$zone" --force --quiet --async || true
  fi
}

trap finish EXIT

there=$(insist gcloud storage ls "$home/")
if [[ "$number" == 0 && "$there" == *"$home/run/"* ]]; then
  insist gcloud storage rsync --recursive "$home/run" run
fi
restored=1
insist gcloud storage cp "$home/code.tar.gz" code.tar.gz
tar --extract --gzip --file=code.tar.gz --directory=dcgan_jax
if [[ "$there" == *"$home/data/"* ]]; then
  insist gcloud storage rsync --recursive "$home/data" data
fi
cd dcgan_jax
if [[ "$there" == *"$home/taken/"* ]]; then
  insist gcloud storage rsync --recursive "$home/taken" .
fi

source launch/environment.sh
if ! PYTHON=$(find_python 2>/dev/null); then # TPU software has Python 3.10, and uv brings a newer one
  python3 -m pip install --quiet --user uv
  python3 -m uv python install --quiet 3.13
  PYTHON=$(python3 -m uv python find 3.13)
fi
export PYTHON
make_environment .venv launch/requirements-tpu.txt

while sleep 60; do keep || echo "not copied; once more in a minute"; done &
keeping=$!
# 75: another host has ended, or somebody stopped main; 134: the same, aborted. All start again,
# unless it was within ten minutes: what fails at once fails again.
while true; do
  began=$SECONDS code=0
  .venv/bin/python -m dcgan_jax.main --workdir="$HOME/run" "$@" || code=$?
  if [[ -n "$stopping" || ($code != 75 && $code != 134) ]] || ((SECONDS - began < 600)); then
    exit "$code"
  fi
  insist keep || true
done
