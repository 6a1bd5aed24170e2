"""A page of the demo, served, and a browser to open it in."""

import threading

import pytest
from browser import chromium
from untrained_run import write_checkpoints

from dcgan_jax.errors import UserError
from dcgan_jax.exporting import web
from dcgan_jax.exporting.local_server import LocalServer
from dcgan_jax.exporting.onnxruntime_web import read_runtime
from dcgan_jax.trained import load_generator


@pytest.fixture(scope="module")
def browser():
  with chromium() as driver:
    yield driver


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
  """A generator that knows the expressions angry, happy and sad."""
  workdir = tmp_path_factory.mktemp("conditional")
  write_checkpoints(workdir, [4], model="cgan")
  return load_generator(workdir, None, ema=False)


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
  """Writes a generator's page, serves it, and gives its address and folder."""
  pytest.importorskip("onnx")
  try:
    read_runtime(None)
  except UserError:
    pytest.skip("ONNX Runtime Web is not in the cache, and npm cannot fetch it")
  servers = []

  def of(generator):
    folder = tmp_path_factory.mktemp("page")
    web.write(generator, folder, None)
    servers.append(LocalServer(folder, 0))
    threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
    return servers[-1].address, folder

  yield of
  for server in servers:
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def address(conditional, serve):
  return serve(conditional)[0]
