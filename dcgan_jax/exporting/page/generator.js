/** The generator as the page sees it: what its files say, and a worker that draws. */
import { between, latentsOf } from "./latents.js";
import { normalised } from "./state.js";

/** More threads than this make faces of this size no faster. */
const MOST_THREADS = 4;

/** Why the generator cannot be had, in words for the page. */
export class GeneratorError extends Error {}

export class Generator {
  #worker;
  #latentsOf;

  /** Use `load`. */
  constructor(model, listed, worker, threads) {
    this.model = model;
    this.threads = threads;
    this.#worker = worker;
    this.#latentsOf = latentsOf(listed, model.latent_size, model.latent_distribution);
  }

  /**
   * @param {(bytes: number) => void} progress is told how much has come so far.
   * @returns {Promise<Generator>}
   * @throws {GeneratorError}
   */
  static async load(progress) {
    const [model, listed] = await Promise.all([
      fetched("model.json").then((response) => response.json()),
      fetched("latents.bin").then((response) => response.arrayBuffer()),
    ]);
    // Threads share memory, which a browser allows to pages that are isolated from others.
    const cores = Math.min(navigator.hardwareConcurrency || 1, MOST_THREADS);
    const threads = globalThis.crossOriginIsolated ? cores : 1;
    const worker = new Worker("worker.js", { type: "module" });
    await asked(worker, { load: { threads } }, progress);
    return new Generator(model, listed, worker, threads);
  }

  /**
   * Draws one face; call it again only when it has answered.
   *
   * @param {object} state as in state.js.
   * @returns {Promise<Float32Array>} pixels in [-1, 1], by row, column and channel.
   */
  async draw({ a, b, mix, weights }) {
    const spherical = this.model.latent_distribution === "normal";
    const latents = between(this.#latentsOf(a), this.#latentsOf(b), mix, spherical);
    const classes = Float32Array.from(normalised(weights));
    return (await asked(this.#worker, { latents, classes, count: 1 })).pixels;
  }
}

async function fetched(path) {
  const response = await fetch(path).catch(() => ({ ok: false, status: "nothing" }));
  if (response.ok) return response;
  throw new GeneratorError(`${path} is not there (the server says ${response.status})`);
}

/** The worker's answer to a message; what it says after that is not heard. */
function asked(worker, message, progress) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if (data.bytes) return progress(data.bytes);
      worker.onmessage = null;
      if (data.error) reject(new GeneratorError(data.error));
      else resolve(data);
    };
    worker.onerror = (event) =>
      reject(new GeneratorError(event.message ?? "worker.js cannot be run"));
    worker.postMessage(message);
  });
}
