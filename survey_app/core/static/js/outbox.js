/* The outbox: edits that the server has not confirmed yet, kept in this browser under person + form.
   One record per answer: {slot, user, assessment, action, fields, base, key, at, typing, blocked, sent}; `sent` lists
   the keys of earlier sends of the same answer whose outcome nobody knows.
   IndexedDB writes a moment later; a page closed in that moment would lose the last words, so they stand in
   localStorage, which writes at once, until IndexedDB has them. Where both are refused (some private windows)
   the records live as long as the page. */
import { tableOf } from "./database.js";

const memory = new Map();
const UNSENT = "unsent ";
const WAITING = "outbox ";
const jotter = (() => { try { return globalThis.localStorage; } catch { return undefined; } })();
const inStore = tableOf("tu-danh-gia", "edits", "slot");

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

/** Forget an edit, but only when it is still the one that was sent: another page of this person, an older tab that
    closes while this one opens, may have kept a newer one under the same slot meanwhile. */
export async function forget(slot, key) {
  const current = memory.get(slot);
  if (current && key && current.key !== key) return;
  memory.delete(slot);
  unjot(slot, key);
  await inStore("readwrite", (store) => {
    const found = store.get(slot);
    found.onsuccess = () => {
      if (!key || found.result?.key === key) store.delete(slot);
    };
    return found;
  });
}

/** The edits of one person (and one form, when named), oldest first; `patience` for a database that is slow to open. */
export async function waiting(user, assessment = null, patience = undefined) {
  const stored = (await inStore("readonly", (store) => store.getAll(), patience)) ?? [];
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
