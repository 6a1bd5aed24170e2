"""What would be built, pushed and started on GKE."""

import subprocess

ARGUMENTS = ["cluster", "registry/faces", "v5litepod-16", "bucket", "ex2", "--config=a b.py"]


def gke(repository, *arguments, **environment):
  return subprocess.run(
    ["bash", repository / "launch" / "gke.sh", *arguments], check=False, capture_output=True,
    text=True, **environment,
  )  # fmt: skip


def test_the_container_is_built_and_pushed_and_the_workload_restarts(repository, stand_ins):
  for name in ("docker", "xpk"):
    stand_ins.add(name)
  done = gke(repository, *ARGUMENTS, env=stand_ins.environment)
  assert done.returncode == 0, done.stderr
  build, push, create = stand_ins.called()
  assert build.startswith("docker build --platform=linux/amd64 --file=launch/Dockerfile ")
  assert "--build-arg=LOCK=requirements-tpu.txt" in build
  assert push == "docker push registry/faces"
  assert "--tpu-type=v5litepod-16 --docker-image=registry/faces --storage=bucket" in create
  assert "--restart-on-exit-codes=75" in create
  assert create.endswith(
    r"--command=exec python -m dcgan_jax.main --workdir=/bucket/ex2 --config=a\ b.py"
  )


def test_a_dry_run_prints_the_same_and_runs_nothing(repository, stand_ins):
  for name in ("docker", "xpk"):
    stand_ins.add(name)
  done = gke(repository, "--dry-run", *ARGUMENTS, env=stand_ins.environment)
  assert [" ".join(line.split()[:2]) for line in done.stdout.splitlines()] == [
    "docker build", "docker push", "xpk workload",
  ]  # fmt: skip
  assert not stand_ins.called()


def test_too_few_arguments_are_answered_with_the_usage(repository):
  done = gke(repository, *ARGUMENTS[:5])
  assert done.returncode == 2
  assert "CLUSTER IMAGE TPU STORAGE NAME" in done.stderr
