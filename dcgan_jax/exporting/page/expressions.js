/** Buttons for pure expressions, sliders for mixtures. */
import { normalised, percent, pure } from "./state.js";

export function setUpExpressions(store, model) {
  const [buttons, mixture] = ["pure", "mixture"].map((id) => document.getElementById(id));
  if (!model.class_names.length) {
    const told = document.getElementById("no-expressions");
    told.textContent = model.expression
      ? `This model was trained on one expression and draws no other: ${model.expression}.`
      : "This model was trained on all faces as one: it cannot be asked for an expression.";
    [buttons.hidden, mixture.hidden, told.hidden] = [true, true, false];
    return;
  }
  const choose = model.class_names.map((name, i) => {
    const button = element("button", { type: "button", textContent: name });
    button.onclick = () => store.change({ weights: pure(model, i) });
    buttons.append(button);
    return button;
  });
  const rows = model.class_names.map((name, i) => addSlider(mixture, name, `weight-${i}`));
  rows.forEach(({ slider }, moved) => {
    slider.oninput = () => {
      // Something must be left to draw.
      if (rows.every((row) => row.slider.value === "0")) slider.value = 1;
      store.change({ weights: rows.map((row) => row.slider.value / 100) });
    };
  });
  store.listen(({ weights }) => {
    normalised(weights).forEach((share, i) => {
      choose[i].setAttribute("aria-pressed", share === 1);
      const { slider, output } = rows[i];
      slider.value = Math.round(100 * weights[i]);
      slider.setAttribute("aria-valuetext", percent(share));
      output.textContent = percent(share);
    });
  });
}

function addSlider(parent, name, id) {
  const slider = element("input", { type: "range", id, min: 0, max: 100, step: 1 });
  const output = element("output", { htmlFor: id });
  const row = element("div", { className: "slider" });
  row.append(element("label", { htmlFor: id, textContent: name }), slider, output);
  parent.append(row);
  return { slider, output };
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
