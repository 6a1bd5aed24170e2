"""The notebook, cell by cell, where the environment is made already and the settings are small."""

import re

import nbclient
import nbformat
import pytest

SMALL = "--config.num_steps=2 --config.model.width=2 --config.batch_size=4"

pytestmark = [
  pytest.mark.slow,
  pytest.mark.filterwarnings("ignore::RuntimeWarning"),  # jupyter's, of the event loop
]


def set_to(notebook, **settings):
  """Gives the fields of the form other values."""
  form = next(cell for cell in notebook.cells if "@title" in cell.source)
  for name, value in settings.items():
    form.source, found = re.subn(
      rf"^{name} = .*?(?=  # @param)", f"{name} = {value!r}", form.source, flags=re.M
    )
    assert found == 1, name


@pytest.fixture
def notebook(checkout, tmp_path, monkeypatch):
  """The notebook with settings that take seconds; it runs in the checkout."""
  monkeypatch.setenv("DCGAN_JAX_DATA", str(tmp_path / "data"))
  notebook = nbformat.read(checkout / "launch" / "colab.ipynb", as_version=4)
  nbformat.validate(notebook)
  set_to(notebook, PREPARE="synthetic --num=40", FLAGS=SMALL, KEEP=str(tmp_path / "my drive"))
  return notebook


def execute(notebook, checkout):
  """Runs the cells; what all of them said."""
  place = {"metadata": {"path": str(checkout)}}
  nbclient.NotebookClient(notebook, timeout=300, resources=place).execute()
  return "".join(output.get("text", "") for cell in notebook.cells for output in outputs(cell))


def outputs(cell):
  return cell.get("outputs", [])


def test_all_cells_leave_a_run_with_scores_and_faces_and_go_on_when_run_again(
  notebook, checkout, tmp_path
):
  said = execute(notebook, checkout)
  run = tmp_path / "my drive" / "quickstart"
  assert (run / "finished.json").exists()
  assert (run / "faces.png").exists()
  assert "swd36_train" in said  # of 40 faces 36 are for training
  assert f"dcgan_jax.evaluate '--workdir={run}'" in said  # to be pasted, the space and all
  shown = [o for cell in notebook.cells for o in outputs(cell) if "image/png" in o.get("data", {})]
  assert len(shown) == 3  # curves and samples of the training, and the faces

  set_to(notebook, FLAGS=SMALL.replace("num_steps=2", "num_steps=3"))
  assert "64 faces from step 3" in execute(notebook, checkout)
  log = (checkout / "training.log").read_text()
  assert "Resuming from the checkpoint of step 2." in log


def test_a_mistake_stops_it_with_the_commands_message(notebook, checkout):
  set_to(notebook, PREPARE="synthetic --num=none")
  with pytest.raises(nbclient.exceptions.CellExecutionError, match="This failed, see above"):
    execute(notebook, checkout)
  assert "argument --num: " in str(notebook.cells)


def test_without_the_code_it_says_what_to_fill_in(notebook, tmp_path):
  (tmp_path / "empty").mkdir()
  with pytest.raises(
    nbclient.exceptions.CellExecutionError, match="CODE, in the first cell, is empty"
  ):
    execute(notebook, tmp_path / "empty")
