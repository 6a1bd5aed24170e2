import sys

# TensorFlow and triton, which comes with PyTorch's CUDA build, each carry an LLVM; a process that
# has the one crashes when it imports the other. Nothing here compiles: PyTorch does without it.
sys.modules.setdefault("triton", None)
