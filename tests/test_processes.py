import http.server
import os
import signal
import threading

import numpy as np
import pytest

from dcgan_jax import processes
from dcgan_jax.errors import UserError
from dcgan_jax.interruption import Interruption

ALONE = processes.Together(None, None, None)


@pytest.fixture
def met(monkeypatch):
  """What jax is asked to meet with; nobody is met, and pytest keeps its handler of faults."""
  calls = []
  monkeypatch.setattr("jax.distributed.initialize", lambda *where, **_: calls.append(where))
  monkeypatch.setattr("faulthandler.disable", lambda: None)
  before = signal.getsignal(signal.SIGTERM)
  yield calls
  signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
  "together", [("a:1", None, None), (None, 2, 0), ("a:1", 2, None), (None, None, 1)]
)
def test_the_flags_go_together(together, met):
  with pytest.raises(UserError, match="go together"):
    processes.join(processes.Together(*together), {})
  assert met == []


@pytest.mark.parametrize(
  ("together", "words"),
  [
    (("10.0.0.1", 2, 0), "--coordinator=10.0.0.1: not HOST:PORT"),
    (("10.0.0.1:x", 2, 0), "not HOST:PORT"),
    (("10.0.0.1:1", 2, 2), "--process_id=2: of --num_processes=2 the first is 0, and the last 1"),
    (("10.0.0.1:1", 2, -1), "--process_id=-1"),
    (("10.0.0.1:1", 0, 0), "--process_id=0"),
  ],
)
def test_flags_that_can_mean_nothing_are_told(together, words, met):
  with pytest.raises(UserError, match=words):
    processes.join(processes.Together(*together), {})
  assert met == []


def test_one_process_meets_nobody(met):
  alone = {"SLURM_STEP_NODELIST": "a", "SLURM_STEP_NUM_TASKS": "1"}
  batch_step = {"SLURM_NTASKS": "4", "SLURM_PROCID": "0", "SLURM_JOB_ID": "1"}  # before srun
  for environment in ({}, alone, batch_step):
    processes.join(ALONE, environment)
  assert met == []


@pytest.mark.parametrize(
  "environment",
  [
    {"SLURM_STEP_NODELIST": "node[1-4]", "SLURM_STEP_NUM_TASKS": "4"},
    {"OMPI_MCA_orte_hnp_uri": "1.0;tcp://10.0.0.1:9", "OMPI_COMM_WORLD_SIZE": "2"},
    {"TPU_WORKER_HOSTNAMES": "a,b"},
  ],
)
def test_a_cluster_says_for_itself_where_to_meet(environment, met, capsys):
  processes.join(ALONE, environment)
  assert met == [(None, None, None)]
  # jax finds the rest; the port may be another, where a firewall wants it so.
  processes.join(processes.Together("10.0.0.1:8476", None, None), environment)
  assert met[1] == ("10.0.0.1:8476", None, None)
  assert "10.0.0.1:8476" in capsys.readouterr().err


def test_the_flags_say_where_to_meet(met):
  processes.join(processes.Together("10.0.0.1:8476", 2, 1), {})
  assert met == [("10.0.0.1:8476", 2, 1)]


@pytest.mark.parametrize(("workers", "meets"), [("a:0:10.0.0.1,b:1:10.0.0.2", 1), ("a", 0)])
def test_a_tpu_vm_is_told_of_its_hosts_by_its_server(monkeypatch, met, workers, meets):
  asked = []

  class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
      asked.append((self.path, self.headers["Metadata-Flavor"]))
      self.send_response(200)
      self.end_headers()
      self.wfile.write(workers.encode())

    def log_message(self, *arguments):
      pass

  server = http.server.HTTPServer(("127.0.0.1", 0), Server)
  threading.Thread(target=server.serve_forever, daemon=True).start()
  monkeypatch.setattr(os.path, "exists", lambda path: path == "/dev/accel0")
  try:
    processes.join(ALONE, {"GCE_METADATA_IP": f"127.0.0.1:{server.server_port}"})
  finally:
    server.shutdown()
    server.server_close()
  path = "/computeMetadata/v1/instance/attributes/worker-network-endpoints"
  assert asked == [(path, "Google")]
  assert len(met) == meets


def test_a_tpu_without_such_a_server_is_alone(monkeypatch, met):
  monkeypatch.setattr(os.path, "exists", lambda path: path == "/dev/accel0")
  processes.join(ALONE, {"GCE_METADATA_IP": "127.0.0.1:9"})  # nobody listens to port 9
  assert met == []


def test_a_port_that_is_taken_is_told(monkeypatch, met):
  def fail(*where, **options):
    raise RuntimeError("UNKNOWN: Failed to start RPC server")

  monkeypatch.setattr("jax.distributed.initialize", fail)
  with pytest.raises(UserError, match=r"cannot meet at 127.0.0.1:80: UNKNOWN.*\n.*--coordinator"):
    processes.join(processes.Together("127.0.0.1:80", 2, 0), {})


def test_alone_one_leads_and_agrees_with_oneself():
  assert processes.leads()
  assert not processes.are_many()
  tree = {"a": np.array([-0.0, 1.0], np.float32)}
  assert processes.from_lead(tree) is tree
  assert processes.lead_says("b", ("a", "b")) == "b"
  assert processes.lead_has("anything")
  processes.meet("anywhere")
  assert type(processes.interruption()) is Interruption


def test_while_they_meet_a_signal_ends_the_process_at_once_and_then_ctrl_c_is_as_ever(
  met, monkeypatch
):
  numbers, seen = (signal.SIGINT, signal.SIGTERM), []
  before = signal.getsignal(signal.SIGINT)
  monkeypatch.setattr(
    "jax.distributed.initialize", lambda *_, **__: seen.extend(map(signal.getsignal, numbers))
  )
  processes.join(processes.Together("10.0.0.1:8476", 2, 1), {})
  assert seen == [signal.SIG_DFL, signal.SIG_DFL]
  assert signal.getsignal(signal.SIGINT) == before


def test_one_alone_asks_for_no_devices_to_know_it(monkeypatch):
  monkeypatch.setattr("jax.process_count", None)
  monkeypatch.setattr("jax.process_index", None)
  assert processes.leads()
  assert type(processes.interruption()) is Interruption


def test_alone_an_error_goes_its_way():
  with pytest.raises(UserError, match="mine"), processes.leaving_at_an_error("main"):
    raise UserError("mine")


def test_of_many_all_stop_where_jax_says_so_and_ctrl_c_asks_it(monkeypatch):
  asked, received = [], []
  monkeypatch.setattr(
    processes.multihost_utils,
    "reached_preemption_sync_point",
    lambda count: asked.append(count) or count == 3,
  )
  before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
  try:
    with processes.SharedInterruption() as interruption:
      os.kill(os.getpid(), signal.SIGINT)
      assert received == [signal.SIGTERM]
      assert [interruption.due() for _ in range(3)] == [None, None, signal.SIGTERM]
  finally:
    signal.signal(signal.SIGTERM, before)
  assert asked == [1, 2, 3]
