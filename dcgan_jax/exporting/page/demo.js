/** Sets the page up: loads the generator, connects the controls to it. */
import { blank, download } from "./drawing.js";
import { Easel } from "./easel.js";
import { setUpExpressions } from "./expressions.js";
import { setUpGallery } from "./gallery.js";
import { Generator } from "./generator.js";
import { setUpIdentity } from "./identity.js";
import { describe, fileName, fromHash, Store, toHash } from "./state.js";

const SCALE = 8; // of downloads
const REST = 500; // milliseconds without a change, after which it is told

const $ = (id) => document.getElementById(id);

$("unserved").remove();
start().catch(fail);

async function start() {
  const generator = await Generator.load((bytes) => {
    $("loading").textContent = `Loading the generator: ${Math.round(bytes / 1e6)} MB …`;
  });
  const { model } = generator;
  const asked = () => ({ ...fromHash(location.hash, model), playing: false });
  const store = new Store(asked());
  const easel = new Easel(generator, fail);
  const shown = showFace(store, model, easel);
  showEnds(store, easel);
  setUpExpressions(store, model);
  setUpIdentity(store, model);
  setUpGallery(store, generator, easel);
  $("download").onclick = () => download($("face"), fileName(shown(), model), SCALE);
  $("sharp").onchange = () => document.body.classList.toggle("sharp", $("sharp").checked);
  tellAtRest(store, model);
  addEventListener("hashchange", () => store.change(asked()));
  $("data").textContent = ` on the data set ${model.data}`;
  const weights = { raw: ", raw weights", ema: ", averaged weights" }[model.weights] ?? "";
  $("model").textContent =
    `Step ${model.step.toLocaleString("en")}${weights}, dcgan_jax ${model.dcgan_jax}.`;
  for (const canvas of document.querySelectorAll("canvas")) blank(canvas, model.image_shape);
  $("notice").hidden = true;
  $("studio").hidden = false;
}

/** Keeps the large picture up to date. Returns a function that gives the state it shows. */
function showFace(store, model, easel) {
  let shown = store.state;
  const done = (state) => {
    shown = state;
    $("face").setAttribute("aria-label", describe(state, model));
  };
  store.listen((state) => easel.want($("face"), state, { first: true, done }));
  return () => shown;
}

/** Keeps the small pictures of faces A and B up to date. */
function showEnds(store, easel) {
  let drawn = {};
  store.listen((state) => {
    for (const [target, mix] of [["a", 0], ["b", 1]]) {
      if (drawn[target] !== state[target] || drawn.weights !== state.weights) {
        easel.want($(`thumbnail-${target}`), { ...state, mix });
      }
    }
    drawn = state;
  });
}

/**
 * Says what is shown, and puts it in the address, once nothing has moved for a moment: a screen
 * reader reads every sentence to its end. Of a walk it says so once.
 */
function tellAtRest(store, model) {
  let timer, told;
  const tell = (state) => {
    const text = `${describe(state, model)}.`;
    if (text !== told) $("status").textContent = told = text;
    if (!state.playing) history.replaceState(null, "", toHash(state, model));
  };
  store.listen((state) => {
    clearTimeout(timer);
    if (state.playing) tell(state);
    else timer = setTimeout(tell, REST, state);
  });
}

function fail(error) {
  $("studio").hidden = true;
  $("notice").hidden = false;
  $("notice").setAttribute("role", "alert");
  $("loading").textContent = `No faces can be drawn: ${error.message}.`;
}
