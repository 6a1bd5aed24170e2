import jax

from dcgan_jax.metrics.inception import Inception
from dcgan_jax.metrics.inception_shapes import HEAD_SHAPE, SHAPES
from dcgan_jax.metrics.weight_files import OFFICIAL


def test_there_are_94_convolutions_and_each_gets_what_is_before_it():
  assert len(SHAPES) == 94
  assert len({shape.name for shape in SHAPES}) == 94
  # Each block's inputs are what the last block's branches concatenate to: 64+64+96+32 = 256, ….
  firsts = {
    shape.name.split(".")[0]: shape.inputs for shape in SHAPES if shape.name.endswith("branch1x1")
  }
  assert firsts == {
    "Mixed_5b": 192,
    "Mixed_5c": 64 + 64 + 96 + 32,
    "Mixed_5d": 64 + 64 + 96 + 64,
    "Mixed_6b": 288 + 384 + 96,
    "Mixed_6c": 4 * 192,
    "Mixed_6d": 4 * 192,
    "Mixed_6e": 4 * 192,
    "Mixed_7b": 768 + 320 + 192,
    "Mixed_7c": 320 + 2 * 384 + 2 * 384 + 192,
  }


def test_the_numbers_fill_the_published_file_but_for_its_pickles():
  # Official file: weights, four BatchNorm vectors and an int64 counter each, and the last layer
  # with its bias; names and storage keys take 0.1 %.
  convolutions = sum(4 * s.height * s.width * s.inputs * s.outputs for s in SHAPES)
  norms = sum(4 * 4 * s.outputs + 8 for s in SHAPES)
  head = 4 * (HEAD_SHAPE[0] + 1) * HEAD_SHAPE[1]
  rest = OFFICIAL.size - (convolutions + norms + head)
  assert 0 < rest < 0.001 * OFFICIAL.size


def test_they_are_the_convolutions_of_the_module():
  images = jax.ShapeDtypeStruct((1, 299, 299, 3), "float32")
  params = jax.eval_shape(Inception().init, jax.random.key(0), images)["params"]
  kernels = {
    ".".join(entry.key for entry in path[:-1]): leaf.shape
    for path, leaf in jax.tree.leaves_with_path(params)
    if path[-1].key == "kernel"
  }
  assert kernels == {shape.name: shape[1:] for shape in SHAPES}


def test_the_last_layer_takes_what_the_last_block_concatenates():
  # 320 + (384 + 384) + (384 + 384) + 192 features, to the 1,008 logits of the 2015 graph.
  assert HEAD_SHAPE == (320 + 2 * 384 + 2 * 384 + 192, 1008)
