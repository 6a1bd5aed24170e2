import io
import pickle

import numpy as np
import pytest
from opcodes import ORDERED_DICT, REBUILD, group, integer, storage, tensor, text

from dcgan_jax.metrics.pickle_machine import (
  PickleMachine,
  RefusedError,
  Storage,
  Tensor,
  shortened,
)

SIX_FLOATS = storage("10", "FloatStorage", integer(6))


def run(*opcodes):
  return PickleMachine().run(io.BytesIO(b"".join(opcodes)))


def refusal(*opcodes):
  with pytest.raises(RefusedError) as caught:
    run(*opcodes)
  return str(caught.value)


@pytest.mark.parametrize(
  "value",
  [
    None,
    (True, False),
    [0, 255, 65_535, -1, 2**31 - 1, 2**63],
    "weight of ö",
    ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
    [[], [1], {}, {"a": {"b": [2]}, "c": 3}],
  ],
)
def test_plain_values_are_those_that_loading_gives(value):
  assert run(pickle.dumps(value, protocol=2)) == value


def test_an_object_that_occurs_again_is_recalled():
  again = ("a",) * 300  # over 256 objects the memo's index takes four bytes
  value = [again, [f"{index}" for index in range(300)], again, "299"]
  assert run(pickle.dumps(value, protocol=2)) == value


def test_pickles_in_a_row_are_read_one_by_one():
  stream = io.BytesIO(pickle.dumps(1, protocol=2) + pickle.dumps(2, protocol=2) + b"rest")
  assert (PickleMachine().run(stream), PickleMachine().run(stream)) == (1, 2)
  assert stream.read() == b"rest"


def test_a_tensor_is_a_view_of_its_storage():
  machine = PickleMachine()
  found = machine.run(io.BytesIO(tensor(SIX_FLOATS, 1, (2, 2), (3, 1)) + b"."))
  whole = Storage("10", np.dtype("<f4"), 6)
  assert found == Tensor(whole, 1, (2, 2), (3, 1))
  assert machine.storages == {"10": whole}


def test_a_parameter_is_its_tensor():
  inner = tensor(SIX_FLOATS, 0, (6,), (1,))
  arguments = group(inner, b"\x88", ORDERED_DICT)
  assert run(b"ctorch._utils\n_rebuild_parameter\n", arguments, b"R.") == run(inner, b".")


def test_the_modules_version_numbers_are_ignored():
  state = ORDERED_DICT + text("epoch") + integer(3) + b"s"
  assert run(state, b"}", text("_metadata"), ORDERED_DICT, b"sb.") == {"epoch": 3}


def test_other_attributes_are_refused():
  attribute = b"}" + text("__class__") + ORDERED_DICT + b"sb"
  assert "its pickle sets attributes" in refusal(ORDERED_DICT, attribute, b".")


def test_a_function_is_refused_by_its_name():
  assert "would execute builtins.eval," in refusal(b"cbuiltins\neval\n", group(text("1")), b"R.")


def test_an_opcode_that_runs_a_constructor_is_refused_by_name():
  assert "its pickle uses INST os system" in refusal(b"(", text("echo"), b"ios\nsystem\n.")


def test_an_admitted_function_with_strange_arguments_is_refused():
  assert "makes a call that no state dict makes" in refusal(REBUILD, group(integer(1)), b"R.")


def test_what_is_no_function_is_not_called():
  assert "makes a call that no state dict makes" in refusal(text("eval"), b")R.")


def test_other_number_types_are_refused_by_name():
  assert "torch.HalfStorage" in refusal(storage("10", "HalfStorage", integer(6)), b"Q.")


def test_a_reference_to_anything_but_a_storage_is_refused():
  assert "other than a tensor's storage" in refusal(text("module"), b"Q.")


def test_a_key_that_is_no_name_is_refused():
  assert "a key of type int where a state dict has names" in refusal(b"}", integer(1), b"Ns.")


def test_a_storage_described_in_two_ways_is_damage():
  other = storage("10", "FloatStorage", integer(7))
  with pytest.raises(ValueError, match="storage 10 is described in two ways"):
    run(SIX_FLOATS, b"Q", other, b"Q.")


@pytest.mark.parametrize(
  ("opcodes", "message"),
  [
    (b".", "lacks a"),
    (b"Na.", "lacks a list"),  # nothing below the item to append
    (b")Na.", "lacks a list"),
    (b"]NNs.", "lacks a dict"),
    (b"](NNa.", "lacks a list"),  # the list lies below an open group
    (b"]Ne.", "closes a group that it did not open"),
    (b"](N", "pickle exhausted before seeing STOP"),
  ],
)
def test_opcodes_that_do_not_fit_together_are_damage(opcodes, message):
  with pytest.raises(ValueError, match=message):
    run(opcodes)


def test_recalling_what_was_never_kept_is_damage():
  with pytest.raises(KeyError, match="7"):
    run(b"h\x07.")


def test_a_long_name_is_cut_and_control_codes_are_spelled_out():
  assert shortened("weight") == "weight"
  assert shortened("x" * 10**6) == "x" * 80 + "…"
  assert shortened("\x1b[2J") == r"'\x1b[2J'"
