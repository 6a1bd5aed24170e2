import pytest

from dcgan_jax.exporting.licences import licence_of


@pytest.mark.parametrize(
  ("data_set", "words"),
  [
    ("synthetic", "no photograph"),
    ("fer2013", "gathered from the web"),
    ("ckplus", "signed agreement"),
    ("celeba", "non-commercial research"),
    ("wedding", "What wedding was made of is not known here. Ask whoever"),
  ],
)
def test_each_set_has_its_terms(data_set, words):
  assert words in licence_of(data_set).text
