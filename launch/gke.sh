#!/usr/bin/env bash
# Trains on TPUs of a GKE cluster, through xpk.
#   bash launch/gke.sh [--dry-run] CLUSTER IMAGE TPU STORAGE NAME FLAGS OF dcgan_jax.main
# CLUSTER  a cluster that `xpk cluster create` has made
# IMAGE    where the container is pushed, such as us-docker.pkg.dev/PROJECT/REPOSITORY/dcgan_jax
# TPU      such as v5litepod-16
# STORAGE  a bucket that xpk has attached; prepared sets lie in its data/, and the workdir is NAME:
#            xpk storage attach STORAGE --cluster=CLUSTER --type=gcsfuse --bucket=BUCKET \
#              --mount-point=/bucket --auto-mount=false --readonly=false --size=100 \
#              --mount-options=implicit-dirs,rename-dir-limit=200000
#          (checkpoints are finished by renaming their folder)
# NAME     of the workload and of the run
# --dry-run  prints what would run, and runs nothing
# A workload that is stopped, as by losing its spot TPUs, starts again and goes on from its newest
# checkpoint.
set -euo pipefail
cd "$(dirname "$0")/.."

run() { "$@"; }
if [[ "${1:-}" == --dry-run ]]; then
  run() { printf '%q ' "$@" && echo; }
  shift
fi
if (($# < 6)); then
  sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
cluster=$1 image=$2 tpu=$3 storage=$4 name=$5
shift 5

run docker build --platform=linux/amd64 --file=launch/Dockerfile --build-arg=LOCK=requirements-tpu.txt --tag="$image" .
run docker push "$image"
# 75: main has stopped after saving; xpk restarts at codes from 127 by itself.
run xpk workload create --cluster="$cluster" --workload="$name" --tpu-type="$tpu" \
  --docker-image="$image" --storage="$storage" --env=DCGAN_JAX_DATA=/bucket/data \
  --max-restarts=50 --restart-on-exit-codes=75 \
  --command="exec python -m dcgan_jax.main --workdir=/bucket/$name $(printf '%q ' "$@")"
