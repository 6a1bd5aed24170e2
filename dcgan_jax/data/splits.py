"""Which split an image belongs to, where that isn't left to the source."""

import dataclasses
import hashlib

from dcgan_jax.data.records import Record
from dcgan_jax.errors import UserError


def all_train(records: list[Record]) -> list[Record]:
  """Every record in train."""
  return [dataclasses.replace(record, split="train") for record in records]


def by_subject(records: list[Record]) -> list[Record]:
  """No person on both sides: a fifth of the subjects (rounded, at least one) is test, rest train.

  The subjects are taken in the order of the SHA-256 of their names, so that the choice depends on
  nothing but which subjects there are.

  Raises:
    UserError: an image without a subject, or fewer than two subjects.
  """
  for record in records:
    if not record.subject:
      raise UserError(
        f"--split-by=subject: no subject is known for {record.source}.\n"
        "Subjects are read from file names such as S010_004_00000017.png; ckextended.csv has none."
      )
  subjects = sorted({record.subject for record in records}, key=_hashed)
  if len(subjects) < 2:
    raise UserError(f"--split-by=subject needs two subjects or more; there is only {subjects[0]}.")
  test = set(subjects[: max(1, round(len(subjects) / 5))])
  return [
    dataclasses.replace(record, split="test" if record.subject in test else "train")
    for record in records
  ]


def _hashed(subject: str) -> str:
  return hashlib.sha256(subject.encode()).hexdigest()
