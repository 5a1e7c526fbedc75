/* A small table in this browser's own database (IndexedDB). */
const PATIENCE = 2000;

function open(name, table, keyPath) {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(table, { keyPath });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

/** `inTable(mode, work, patience)`: what `work(store)` found, undefined when the database refuses or has not answered
    within `patience` milliseconds. What was asked of a slow database is still done, in the order it was asked. */
export function tableOf(name, table, keyPath) {
  let opening = null;
  async function act(mode, work) {
    opening ??= open(name, table, keyPath);
    const database = await opening;
    if (!database) return undefined;
    return new Promise((resolve) => {
      const transaction = database.transaction(table, mode);
      const request = work(transaction.objectStore(table));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = transaction.onabort = () => resolve(undefined);
    });
  }
  return (mode, work, patience = PATIENCE) => {
    const late = new Promise((resolve) => setTimeout(resolve, patience));
    return Promise.race([act(mode, work).catch(() => undefined), late]);
  };
}
