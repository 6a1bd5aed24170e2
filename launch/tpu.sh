#!/usr/bin/env bash
# Trains on a Cloud TPU, of one host or many, and gives it back when the training is done.
#   bash launch/tpu.sh --name=NAME --bucket=gs://BUCKET --zone=ZONE [OPTIONS] -- FLAGS OF dcgan_jax.main
# OPTIONS
#   --type=v5litepod-1          the TPU; v5litepod-16 and larger have several hosts
#   --version=v2-alpha-tpuv5-lite  its software
#   --on-demand                 not a spot TPU, which is cheaper and may be taken away
#   --data=NAME                 a prepared set to take along; it lies in $DCGAN_JAX_DATA
#   --dry-run                   prints what would run, and runs nothing
# The workdir is gs://BUCKET/NAME/run. A TPU that is taken away is asked for again, and the training
# goes on from there. The same command again watches a training that runs, or goes on with one that
# was stopped by  gcloud compute tpus queued-resources delete NAME --zone=ZONE --force
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
  exit "$1"
}

name='' bucket='' zone='' type=v5litepod-1 version=v2-alpha-tpuv5-lite spot=(--spot) data='' dry=''
while (($#)); do
  case $1 in
  --name=?*) name=${1#*=} ;;
  --bucket=gs://?*) bucket=${1#*=} ;;
  --zone=?*) zone=${1#*=} ;;
  --type=?*) type=${1#*=} ;;
  --version=?*) version=${1#*=} ;;
  --on-demand) spot=() ;;
  --data=?*) data=${1#*=} ;;
  --dry-run) dry=1 ;;
  --help | -h) usage 0 ;;
  --)
    shift
    break
    ;;
  *)
    echo "tpu.sh: $1: not one of its options; what main is to get stands after --" >&2
    usage 2 >&2
    ;;
  esac
  shift
done
if [[ -z "$name" || -z "$bucket" || -z "$zone" || $# == 0 ]]; then
  echo "tpu.sh: --name, --bucket=gs://…, --zone and, after --, main's flags are needed." >&2
  usage 2 >&2
fi
home=${bucket%/}/$name

# Runs a command, or with --dry-run prints it.
run() {
  if [[ -n "$dry" ]]; then
    printf '%q ' "$@"
    echo
  else
    "$@"
  fi
}
queue() {
  local action=$1
  shift
  run gcloud compute tpus queued-resources "$action" "$name" --zone="$zone" "$@"
}

take_along() {
  local archive
  archive=$(mktemp)
  run git archive --format=tar.gz --output="$archive" HEAD
  run gcloud storage cp "$archive" "$home/code.tar.gz"
  rm "$archive"
  if [[ -n "$data" ]]; then
    run gcloud storage rsync --recursive "${DCGAN_JAX_DATA:-$HOME/.cache/dcgan_jax/data}/$data" \
      "$home/data/$data"
  fi
}

ask_for_a_tpu() {
  local startup
  startup=$(mktemp)
  {
    echo '#!/usr/bin/env bash'
    echo "set -- $(printf '%q ' "$home" "$@")"
    cat launch/tpu_host.sh
  } >"$startup"
  queue create --node-id="$name" --accelerator-type="$type" --runtime-version="$version" \
    --scopes=cloud-platform "${spot[@]}" --metadata-from-file=startup-script="$startup"
  rm "$startup"
}

state() {
  gcloud compute tpus queued-resources describe "$name" --zone="$zone" \
    --format='value(state.state)' 2>/dev/null || echo NONE
}

# Waits for the code that the training ended with, and asks again for a TPU that is taken away.
watch() {
  local now before='' code
  while true; do
    if code=$(gcloud storage cat "$home/ended" 2>/dev/null); then
      queue delete --force --quiet
      echo "main ended with code $code; its workdir is $home/run" >&2
      return "$code"
    fi
    now=$(state)
    case $now in
    SUSPENDED | FAILED)
      echo "The TPU is $now: asking for another …" >&2
      queue delete --force --quiet
      ask_for_a_tpu "$@"
      ;;
    NONE) ask_for_a_tpu "$@" ;;
    esac
    now+=" $(gcloud storage cat "$home/run/log.txt" 2>/dev/null | tail -n 1 || true)"
    [[ "$now" == "$before" ]] || echo "$(date +%H:%M) $now" >&2
    before=$now
    sleep 60
  done
}

if [[ -n "$dry" ]]; then
  take_along
  ask_for_a_tpu "$@"
  queue delete --force --quiet
  exit
fi
if [[ "$(state)" == NONE ]]; then
  take_along
  gcloud storage rm "$home/ended" 2>/dev/null || true
fi
watch "$@"
