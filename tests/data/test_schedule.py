from dcgan_jax.data.schedule import Dispatch, schedule


def test_dispatches_end_at_every_interval_and_at_multiples_of_the_longest():
  # Multiples of 4 (longest), of 6 (an interval), and the end at 13.
  assert schedule(0, 13, longest=4, intervals=[6]) == [
    Dispatch(0, 4), Dispatch(4, 2), Dispatch(6, 2), Dispatch(8, 4), Dispatch(12, 1),
  ]  # fmt: skip


def test_a_resumed_run_is_cut_at_the_same_steps():
  whole = schedule(0, 50, longest=8, intervals=[5, 20])
  resumed = schedule(20, 50, longest=8, intervals=[5, 20])
  assert resumed == [dispatch for dispatch in whole if dispatch.start >= 20]


def test_nothing_is_left_to_dispatch_at_the_end():
  assert schedule(13, 13, longest=4, intervals=[6]) == []
