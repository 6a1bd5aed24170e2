"""A checkout to launch from without installing anything, and stand-ins for what others run."""

import pathlib
import shutil
import sys

import pytest

from .checkouts import mark_as_made
from .programs import StandIns


@pytest.fixture
def checkout(repository: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
  """A copy of the checkout whose .venv is this very environment, marked as up to date."""
  copy = tmp_path / "checkout"
  ignore = shutil.ignore_patterns(".*", "runs", "__pycache__")
  shutil.copytree(repository, copy, ignore=ignore)
  venv = copy / ".venv"
  (venv / "bin").mkdir(parents=True)
  (venv / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
  (venv / "bin" / "python").chmod(0o755)
  mark_as_made(venv, "requirements.txt")
  return copy


@pytest.fixture
def stand_ins(tmp_path: pathlib.Path) -> StandIns:
  """None yet."""
  return StandIns(tmp_path / "programs")


# gs:// is $CLOUD. What is asked about a TPU is answered by the lines of $CLOUD/states, one a time;
# NONE: there is none; LOST: nobody answers; ENDED 3: it is there, and its host has left that code.
# A command that begins as a line of $CLOUD/fails does fails, once for each such line.
_GCLOUD = r"""
set -e
while read -r failing; do
  if [[ -n "$failing" && "$*" == "$failing"* ]]; then
    (cd "$CLOUD" && awk -v line="$failing" '$0 == line && !gone { gone = 1; next } 1' fails >left)
    mv "$CLOUD/left" "$CLOUD/fails"
    echo "the network is down" >&2
    exit 1
  fi
done <"$CLOUD/fails"
plain=()
for argument; do
  case $argument in
  --delete-unmatched*) delete=1 ;;
  --exclude=*) exclude=${argument#*=} ;;
  --metadata-from-file=startup-script=*) cp "${argument##*=}" "$CLOUD/startup.sh" ;;
  --*) ;;
  gs://*) plain+=("$CLOUD/${argument#gs://}") ;;
  *) plain+=("$argument") ;;
  esac
done
set -- "${plain[@]}"
case "$1 $2" in
"storage cp")
  mkdir -p "$(dirname "$4")"
  cp "$3" "$4" ;;
"storage rsync")
  [[ -d "$3" ]]
  [[ -z "${delete:-}" ]] || rm -rf "$4"
  mkdir -p "$4"
  cp -r "$3/." "$4"
  if [[ -n "${exclude:-}" ]]; then
    (cd "$4" && find . -type f -printf '%P\n' | grep -E "^($exclude)" | xargs -r rm)
  fi ;;
"storage ls")
  for there in "$3"*; do
    [[ -d "$there" ]] && end=/ || end=
    echo "gs://${there#"$CLOUD/"}$end"
  done ;;
"storage cat") cat "$3" ;;
"storage rm") rm "$3" ;;
"compute tpus")
  if [[ "$4" == describe ]]; then
    state=$(head -n 1 "$CLOUD/states")
    sed -i 1d "$CLOUD/states"
    case $state in
    NONE)
      echo "ERROR: NOT_FOUND: no such resource" >&2
      exit 1 ;;
    LOST)
      echo "ERROR: the network is down" >&2
      exit 1 ;;
    ENDED*)
      echo "${state#* }" >"$CLOUD/bucket/faces/ended"
      state=ACTIVE ;;
    esac
    echo "$state"
  fi ;;
*) exit 2 ;;
esac
"""


@pytest.fixture
def cloud(stand_ins: StandIns, tmp_path: pathlib.Path) -> pathlib.Path:
  """What gcloud calls gs://, where gcloud is a stand-in."""
  folder = tmp_path / "cloud"
  (folder / "bucket" / "faces").mkdir(parents=True)
  (folder / "fails").touch()
  stand_ins.environment["CLOUD"] = str(folder)
  stand_ins.add("gcloud", _GCLOUD)
  return folder
