"use strict";

// A page in a private window, or opened as a file, may be refused its storage.
const remembered = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* for this visit then */ } },
};

function chooseTheme() {
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (document.documentElement.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const tell = () => { button.textContent = dark() ? "Light theme" : "Dark theme"; };
  const known = remembered.get("dcgan_jax-theme");
  if (known === "dark" || known === "light") document.documentElement.dataset.theme = known;
  button.hidden = false;
  button.addEventListener("click", () => {
    const theme = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    remembered.set("dcgan_jax-theme", theme);
    tell();
  });
  system.addEventListener("change", tell);
  tell();
}

function showFaces(figure) {
  const frames = JSON.parse(figure.querySelector("script").textContent);
  const picture = figure.querySelector("img");
  const slider = figure.querySelector("input[type=range]");
  const output = figure.querySelector("output");
  const play = figure.querySelector("button");
  const kind = () => figure.querySelector("input[type=radio]:checked").value;
  let timer = null;

  const show = () => {
    const list = frames[kind()];
    slider.max = list.length - 1;
    const { step, url } = list[Math.min(slider.value, list.length - 1)];
    const when = `${step.toLocaleString("en")} updates`;
    picture.src = url;
    picture.alt = `Generated faces after ${when}`;
    slider.setAttribute("aria-valuetext", when);
    output.textContent = when;
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  };
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (+slider.value >= +slider.max) slider.value = 0;
    play.textContent = "Stop";
    timer = setInterval(() => {
      if (+slider.value >= +slider.max) return stop();
      slider.value = +slider.value + 1;
      show();
    }, 350);
    show();
  });
  slider.addEventListener("input", () => { stop(); show(); });
  figure.querySelectorAll("input[type=radio]").forEach((radio) => radio.addEventListener("change", show));
  figure.querySelector(".controls").hidden = false;
  show();
}

function tellAge(time) {
  const tell = () => {
    const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / 60000);
    const hours = Math.floor(minutes / 60);
    if (minutes < 1) time.textContent = "just now";
    else if (minutes < 120) time.textContent = `${minutes} min ago`;
    else time.textContent = hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
  };
  tell();
  setInterval(tell, 30000);
}

// Off unless asked for: a page that reloads by itself takes the place from under a reader.
function follow(box) {
  const minute = 60000;
  box.checked = remembered.get("dcgan_jax-follow") === "yes";
  box.closest("label").hidden = false;
  let timer = null;
  const change = () => {
    clearTimeout(timer);
    if (box.checked) timer = setTimeout(() => location.reload(), minute);
    remembered.set("dcgan_jax-follow", box.checked ? "yes" : "no");
  };
  box.addEventListener("change", change);
  change();
}

chooseTheme();
document.querySelectorAll("figure.faces:has(script)").forEach(showFaces);
document.querySelectorAll("time[data-age]").forEach(tellAge);
document.querySelectorAll("#follow").forEach(follow);
