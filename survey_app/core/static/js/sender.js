/* Sends the outbox in order, one edit at a time, and tries again with growing pauses.
   Answers of POST …/answers (Accept: application/json):
   200 {version, saved_at, progress} · 409 {error, mine, theirs} · 422 {error} · 401 {error, sign_in} · others {error}. */
import { forget, keep, newKey, waiting } from "./outbox.js";

const PAUSES = [2, 4, 8, 15, 30, 60];

export class Sender {
  /** `tell` gets (event, edit, data); `owner` and `assessment` name whose outbox this is. */
  constructor({ owner, assessment, token, tell }) {
    Object.assign(this, { owner, assessment, token, tell });
    this.running = false;
    this.failures = 0;
    this.timer = 0;
    window.addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.now());
  }

  /** Send what waits, at once. */
  now() {
    clearTimeout(this.timer);
    this.run();
  }

  /** How many edits the server has not confirmed. */
  async pending() {
    return (await waiting(this.owner, this.assessment)).length;
  }

  async run() {
    if (this.running) return;
    this.running = true;
    try {
      for (;;) {
        const next = (await waiting(this.owner, this.assessment)).find((edit) => !edit.blocked && !edit.typing);
        if (!next) break;
        if (!(await this.deliver(next))) break;
      }
    } finally {
      this.running = false;
    }
  }

  body(edit) {
    return new URLSearchParams({ ...edit.fields, base_version: edit.base, key: edit.key, csrf_token: this.token });
  }

  async deliver(edit) {
    this.tell("saving", edit);
    let answer;
    let data = {};
    try {
      answer = await fetch(edit.action, {
        method: "POST", body: this.body(edit), credentials: "same-origin", redirect: "manual",
        headers: { Accept: "application/json" }, signal: AbortSignal.timeout?.(20000),
      });
      data = await answer.json().catch(() => ({}));
    } catch {
      return this.later(edit);
    }
    if (answer.ok && data.version) return this.confirmed(edit, data);
    if (answer.status === 409 && data.theirs) return this.conflicted(edit, data);
    if (answer.status === 400 && !edit.renewed && (await this.renewToken())) {
      edit.renewed = true;
      return true;
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") {
      this.tell("signed-out", edit, data);
      return false;
    }
    if (answer.status === 429 || answer.status >= 500) return this.later(edit);
    await this.block(edit);
    this.tell("refused", edit, data);
    return true;
  }

  /** The record of the same answer as it stands now: the person may have typed on meanwhile. */
  async current(edit) {
    return (await waiting(this.owner, this.assessment)).find((other) => other.slot === edit.slot);
  }

  async later(edit) {
    const current = await this.current(edit);
    // The server may have saved it although its answer was lost: remember what it would be.
    if (current) await keep(Object.assign(current, { sent: edit.fields }));
    const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
    this.failures += 1;
    this.timer = setTimeout(() => this.run(), pause * 1000);
    this.tell("kept", edit);
    return false;
  }

  async confirmed(edit, data) {
    this.failures = 0;
    await forget(edit.slot, edit.key);
    const newer = await this.current(edit);
    if (newer) await keep(Object.assign(newer, { base: data.version, sent: undefined }));
    this.tell("saved", edit, data);
    return true;
  }

  async conflicted(edit, data) {
    const { theirs } = data;
    const same = (fields) => fields && String(fields.value ?? "") === String(theirs.value ?? "")
      && (fields.comment ?? "").trim() === (theirs.comment ?? "").trim();
    if (same(edit.fields)) return this.confirmed(edit, { ...data, version: theirs.version, saved_at: theirs.at });
    const current = await this.current(edit);
    if (current && same(edit.sent)) {
      // The saved text is our own earlier send whose answer was lost: carry on from it.
      await keep(Object.assign(current, { base: theirs.version, key: newKey(), sent: undefined }));
      return true;
    }
    await this.block(edit);
    this.tell("conflict", edit, data);
    return true;
  }

  /** A conflict or a refusal waits for the person; a newer edit of the same answer lifts it. */
  async block(edit) {
    const current = await this.current(edit);
    if (current && current.key === edit.key) await keep(Object.assign(current, { blocked: true }));
  }

  /** The page may be older than the session: take the token of the same page as it is served now. */
  async renewToken() {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const owner = page.querySelector("[data-owner]")?.dataset.owner;
      const token = page.querySelector("input[name=csrf_token]")?.value;
      if (owner && owner !== this.owner) this.tell("other-user", null);
      if (owner !== this.owner || !token || token === this.token) return false;
      this.token = token;
      return true;
    } catch {
      return false;
    }
  }

  /** Last chance when the page goes: the browser sends it on; a repeated key has no second effect. */
  async goodbye(edits) {
    for (const edit of edits) {
      fetch(edit.action, { method: "POST", body: this.body(edit), keepalive: true, credentials: "same-origin",
        headers: { Accept: "application/json" } }).catch(() => {});
    }
  }
}
