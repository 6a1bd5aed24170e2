import native_convolutions
import pytest

from dcgan_jax.models import windows

# (taps, stride): the paper's 4/2 and 4/1, the conditional networks' 3/1, 3/2, 5/2 and 12/1.
KERNELS = [(4, 2), (4, 1), (3, 1), (3, 2), (5, 2), (12, 1)]


@pytest.mark.parametrize("name", native_convolutions.BY_NAME)
@pytest.mark.parametrize(("taps", "stride"), KERNELS)
def test_values_and_gradients_are_the_native_ones(name, taps, stride):
  # Height, width, in and out all differ, so that no two of them can be mixed up.
  native_convolutions.assert_form_agrees(windows, name, (2, 12, 8, 3), (taps, taps, 3, 5), stride)
