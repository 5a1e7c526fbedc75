/* Filling pages that open without a network. What the service worker keeps is a framework page: the criteria alone,
   without answers, names or token. Whose answers go into it stands in IndexedDB under person + form + page:
   {id, user, assessment, code, path, title, heading, at, places: [{indicator, site, name, value, comment, version, action}]}.
   Only the person who used this browser last is offered theirs; signing out forgets them. */
import { words, make } from "./words.js";

const OWNER = "owner";
const OUTLINES = "outlines";
const WORKER = "/worker.js";
const SCOPE = "/assessments/";
let opening = null;

function open() {
  opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open("trang-da-mo", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("pages", { keyPath: "id" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opening;
}

async function inPages(mode, work) {
  const database = await open();
  if (!database) return undefined;
  return new Promise((resolve) => {
    const transaction = database.transaction("pages", mode);
    const request = work(transaction.objectStore("pages"));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => resolve(undefined);
  });
}

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

/** Keep the page as the server has just sent it, so that it opens again without a network. */
export async function keepPage(user, assessment, forms) {
  const main = document.querySelector("[data-outline]");
  if (!main || !forms.length) return;
  if (!window.isSecureContext || !("serviceWorker" in navigator) || !globalThis.caches) {
    if (!window.isSecureContext) document.querySelector(".save-line")?.after(make("p", { class: "small muted", "data-no-https": "" }, words.noHttps));
    return;
  }
  setOwner(user);
  const { outline, outlineTag, code, heading } = main.dataset;
  const page = { id: idOf(user, assessment, code), user, assessment, code, path: location.pathname, heading, title: document.querySelector("h1")?.textContent ?? code, at: Date.now(), places: forms.map(placeOf) };
  await inPages("readwrite", (store) => store.put(page));
  await settled();
  await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
  await keepOutline(page.path, outline, outlineTag);
}

/* What this page still has to load comes first. */
function settled() {
  return document.readyState === "complete" ? Promise.resolve() : new Promise((resolve) => window.addEventListener("load", resolve, { once: true }));
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
