/**
 * What the page shows: `{a, b, mix, weights}`, and that as the page's address, a text, a file name.
 *
 * `a` and `b` are numbers of faces, `mix` is where between them, from 0 to 1, and `weights` has a
 * number of 0 or more for each class, of which one at least is above 0; none where the model knows
 * no classes. While the page walks between the faces, `playing` is true.
 */
import { LAST } from "./latents.js";

/** Holds the state, and tells those who listen of every change. */
export class Store {
  #listeners = [];

  constructor(state) {
    this.state = state;
  }

  change(changes) {
    this.state = { ...this.state, ...changes };
    for (const listener of this.#listeners) listener(this.state);
  }

  listen(listener) {
    this.#listeners.push(listener);
    listener(this.state);
  }
}

/** Whether a number is a face's. */
export function isFace(number) {
  return Number.isInteger(number) && number >= 0 && number <= LAST;
}

/** Weights as fractions of the whole. */
export function normalised(weights) {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The weights of one class alone. */
export function pure(model, index) {
  return model.class_names.map((_, i) => (i === index ? 1 : 0));
}

/** The state that an address asks for; what it leaves out or gets wrong is as at the start. */
export function fromHash(hash, model) {
  const fields = new Map(
    hash.replace(/^#/, "").split("&").map((field) => [field.split("=")[0], field.split("=")[1] ?? ""]),
  );
  const face = (name, otherwise) =>
    /^\d+$/.test(fields.get(name) ?? "") && isFace(Number(fields.get(name)))
      ? Number(fields.get(name))
      : otherwise;
  const mix = Number(fields.get("mix") ?? 0);
  return {
    a: face("a", 0),
    b: face("b", 1),
    mix: mix >= 0 && mix <= 1 ? mix : 0,
    weights: weightsFrom(fields.get("expression") ?? "", model) ?? pure(model, model.first_class),
  };
}

/** The address of a state, with expressions written as `--expression` takes them. */
export function toHash({ a, b, mix, weights }, model) {
  const fields = [`a=${a}`, `b=${b}`, `mix=${rounded(mix)}`];
  if (weights.length) {
    const parts = sharesOf(weights, model).map(
      ([name, share]) => encodeURIComponent(name) + (share === 1 ? "" : `:${rounded(share)}`),
    );
    fields.push(`expression=${parts.join(",")}`);
  }
  return "#" + fields.join("&");
}

/** A sentence that says what a state's picture is. */
export function describe({ a, b, mix, weights, playing }, model) {
  const parts = sharesOf(weights, model).map(
    ([name, share]) => (share === 1 ? name : `${name} ${percent(share)}`),
  );
  const only = model.expression ? [model.expression] : [];
  return `Synthetic face: ${[...parts, ...only, place(a, b, mix, playing)].join(", ")}`;
}

/** A name for a state's picture that tells what it is wherever it goes. */
export function fileName(state, model) {
  const words = describe(state, model).toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-");
  return `${words.replaceAll(/^-|-$/g, "")}.png`;
}

export function percent(share) {
  return `${Math.round(100 * share)} %`;
}

function place(a, b, mix, playing) {
  if (playing) return `between face ${a} and face ${b}`;
  if (mix === 0 || a === b) return `face ${a}`;
  return mix === 1 ? `face ${b}` : `${percent(mix)} of the way from face ${a} to face ${b}`;
}

/** The classes that there is something of, with their share. */
function sharesOf(weights, model) {
  return normalised(weights)
    .map((share, i) => [model.class_names[i], share])
    .filter(([, share]) => share > 0);
}

function weightsFrom(text, model) {
  const weights = model.class_names.map(() => 0);
  for (const part of text.split(",")) {
    const [name, weight = "1"] = part.split(":");
    const index = model.class_names.findIndex((known) =>
      [known, encodeURIComponent(known)].includes(name),
    );
    if (index >= 0 && Number(weight) > 0 && Number(weight) < 1e6) weights[index] = Number(weight);
  }
  return weights.some((weight) => weight > 0) ? normalised(weights) : null;
}

function rounded(number) {
  return Number(number.toFixed(4));
}
