"""What only the tests beside PyTorch need."""

import importlib
import sys
import types
from typing import Any

# torch forgets a declared operator together with its Library.
_kept: list[Any] = []


def require_torch_fidelity() -> types.ModuleType:
  """Imports torch-fidelity, or skips the test module that asks, naming what is missing."""
  import pytest  # the benchmarks do without

  torch = pytest.importorskip("torch", reason="torch is not installed (extra 'peers')")
  import_torchvision(torch)
  reason = "torch-fidelity or its torchvision is not installed (extra 'peers')"
  return pytest.importorskip("torch_fidelity", reason=reason)


def import_torchvision(torch: types.ModuleType) -> None:
  """Imports torchvision, which torch-fidelity imports, beside any build of torch.

  PyPI's torchvision is compiled for the CUDA build of torch. Beside the CPU build its library of
  operators does not load, and registering shape rules for two of them, nms and qnms, then fails
  the import. Nothing here runs them: declared without an implementation, they let the import pass.
  """
  try:
    importlib.import_module("torchvision")
  except ImportError:
    return  # not installed: the import of torch_fidelity says so
  except RuntimeError as error:
    if "operator torchvision::nms does not exist" not in str(error):
      raise
  else:
    return
  for name in list(sys.modules):
    if name.partition(".")[0] == "torchvision":  # half imported
      del sys.modules[name]
  library = torch.library.Library("torchvision", "DEF")
  for operator in ("nms", "qnms"):
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
  _kept.append(library)
  importlib.import_module("torchvision")
