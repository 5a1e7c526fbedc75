/* Filling pages that open without a network. What the service worker keeps is a framework page: the criteria alone,
   without answers, names or token. Whose answers go into it stands in IndexedDB under person + form + page:
   {id, user, assessment, code, path, title, heading, at, places: [{indicator, site, name, value, comment, version, action}]}.
   Only the person who used this browser last is offered theirs; signing out forgets them. */
import { tableOf } from "./database.js";
import { words, make } from "./words.js";

const OWNER = "owner";
const OUTLINES = "outlines";
const WORKER = "/worker.js";
const SCOPE = "/assessments/";
const inPages = tableOf("trang-da-mo", "pages", "id");

const idOf = (user, assessment, code) => [user, assessment, code].join("|");

/** Who used this browser last, "" for nobody. */
export function lastOwner() {
  try {
    return localStorage.getItem(OWNER) ?? "";
  } catch {
    return "";
  }
}

/** The last person signed in here: nobody else's pages are offered from now on. */
export function setOwner(user) {
  try {
    localStorage.setItem(OWNER, user);
  } catch { /* nothing is offered without it */ }
}

/** What is kept of one page for a person; undefined when they never opened it here. */
export function pageOf(user, assessment, code) {
  return inPages("readonly", (store) => store.get(idOf(user, assessment, code)));
}

/** The pages kept for a person. */
export async function pagesOf(user) {
  return ((await inPages("readonly", (store) => store.getAll())) ?? []).filter((page) => page.user === user);
}

function placeOf(form) {
  const chosen = [...form.querySelectorAll("input[type=radio][name=value]")].find((radio) => radio.defaultChecked);
  return {
    indicator: form.elements.indicator.value, site: form.elements.site.value, name: form.dataset.place ?? "",
    value: chosen?.value ?? "", comment: form.elements.comment?.defaultValue ?? "", version: Number(form.dataset.baseVersion || 0),
    action: form.getAttribute("action"),
  };
}

/** What this person saved after the page's forms were drawn: Map of form → {value, comment, version}. */
export async function newerThanDrawn(user, assessment, forms) {
  const code = document.querySelector("main[data-outline]")?.dataset.code;
  const page = code && (await pageOf(user, assessment, code));
  const found = new Map();
  for (const form of page ? forms : []) {
    const drawn = placeOf(form);
    const saved = page.places.find((one) => one.indicator === drawn.indicator && one.site === drawn.site);
    if (saved && saved.version > drawn.version) found.set(form, saved);
  }
  return found;
}

/** Keep the page as the server has just sent it, so that it opens again without a network. */
export async function keepPage(user, assessment, forms) {
  const main = document.querySelector("main[data-outline]");
  if (!main || !forms.length) return;
  setOwner(user);
  const { outline, outlineTag, code, heading } = main.dataset;
  const title = document.querySelector("h1").textContent;
  const page = { id: idOf(user, assessment, code), user, assessment, code, path: location.pathname, heading, title, at: Date.now(), places: forms.map(placeOf) };
  await inPages("readwrite", (store) => store.put(page));
  if (!window.isSecureContext) document.querySelector(".save-line").after(make("p", { class: "small muted", "data-no-https": "" }, words.noHttps));
  if (!window.isSecureContext || !("serviceWorker" in navigator)) return;
  await settled();
  await again(() => navigator.serviceWorker.register(WORKER, { scope: SCOPE }));
  await again(() => keepOutline(page.path, outline, outlineTag));
  main.dataset.kept = "";
}

/* What this page still has to load comes first. */
function settled() {
  return document.readyState === "complete" ? Promise.resolve() : new Promise((resolve) => window.addEventListener("load", resolve, { once: true }));
}

/* A weak network may need more than one try. */
async function again(act, tries = 4) {
  for (let left = tries; ; left -= 1) {
    try {
      return await act();
    } catch (problem) {
      if (left <= 1) throw problem;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

async function keepOutline(path, address, tag) {
  const cache = await caches.open(OUTLINES);
  const kept = await cache.match(path, { ignoreVary: true });
  if (kept?.headers.get("ETag") === `"${tag}"`) return;
  const answer = await fetch(address, { credentials: "same-origin", redirect: "error" });
  if (answer.ok) await cache.put(path, answer);
}

/** A saved answer is what the page shows the next time it opens without a network. */
export async function noteSaved(edit, version) {
  for (const page of await pagesOf(edit.user)) {
    const place = page.assessment === edit.assessment
      && page.places.find((one) => one.indicator === edit.fields.indicator && one.site === String(edit.fields.site));
    if (!place) continue;
    Object.assign(place, { value: String(edit.fields.value ?? ""), comment: edit.fields.comment ?? "", version });
    await inPages("readwrite", (store) => store.put({ ...page, at: Date.now() }));
  }
}

/** Signing out: nothing of this person can be opened here without a network any more. */
export async function forgetPages(user) {
  const cache = await globalThis.caches?.open(OUTLINES);
  for (const page of await pagesOf(user)) {
    await cache?.delete(page.path, { ignoreVary: true });
    await inPages("readwrite", (store) => store.delete(page.id));
  }
  if (lastOwner() === user) setOwner("");
}
