#!/usr/bin/env bash
#SBATCH --job-name=dcgan_jax
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --time=1-00:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
# A training as a Slurm job, which queues itself again until it is done.
#   sbatch [OPTIONS OF sbatch] launch/slurm.sh FLAGS OF dcgan_jax.main
# From a checkout with an environment in .venv, on a drive that all nodes share. A task for each GPU:
#   sbatch --nodes=2 --ntasks-per-node=4 --gpus-per-node=4 launch/slurm.sh --config=configs/ex2.py
# What the job would run:
#   bash launch/slurm.sh --dry-run FLAGS OF dcgan_jax.main
set -uo pipefail

command=(srun .venv/bin/python -m dcgan_jax.main)
if [[ "${1:-}" == --dry-run ]]; then
  shift
  printf '%q ' "${command[@]}" "$@" && echo
  exit
fi
export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK # Slurm passes it on no more
"${command[@]}" "$@"
code=$?
# 75: stopped after saving, as two minutes before the time is up; 134: another task has died. What
# fails within ten minutes fails again.
if [[ $code == 75 || $code == 134 ]] && ((SECONDS >= 600)); then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
