from dcgan_jax.speed import hlo

# As the TPU compiler writes them, shortened.
TEXT = """
HloModule jit__fun, is_scheduled=true
  %all-reduce.416 = (f32[2,128]{1,0:T(2,128)}, f32[4]{0}) all-reduce(%a, %b), channel_id=1
  %psum.291 = f32[2,512]{1,0:T(2,128)} all-reduce(%add_multiply_fusion.27), channel_id=1
  %start = bf16[8,2]{1,0} all-reduce-start(%c), channel_id=2
  %done = bf16[8,2]{1,0} all-reduce-done(%start)
  %tuple.1 = (f32[2,128]{1,0}) tuple(%all-reduce.416)
  %copy.246 = u8[28709,48,48,1]{2,1,0,3:T(8,128)(4,1)} copy(%flat_args_88_.1), backend_config={}
  %copy.2 = s32[28709]{0} copy(%flat_args_89_.1)
  %t = f32[100,18432]{1,0} transpose(%p), dimensions={1,0}
"""


def test_all_reduces_are_found_once_with_their_sizes():
  # 2·128 + 4 floats of 4 bytes; 2·512 of 4; 8·2 of 2.
  assert hlo.reductions(TEXT) == [
    hlo.Reduction(2, 1040, 1024),
    hlo.Reduction(1, 4096, 4096),
    hlo.Reduction(1, 32, 32),
  ]


def test_copies_are_found_from_a_size_on():
  # 28,709 images of 2,304 bytes; 28,709 labels of 4; 100 · 18,432 floats of 4, which is between.
  assert len(hlo.copies(TEXT, 0)) == 3
  assert [line[:9] for line in hlo.copies(TEXT, 28_709 * 2_304)] == ["%copy.246"]
  assert [line[:9] for line in hlo.copies(TEXT, 4 * 100 * 18_432)] == ["%copy.246", "%t = f32["]


def test_what_reaches_for_the_host_is_found():
  assert hlo.transfers(TEXT) == []
  reaching = """
  %i = ((f32[2]{0}), token[]) infeed(%token), infeed_config="x"
  %s = (f32[2]{0}, u32[], token[]) send(%x, %token), channel_id=3, is_host_transfer=true
  %m = f32[2]{0} custom-call(%x), custom_call_target="MoveToHost"
  """
  assert len(hlo.transfers(reaching)) == 3
