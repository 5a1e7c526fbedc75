/* Keys and pictures of the checking page; every act also has its button.
   data-key="j" on a link or button is pressed, on a field focused, by that key while nothing is being typed.
   Usual keys: 0–3 (the radios), j / k next and previous, c remark, e evidence, ? the list of keys (<dialog id="keys">).
   [data-viewer] holds the big <img>; [data-view] links (href = picture, data-caption) choose it; ← → step; data-zoom toggles.
   A form with data-self="3" shows [data-when-different] when the chosen value differs, else [data-when-same], and
   marks the sentence [data-level] of the chosen value. data-guard on a form asks before its changes are left behind. */
const typing = (target) => target.matches?.("textarea, select, input:not([type=radio]):not([type=checkbox])") || target.isContentEditable;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter" && event.target.form) return event.target.form.requestSubmit();
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (typing(event.target)) return;
  if (event.key === "?") return void document.getElementById("keys")?.showModal();
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") return step(event);
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  if (typing(target)) return target.focus();
  target.click();
  if (target.matches("input, a[href^='#']")) (target.matches("a") ? document.querySelector(target.hash) : target)?.focus();
});

document.querySelector(".review-list [aria-current]")?.scrollIntoView({ block: "nearest" });

/* ---- pictures ---- */
const viewer = document.querySelector("[data-viewer]");
const views = [...document.querySelectorAll("[data-view]")];
let at = 0;

function view(index) {
  if (!views.length || !viewer) return;
  at = (index + views.length) % views.length;
  const link = views[at];
  const image = viewer.querySelector("img");
  if (!image) return;
  image.src = link.href;
  image.alt = link.dataset.caption ?? link.textContent.trim();
  viewer.classList.remove("zoom");
  const caption = document.querySelector("[data-caption-place]");
  if (caption) caption.textContent = `${at + 1}/${views.length} · ${image.alt}`;
  views.forEach((other, i) => other.toggleAttribute("aria-current", i === at));
}

function step(event) {
  if (!viewer || views.length < 2 || event.target.matches?.("input[type=radio]")) return;
  event.preventDefault();
  view(at + (event.key === "ArrowLeft" ? -1 : 1));
}

views.forEach((link, index) => link.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !viewer?.querySelector("img")) return;
  event.preventDefault();
  view(index);
}));
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-zoom]") || event.target === viewer?.querySelector("img")) viewer?.classList.toggle("zoom");
  const turn = event.target.closest?.("[data-turn]");
  if (turn) view(at + Number(turn.dataset.turn));
});

/* ---- the reason is asked where the values differ ---- */
for (const form of document.querySelectorAll("form[data-self]")) {
  const update = () => {
    const chosen = form.querySelector("input[type=radio]:checked")?.value;
    const differs = chosen !== undefined && chosen !== form.dataset.self;
    for (const place of form.querySelectorAll("[data-when-different]")) place.hidden = !differs;
    for (const place of form.querySelectorAll("[data-when-same]")) place.hidden = differs;
    for (const sentence of form.querySelectorAll("[data-level]")) sentence.classList.toggle("chosen", sentence.dataset.level === chosen);
  };
  form.addEventListener("change", update);
  update();
}

/* ---- what is typed is not left behind unseen ---- */
for (const form of document.querySelectorAll("form[data-guard]")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}
