"""The fields every experiment starts from; a config file states only what differs.

python -m dcgan_jax.main --config=configs/default.py --workdir=runs/mine

Any field can be set on the command line: --config.batch_size=64 --config.data.name=synthetic
"""

from ml_collections import ConfigDict
from ml_collections.config_dict import placeholder


def get_config() -> ConfigDict:
  """The default configuration: the PixelNorm DCGAN on FER-2013."""
  config = ConfigDict()

  # All randomness derives from (seed, step).
  config.seed = 0
  config.batch_size = 16  # global, over all devices
  config.num_epochs = 100
  config.num_steps = placeholder(int)  # ends the run early, after so many updates

  # In which the update multiplies. "bfloat16" rounds what convolutions multiply on a CPU, and adds
  # up in float32: 1.2 to 1.4 times as fast where the CPU has AVX512-BF16. Default: the device's own
  # way, float32 on a CPU, bfloat16 on a TPU, TF32 on a GPU that has it; "float32" is exact, and
  # slow, on those too, where "bfloat16" is their own way. "mixed_bfloat16" is for TPUs and GPUs
  # with large batches: activations are bfloat16 too. Images and scores are made in the device's
  # own.
  config.precision = placeholder(str)

  config.data = ConfigDict()
  config.data.name = "fer2013"  # as prepared by python -m dcgan_jax.prepare
  config.data.split = "train"
  config.data.data_dir = placeholder(str)  # default: $DCGAN_JAX_DATA, else the user's cache
  # Where the images lie: "device" has them all in the device's memory, from "host" tf.data streams
  # them; "auto" takes the device where they fit. The batches are the same.
  config.data.placement = "auto"
  # Trains on one class alone; "each" trains a model for each class in turn, "" one on all images.
  config.data.expression = placeholder(str)

  config.model = ConfigDict()
  # pixelnorm_dcgan, radford_dcgan; with classes: cgan, acgan, projection, pixelnorm_projection
  config.model.name = "pixelnorm_dcgan"
  config.model.image_size = 48  # pixels; those of the data
  config.model.channels = 1  # 3 for colour
  config.model.latent_size = 100
  config.model.latent_distribution = "normal"  # N(0, 1), or "uniform" on [-1, 1]
  config.model.width = 64  # filters next to the image; other layers have multiples of it
  config.model.discriminator_batch_norm = True
  config.model.spectral_norm = False  # of the discriminator
  # A folder that python -m dcgan_jax.classify has filled: the discriminator also judges what that
  # classifier sees of the images. It is read as the run begins, and kept in its checkpoints.
  config.model.classifier = placeholder(str)

  config.loss = ConfigDict()
  config.loss.adversarial = "cross_entropy"  # or "hinge", "wasserstein"
  config.loss.label_smoothing = 0.0  # one-sided: real images count as real by 1 minus this
  config.loss.r1 = 0.0  # weight of the squared gradient at real images: γ / 2 of other programs
  config.loss.gradient_penalty = 0.0  # weight of WGAN-GP's, between real and fake; 10 as published
  config.loss.class_weight = 1.0  # of the class loss, where the discriminator classifies (acgan)
  config.loss.generator_class_weight = placeholder(float)  # default: the same
  config.loss.classify_fakes = False  # the discriminator learns classes from fakes too
  config.loss.fake_classes = "uniform"  # classes asked of the generator; or "data": the batch's own

  # Differentiable, of all that the discriminator sees: some of
  # "color,translation,cutout,flip".
  config.augmentation = ""
  # Flips are drawn from the first step on; the other kinds may come later.
  config.augmentation_start = 0  # steps before they change the first image
  config.augmentation_ramp = 0  # steps from there until each changes every image

  config.optimizer = ConfigDict()  # Adam
  config.optimizer.learning_rate = 2e-4
  config.optimizer.discriminator_learning_rate = placeholder(float)  # default: the same
  # Steps over which both rates fall linearly to 0; default: they stay as they are.
  config.optimizer.decay_steps = placeholder(int)
  config.optimizer.b1 = 0.5
  config.optimizer.b2 = 0.999

  config.ema_decay = 0.999  # per step, of the generator; sample with --ema

  # Updates per call into the device; default 100 on TPU and GPU, on CPU as many batches as make
  # 128 images, from 1 to 8. No more than each of the intervals below.
  config.steps_per_dispatch = placeholder(int)

  config.log_every = 100  # steps
  config.sample_every = 1000
  config.checkpoint_every = 1000
  config.keep_latest = 3  # checkpoints
  config.keep_every = 10_000  # steps; these checkpoints stay
  return config
