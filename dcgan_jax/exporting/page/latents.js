/**
 * The latents of faces by number.
 *
 * The first numbers are the samples that `python -m dcgan_jax.sample` draws with seed 0, whose
 * latents lie beside the page; every other number has latents of its own, made here.
 */

/** The highest number of a face: six digits can be read out and typed. */
export const LAST = 999_999;

/**
 * @param {ArrayBuffer} listed float32 of the first faces, one after another.
 * @param {number} size of a latent.
 * @param {string} distribution "normal" or "uniform" on [-1, 1].
 * @returns {(number: number) => Float32Array} the latents of a face.
 */
export function latentsOf(listed, size, distribution) {
  const rows = new Float32Array(listed); // little-endian, as every browser's machine is
  const draw = distribution === "uniform" ? uniform : normal;
  return (number) =>
    (number + 1) * size <= rows.length
      ? rows.slice(number * size, (number + 1) * size)
      : Float32Array.from({ length: size }, (_, i) => draw(number, i));
}

/**
 * A face on the way from one to another, as dcgan_jax/gan/interpolation.py has it.
 *
 * @param {Float32Array} start
 * @param {Float32Array} end
 * @param {number} t from 0 to 1.
 * @param {boolean} spherical along the great circle, for normal latents.
 * @returns {Float32Array}
 */
export function between(start, end, t, spherical) {
  const [p, q] = spherical ? arc(start, end, t) : [1 - t, t];
  return start.map((value, i) => p * value + q * end[i]);
}

function arc(start, end, t) {
  const cosine = dot(start, end) / Math.sqrt(dot(start, start) * dot(end, end));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  // Of nearly parallel latents the arc is the line, and the quotients below have no digits left.
  if (Math.sin(angle) < 1e-3) return [1 - t, t];
  return [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
}

function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function uniform(number, i) {
  return 2 * fraction(number, i) - 1;
}

/** Box and Muller 1958. */
function normal(number, i) {
  const radius = Math.sqrt(-2 * Math.log(fraction(number, 2 * i)));
  return radius * Math.cos(2 * Math.PI * fraction(number, 2 * i + 1));
}

/** In (0, 1), a function of its arguments alone, so that a face's number is all that a link needs. */
function fraction(number, i) {
  return (mixed(mixed(number) + i) + 0.5) / 2 ** 32;
}

/** The last step of MurmurHash3, before which neighbouring numbers are spread far apart. */
function mixed(number) {
  let bits = Math.imul(number + 1, 0x9e3779b9);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
