/* The outbox: edits that the server has not confirmed yet, kept in this browser under person + form.
   One record per answer: {slot, user, assessment, action, indicator, site, fields, base, key, at, blocked}.
   Where IndexedDB is refused (some private windows) the records live as long as the page. */
const memory = new Map();
let opening = null;

function open() {
  opening ??= new Promise((resolve) => {
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

/** Keep (or replace) an edit; resolves when it is on the disk. */
export async function keep(edit) {
  memory.set(edit.slot, edit);
  await inStore("readwrite", (store) => store.put(edit));
}

/** Forget an edit, but only when it is still the one that was sent. */
export async function forget(slot, key) {
  const current = memory.get(slot);
  if (current && key && current.key !== key) return;
  memory.delete(slot);
  await inStore("readwrite", (store) => store.delete(slot));
}

/** The edits of one person (and one form, when named), oldest first. */
export async function waiting(user, assessment = null) {
  const stored = (await inStore("readonly", (store) => store.getAll())) ?? [];
  for (const edit of stored) if (!memory.has(edit.slot)) memory.set(edit.slot, edit);
  return [...memory.values()]
    .filter((edit) => edit.user === user && (!assessment || edit.assessment === assessment))
    .sort((one, other) => one.at - other.at);
}

/** Throw away every edit of one person on this device. */
export async function discard(user) {
  for (const edit of await waiting(user)) await forget(edit.slot);
}
