# shellcheck shell=bash
# Sourced by the scripts beside it; run from the top of the checkout.

# Prints a Python that the project supports: $PYTHON, else the first of the usual names.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
      2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Python 3.11, 3.12 or 3.13 is needed; name one: PYTHON=/path/to/python bash $0" >&2
  return 2
}

# lock_for_this_machine [DEVICES]: prints the lock file for its TPU, its NVIDIA GPU, or its CPU.
lock_for_this_machine() {
  local devices=${1:-/dev}
  if [[ -e "$devices/accel0" || -e "$devices/vfio/0" ]]; then
    echo launch/requirements-tpu.txt
  elif [[ -e "$devices/nvidia0" ]]; then
    echo launch/requirements-cuda.txt
  else
    echo launch/requirements.txt
  fi
}

# make_environment FOLDER LOCK: a virtual environment with exactly what the lock file pins.
# One that already has it is reused, so that a second start takes no time.
make_environment() {
  local folder=$1 lock=$2 python stamp pip
  python=$(find_python) || return
  stamp="$("$python" --version) $(cksum <"$lock")"
  if [[ "$(cat "$folder/.stamp" 2>/dev/null)" != "$stamp" ]]; then
    if [[ -e "$folder" && ! -e "$folder/.stamp" ]]; then
      echo "$folder is there and was not made here; move it away first." >&2
      return 2
    fi
    echo "Installing into $folder from $lock (a minute or two, once) …" >&2
    mkdir -p "$folder"
    : >"$folder/.stamp" # first: ours, though not complete yet, should what follows fail
    find "$folder/" -mindepth 1 ! -path "$folder/.stamp" -delete
    if "$python" -c 'import ensurepip' 2>/dev/null; then
      "$python" -m venv "$folder"
      pip=("$folder/bin/python" -m pip)
    else # Colab's and Debian's without python3-venv: pip from without
      "$python" -m venv --without-pip "$folder"
      pip=("$python" -m pip --python "$folder/bin/python")
    fi
    "${pip[@]}" install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    echo "$stamp" >"$folder/.stamp"
  fi
}
