/* The script of pages that the service worker opens without a network.
   On a framework page (assessments/outline.html) the kept answers of the person who used this browser last go into
   the criteria, then autosave.js takes over as on any filling page; the page of everything else lists what can be opened.
   <article data-indicator="AT3.2"><div data-sites><form data-blank>…</form></div><template data-more>…</template></article> */
import { lastOwner, pageOf, pagesOf } from "./kept_pages.js";
import { make, words } from "./words.js";

const [, , assessment, , code] = location.pathname.split("/");

/* "14:05, 12/05/2027" on the wall clock of Vietnam. */
function timeOf(at) {
  const part = (options) => new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", ...options }).format(at);
  const day = part({ day: "2-digit", month: "2-digit", year: "numeric" });
  return `${part({ hour: "2-digit", minute: "2-digit", hour12: false })}, ${day}`;
}

function prepare(form, page, place) {
  form.setAttribute("action", place.action);
  form.dataset.autosave = "";
  Object.assign(form.dataset, { owner: page.user, assessment: page.assessment, baseVersion: place.version });
  const hidden = { indicator: place.indicator, site: place.site, base_version: place.version };
  for (const [name, value] of Object.entries(hidden)) form.append(make("input", { type: "hidden", name, value: String(value) }));
  for (const radio of form.querySelectorAll("input[name=value]")) {
    radio.disabled = false;
    radio.defaultChecked = radio.checked = radio.value === place.value;
  }
  form.elements.comment.defaultValue = form.elements.comment.value = place.comment;
  form.elements.comment.readOnly = false;
}

function placesOf(article, page) {
  const places = page.places.filter((place) => place.indicator === article.dataset.indicator);
  article.hidden = !places.length;
  const link = document.querySelector(`[data-toc="${CSS.escape(article.dataset.indicator)}"]`);
  const done = places.filter((place) => place.value !== "").length;
  if (link) link.hidden = !places.length;
  if (link && done) link.querySelector(".dot").classList.add(done === places.length ? "done" : "half");
  places.forEach((place, number) => {
    const sites = article.querySelector("[data-sites]");
    if (number) sites.append(article.querySelector("template[data-more]").content.cloneNode(true));
    const form = [...sites.querySelectorAll("form")].at(-1);
    if (place.name) form.before(make("h3", {}, place.name));
    prepare(form, page, place);
  });
}

async function start() {
  const owner = lastOwner();
  const list = document.querySelector("[data-kept-pages]");
  if (list) {
    const pages = owner ? await pagesOf(owner) : [];
    list.append(...pages.map((page) => make("li", {}, make("a", { href: page.path }, page.title))));
    return;
  }
  const page = owner ? await pageOf(owner, assessment, code) : undefined;
  if (!page) {
    document.querySelector("[data-criteria]").replaceChildren(make("p", { class: "note warning", role: "alert" }, words.otherPage));
    return;
  }
  document.querySelector("[data-heading]").textContent = page.heading;
  document.querySelector("[data-kept-at]").textContent = words.keptAt(timeOf(page.at));
  document.querySelectorAll("article[data-indicator]").forEach((article) => placesOf(article, page));
  await import("./autosave.js");
}

start();
