#!/usr/bin/env bash
# Trains on the built-in synthetic faces: from a bare Python to a picture of faces in minutes.
#   bash launch/quickstart.sh [--config.FIELD=VALUE …]
set -euo pipefail
cd "$(dirname "$0")/.."
source launch/environment.sh

make_environment .venv launch/requirements.txt
.venv/bin/python -m dcgan_jax.prepare synthetic
.venv/bin/python -m dcgan_jax.main --config=configs/quickstart.py "$@"
.venv/bin/python -m dcgan_jax.sample --workdir=runs/quickstart --ema --out=runs/quickstart/faces.png
.venv/bin/python -m dcgan_jax.evaluate --workdir=runs/quickstart --ema --metrics=swd --num=2048

cat <<'END'

Open       runs/quickstart/report.html   in a browser: the whole run on a page
Look at    runs/quickstart/faces.png     64 faces that nobody drew
           runs/quickstart/curves.png    losses and discriminator accuracies
           runs/quickstart/samples/      the same 64 latents as training went on
Kept in    runs/quickstart/checkpoints/ and, the distance above, evaluation.jsonl

Type next  source .venv/bin/activate
           tensorboard --logdir=runs
           bash launch/quickstart.sh --config.num_steps=6000       # train on from here
           python -m dcgan_jax.metrics.weights                     # once, for FID and KID
           python -m dcgan_jax.evaluate --workdir=runs/quickstart --ema --num=1000
           python -m dcgan_jax.prepare fer2013 --source=PATH       # real faces
           python -m dcgan_jax.main --config=configs/ex2.py
END
