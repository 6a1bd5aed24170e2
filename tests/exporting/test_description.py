import json

import pytest
from untrained_generator import untrained_generator

from dcgan_jax.exporting.description import EMA, RAW, describe, described


def test_it_says_what_a_loader_must_know():
  generator = untrained_generator("acgan", latent_distribution="uniform")
  about = describe(generator, EMA)
  assert about["image_shape"] == [48, 48, 1]
  assert about["pixel_range"] == [-1.0, 1.0]
  assert (about["latent_size"], about["latent_distribution"]) == (8, "uniform")
  assert (about["num_classes"], about["class_names"]) == (3, ["angry", "happy", "sad"])
  assert (about["step"], about["weights"]) == (4, "ema")
  assert about["config"]["model"]["name"] == "acgan"


def test_classes_that_nobody_can_ask_for_are_none():
  about = describe(untrained_generator("radford_dcgan"), RAW)
  assert (about["num_classes"], about["class_names"]) == (0, [])


def test_it_names_no_folder_of_the_machine():
  generator = untrained_generator("cgan")
  generator.record["config"]["model"]["classifier"] = "/home/somebody/classifier"
  about = describe(generator, RAW)
  assert "/home/somebody" not in json.dumps(about)
  assert about["config"]["model"]["classifier"] == "classifier"
  assert "/home/somebody/data" in json.dumps(generator.record)  # the record itself is as it was


def test_fields_that_there_were_not_yet_are_filled_in():
  generator = untrained_generator("cgan")
  del generator.record["config"]["data"]["expression"]
  assert describe(generator, RAW)["config"]["data"]["expression"] is None


def test_the_generator_can_be_built_again_from_its_json():
  generator = untrained_generator("projection", (64, 64, 3))
  about = json.loads(json.dumps(describe(generator, RAW)))
  again = described(about, generator.weights)
  assert again.networks == generator.networks
  assert again.step == 4
  assert again.class_names == generator.class_names


@pytest.mark.parametrize("field", ["config", "data", "step", "trained_with"])
def test_what_lacks_a_field_describes_no_generator(field):
  about = describe(untrained_generator("radford_dcgan"), RAW)
  del about[field]
  with pytest.raises(KeyError):
    described(about, {})


def test_a_model_that_does_not_fit_its_images_is_none():
  about = describe(untrained_generator("radford_dcgan"), RAW)
  about["data"]["image_shape"] = [50, 50, 1]
  with pytest.raises(ValueError, match="no such model"):
    described(about, {})
