"""Small face-expression GANs in JAX: train, checkpoint, resume and sample on TPU, GPU or CPU."""

__version__ = "0.1.0"
