import hashlib

import numpy as np

from dcgan_jax.data.fingerprint import fingerprint

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 1), dtype=np.uint8)
LABELS = np.array([1, -1, 0], np.int32)


def test_it_is_the_hash_of_all_images_then_all_labels():
  # Labels as little-endian int32: 1, then −1 in two's complement, then 0.
  labels = b"\x01\0\0\0" + b"\xff\xff\xff\xff" + b"\0\0\0\0"
  expected = hashlib.sha256(IMAGES.tobytes() + labels).hexdigest()
  assert fingerprint(IMAGES, LABELS) == expected


def test_images_may_come_one_by_one_and_labels_in_any_integer_type():
  assert fingerprint(iter(IMAGES), LABELS.astype(">i8")) == fingerprint(IMAGES, LABELS)


def test_the_layout_in_memory_does_not_matter():
  assert fingerprint(np.asfortranarray(IMAGES), LABELS) == fingerprint(IMAGES, LABELS)


def test_the_order_matters():
  assert fingerprint(IMAGES[::-1], LABELS) != fingerprint(IMAGES, LABELS)
  assert fingerprint(IMAGES, LABELS[::-1]) != fingerprint(IMAGES, LABELS)
