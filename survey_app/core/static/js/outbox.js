/* The outbox: edits that the server has not confirmed yet, kept in this browser under person + form.
   One record per answer: {slot, user, assessment, action, fields, base, key, at, typing, blocked, sent}; `sent` lists
   what earlier sends of the same answer said whose outcome nobody knows.
   IndexedDB writes a moment later; a page closed in that moment would lose the last words, so they stand in
   localStorage, which writes at once, until IndexedDB has them. Where both are refused (some private windows)
   the records live as long as the page. */
const memory = new Map();
const UNSENT = "unsent ";
const PATIENCE = 2000;
const WAITING = "outbox ";
const jotter = (() => { try { return globalThis.localStorage; } catch { return undefined; } })();
let opening = null;

function note(name) {
  try {
    jotter?.setItem(name, "yes");
  } catch { /* without it only the filling pages send what waits */ }
}

/** Nothing of this person waits any more: other pages need not look. */
export function noneLeft(user) {
  jotter?.removeItem(UNSENT + user);
}

/** Note an edit where it stands at once; false when there is no room. */
export function jot(edit) {
  try {
    jotter?.setItem(WAITING + edit.slot, JSON.stringify(edit));
    return Boolean(jotter);
  } catch {
    return false; // no room left: IndexedDB alone must do
  }
}

function jotted() {
  return Object.keys(jotter ?? {}).filter((name) => name.startsWith(WAITING)).map((name) => JSON.parse(jotter.getItem(name)));
}

function unjot(slot, key) {
  const edit = JSON.parse(jotter?.getItem(WAITING + slot) ?? "{}");
  if (!key || edit.key === key) jotter?.removeItem(WAITING + slot);
}

function open() {
  opening ??= new Promise((resolve) => {
    setTimeout(() => resolve(null), PATIENCE); // a database that never answers must not hold up a send
    try {
      const request = indexedDB.open("tu-danh-gia", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("edits", { keyPath: "slot" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  return opening;
}

async function inStore(mode, work) {
  const database = await open();
  if (!database) return undefined;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("edits", mode);
    const request = work(transaction.objectStore("edits"));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  }).catch(() => undefined);
}

/** A fresh key of one edit (randomUUID exists on https and localhost only). */
export function newKey() {
  return crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The name of one answer's record. */
export function slotOf(user, assessment, indicator, site) {
  return [user, assessment, indicator, site].join("|");
}

/** Keep (or replace) an edit; resolves when it is on the disk, to false when this device refuses to keep anything. */
export async function keep(edit) {
  memory.set(edit.slot, edit);
  const jotted = jot(edit);
  note(UNSENT + edit.user);
  const stored = await inStore("readwrite", (store) => store.put(edit));
  if (stored) unjot(edit.slot, edit.key);
  return Boolean(stored) || jotted;
}

/** Forget an edit, but only when it is still the one that was sent. */
export async function forget(slot, key) {
  const current = memory.get(slot);
  if (current && key && current.key !== key) return;
  memory.delete(slot);
  unjot(slot);
  await inStore("readwrite", (store) => store.delete(slot));
}

/** The edits of one person (and one form, when named), oldest first. */
export async function waiting(user, assessment = null) {
  const stored = (await inStore("readonly", (store) => store.getAll())) ?? [];
  // The jotter is the newer of the two wherever both have an edit.
  for (const edit of [...jotted(), ...stored]) if (!memory.has(edit.slot)) memory.set(edit.slot, edit);
  return [...memory.values()]
    .filter((edit) => edit.user === user && (!assessment || edit.assessment === assessment))
    .sort((one, other) => one.at - other.at);
}

/** Throw away every edit of one person on this device. */
export async function discard(user) {
  for (const edit of await waiting(user)) await forget(edit.slot);
}
