/** Faces to choose from, and how fast they were drawn. */
import { choose, rolled } from "./identity.js";

const FACES = 8;

const $ = (id) => document.getElementById(id);

export function setUpGallery(store, generator, easel) {
  const { model, threads } = generator;
  const places = Array.from({ length: FACES }, (_, i) => addPlace(i));
  for (const place of places) {
    place.button.onclick = () => choose(store, $("becomes-b").checked ? "b" : "a", place.number);
  }
  const show = (done = () => {}) => {
    for (const place of places) {
      const state = { ...store.state, a: place.number, mix: 0 };
      place.button.setAttribute("aria-label", `Face ${place.number}`);
      place.caption.textContent = place.number;
      easel.want(place.canvas, state, { done: () => done(place) });
    }
  };
  $("roll").onclick = () => {
    const start = performance.now();
    const missing = new Set(places);
    for (const place of places) place.number = rolled(model);
    show((place) => {
      missing.delete(place);
      if (!missing.size) $("speed").textContent = told(performance.now() - start, threads);
    });
  };
  let weights = null;
  store.listen((state) => {
    if (state.weights !== weights) show();
    weights = state.weights;
  });
}

function addPlace(number) {
  const [item, button, canvas, caption] = ["li", "button", "canvas", "span"].map((tag) =>
    document.createElement(tag),
  );
  button.type = "button";
  button.append(canvas, caption);
  item.append(button);
  $("faces").append(item);
  return { number, button, canvas, caption };
}

function told(milliseconds, threads) {
  const rate = (1000 * FACES) / milliseconds;
  const how = threads === 1 ? "on one thread" : `on ${threads} threads`;
  return `${FACES} new faces, drawn at ${rate.toFixed(1)} a second ${how}.`;
}
