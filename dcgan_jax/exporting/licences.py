"""What a data set's terms mean for a model trained on it; README.md has the same in short."""

from typing import NamedTuple


class Licence(NamedTuple):
  """Terms of a model's weights and images, as far as they follow from its data."""

  name: str  # for programs: lower case, no spaces
  text: str  # for people


_BY_SET = {
  "synthetic": Licence(
    "free-of-photographs",
    "The training images were drawn by a program; no photograph and no person is among them. The "
    "code is Apache-2.0, and nothing in the data limits what the weights may be used for.",
  ),
  "fer2013": Licence(
    "research-only",
    "FER-2013 was gathered from the web, and the people on it were not asked: it is for research, "
    "and so are models trained on it and the pictures that they draw.",
  ),
  "ckplus": Licence(
    "research-only-by-signed-agreement",
    "CK+ is released by signed agreement, for research: a model trained on it, and what it draws, "
    "may go no further than that agreement lets the images go.",
  ),
  "celeba": Licence(
    "non-commercial-research",
    "CelebA is for non-commercial research: so are models trained on it and the pictures that they "
    "draw.",
  ),
}


def licence_of(data_set: str) -> Licence:
  """The terms that follow from a data set.

  Args:
    data_set: the name that it was prepared under.
  """
  unknown = Licence(
    "unknown",
    f"What {data_set} was made of is not known here. Ask whoever made its images, and the people "
    "that they show, before the model or its pictures are given to anybody.",
  )
  return _BY_SET.get(data_set, unknown)
