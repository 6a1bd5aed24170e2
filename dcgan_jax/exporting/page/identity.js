/** The two faces, the slider between them, and the walk from one to the other and back. */
import { LAST } from "./latents.js";
import { isFace, percent } from "./state.js";

const SECONDS = 4; // from A to B
const STILL_SECONDS = 1; // between steps, for those who would rather see no motion
const STILL_STEP = 1 / 8;

const $ = (id) => document.getElementById(id);

/** A face that `sample` does not list, by number. */
export function rolled(model) {
  return model.listed + Math.floor(Math.random() * (LAST + 1 - model.listed));
}

/** A face newly chosen is shown whole, or choosing it would seem to have done nothing. */
export function choose(store, target, number) {
  store.change({ [target]: number, mix: target === "a" ? 0 : 1 });
}

export function setUpIdentity(store, model) {
  $("last-listed").textContent = model.listed - 1;
  $("last").textContent = LAST.toLocaleString("en");
  for (const target of ["a", "b"]) setUpEnd(store, model, target);
  new Walk(store, $("play"));
  $("mix").oninput = () => store.change({ mix: $("mix").value / 100, playing: false });
  store.listen(({ mix }) => {
    $("mix").value = Math.round(100 * mix);
    $("mix").setAttribute("aria-valuetext", `${percent(mix)} of the way from A to B`);
    $("mix-value").textContent = percent(mix);
  });
}

function setUpEnd(store, model, target) {
  const input = $(target);
  input.max = LAST;
  // While digits are typed the half-typed number is a face too, but nobody asked for it.
  input.onchange = () => {
    const number = input.valueAsNumber;
    if (isFace(number)) choose(store, target, number);
    else input.reportValidity();
  };
  $(`roll-${target}`).onclick = () => choose(store, target, rolled(model));
  store.listen((state) => {
    if (input.valueAsNumber !== state[target]) input.value = state[target];
  });
}

/** Goes on from where the slider is for as long as the state says `playing`. */
class Walk {
  #store;
  #button;
  #way = 1; // or -1, back to A
  #timer = null; // an animation frame or a timeout, whichever is next

  constructor(store, button) {
    this.#store = store;
    this.#button = button;
    button.onclick = () => store.change({ playing: !store.state.playing });
    store.listen(({ playing }) => this.#follow(playing));
  }

  #follow(playing) {
    if (playing === Boolean(this.#timer)) return;
    this.#button.textContent = playing ? "Pause" : "Interpolate";
    if (playing) return this.#next(performance.now());
    this.#timer.cancel();
    this.#timer = null;
  }

  #next(before) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const go = (now) => {
      // A tab that comes back to the front goes on from where it was.
      this.#move(still ? STILL_STEP : Math.min((now - before) / 1000 / SECONDS, STILL_STEP));
      this.#next(now);
    };
    if (still) {
      const id = setTimeout(() => go(performance.now()), 1000 * STILL_SECONDS);
      this.#timer = { cancel: () => clearTimeout(id) };
    } else {
      const id = requestAnimationFrame(go);
      this.#timer = { cancel: () => cancelAnimationFrame(id) };
    }
  }

  #move(distance) {
    let mix = this.#store.state.mix + this.#way * distance;
    if (mix >= 1 || mix <= 0) this.#way = mix >= 1 ? -1 : 1;
    this.#store.change({ mix: Math.min(1, Math.max(0, mix)) });
  }
}
