#!/usr/bin/env bash
# Trains on a Cloud TPU, of one host or many, and gives it back when the training is done.
#   bash launch/tpu.sh --name=NAME --bucket=gs://BUCKET --zone=ZONE [OPTIONS] -- FLAGS OF dcgan_jax.main
# OPTIONS
#   --type=v5litepod-1          the TPU; v5litepod-16 and larger have several hosts
#   --version=v2-alpha-tpuv5-lite  its software
#   --on-demand                 not a spot TPU, which is cheaper and may be taken away
#   --data=FOLDER               a prepared set to take along; python -m dcgan_jax.prepare says where
#   --take=FOLDER               what else main reads in this checkout, such as runs/classifier-fer2013
#   --dry-run                   prints what would run, and runs nothing
# The workdir is gs://BUCKET/NAME/run. When main ends its host gives the TPU back, whether this
# command still runs or not; a TPU that is taken away is asked for again as long as it runs. The same
# command again goes on watching, or training. To stop:
#   gcloud compute tpus queued-resources delete NAME --zone=ZONE --force
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
  exit "$1"
}

name='' bucket='' zone='' type=v5litepod-1 version=v2-alpha-tpuv5-lite spot=--spot data='' take='' dry=''
while (($#)); do
  case $1 in
  --name=?*) name=${1#*=} ;;
  --bucket=gs://?*) bucket=${1#*=} ;;
  --zone=?*) zone=${1#*=} ;;
  --type=?*) type=${1#*=} ;;
  --version=?*) version=${1#*=} ;;
  --on-demand) spot='' ;;
  --data=?*) data=${1#*=} ;;
  --take=?*) take=${1#*=} ;;
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
  if [[ -n "$(git status --porcelain)" ]]; then
    echo "tpu.sh: what is not committed in this checkout is not taken along." >&2
  fi
  archive=$(mktemp)
  run git archive --format=tar.gz --output="$archive" HEAD
  run gcloud storage cp "$archive" "$home/code.tar.gz"
  rm "$archive"
  if [[ -n "$data" ]]; then
    run gcloud storage rsync --recursive "$data" "$home/data/$(basename "$data")"
  fi
  if [[ -n "$take" ]]; then
    run gcloud storage rsync --recursive "$take" "$home/taken/$take"
  fi
}

ask_for_a_tpu() {
  local startup
  startup=$(mktemp)
  {
    echo '#!/usr/bin/env bash'
    echo "set -- $(printf '%q ' "$home" "$name" "$zone" "$@")"
    cat launch/tpu_host.sh
  } >"$startup"
  queue create --node-id="$name" --accelerator-type="$type" --runtime-version="$version" \
    --scopes=cloud-platform ${spot:+"$spot"} --metadata-from-file=startup-script="$startup"
  rm "$startup"
}

# NONE where there is no such TPU, UNKNOWN where nobody can tell just now.
state() {
  local answer
  if answer=$(gcloud compute tpus queued-resources describe "$name" --zone="$zone" \
    --format='value(state.state)' 2>&1); then
    echo "$answer"
  elif [[ "$answer" == *NOT_FOUND* ]]; then
    echo NONE
  else
    echo "tpu.sh: the TPU's state cannot be had: ${answer:0:300}" >&2
    echo UNKNOWN
  fi
}

# Waits for the code that main ended with, and asks again for a TPU that is taken away.
watch() {
  local now before='' code
  while true; do
    if code=$(gcloud storage cat "$home/ended" 2>/dev/null); then
      queue delete --force --quiet 2>/dev/null || true # its host may have given it back
      echo "main ended with code $code; its workdir is $home/run, what it said $home/log.txt" >&2
      return "$code"
    fi
    now=$(state)
    case $now in
    SUSPENDED)
      echo "The TPU was taken away: asking for another …" >&2
      queue delete --force --quiet
      ask_for_a_tpu "$@"
      ;;
    FAILED)
      gcloud compute tpus queued-resources describe "$name" --zone="$zone" --format='value(state)' >&2
      queue delete --force --quiet
      echo "tpu.sh: there is no such TPU for you; the reason is above." >&2
      return 1
      ;;
    NONE)
      echo "tpu.sh: somebody has deleted the TPU. The same command goes on with the training." >&2
      return 1
      ;;
    esac
    now+=" $(gcloud storage cat "$home/log.txt" 2>/dev/null | tail -n 1 || true)"
    [[ "$now" == "$before" ]] || echo "$(date +%H:%M) $now" >&2
    before=$now
    sleep 60
  done
}

for folder in "$data" "$take"; do
  if [[ -n "$folder" && ! -d "$folder" ]]; then
    echo "tpu.sh: $folder: no such folder." >&2
    exit 2
  fi
done
if [[ "$take" == /* || "$take" == *..* ]]; then
  echo "tpu.sh: --take=$take: not a path from the top of this checkout on." >&2
  exit 2
fi
if [[ -n "$data" && -f "$data/report.json" ]]; then # a version of the set
  data=$(dirname "$data")
fi
if [[ -n "$dry" ]]; then
  take_along
  ask_for_a_tpu "$@"
  queue delete --force --quiet
  exit
fi
case $(state) in
UNKNOWN) exit 1 ;;
NONE)
  take_along
  gcloud storage rm "$home/ended" 2>/dev/null || true
  ask_for_a_tpu "$@"
  ;;
esac
watch "$@"
