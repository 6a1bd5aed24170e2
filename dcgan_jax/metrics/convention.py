"""Whose conventions images are brought to Inception's size by; scores compare within one."""

import enum


class Resize(enum.StrEnum):
  """The resize, and with it the scaling of the pixels."""

  TENSORFLOW = "tensorflow"
  PYTORCH = "pytorch"
