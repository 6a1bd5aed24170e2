/** Draws the pictures that the page wants, one face at a time, the large one first. */
import { paint } from "./drawing.js";

export class Easel {
  #generator;
  #fail;
  #wanted = new Map();
  #busy = false;

  /**
   * @param {Generator} generator
   * @param {(error: Error) => void} fail is told if a face cannot be drawn.
   */
  constructor(generator, fail) {
    this.#generator = generator;
    this.#fail = fail;
  }

  /**
   * Has a canvas show a state soon. A later wish for the same canvas takes the place of an earlier
   * one that has not been met: while a slider is dragged, faces are drawn as fast as they can be.
   *
   * @param {HTMLCanvasElement} canvas
   * @param {object} state as in state.js.
   * @param {object} [options] `first`: before all others. `done`: called when it is painted.
   */
  want(canvas, state, { first = false, done = () => {} } = {}) {
    const others = [...this.#wanted].filter(([other]) => other !== canvas);
    const one = [canvas, { state, done }];
    this.#wanted = new Map(first ? [one, ...others] : [...others, one]);
    if (!this.#busy) this.#work();
  }

  async #work() {
    this.#busy = true;
    try {
      while (this.#wanted.size) {
        const [canvas, { state, done }] = this.#wanted.entries().next().value;
        this.#wanted.delete(canvas);
        paint(canvas, await this.#generator.draw(state), this.#generator.model.image_shape);
        done(state);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#busy = false;
  }
}
