/* Sends the outbox in order, one edit at a time, and tries again with growing pauses.
   GET /assessments/token (asked for before a send, unless the server has just confirmed the one at hand): {owner, token}.
   Answers of POST …/answers (Accept: application/json):
   200 {version, saved_at, progress} · 409 {error, mine, theirs: {value, comment, version, by, at, key}} · 422 {error} ·
   401 {error, sign_in} · others {error};
   an answer without a word of ours (a hotel's sign-in page, a proxy) counts as no network. */
import { noteSaved } from "./kept_pages.js";
import { forget, keep, newKey, waiting } from "./outbox.js";

const PAUSES = [1, 2, 4, 8, 15, 30, 60];
const LONGEST_PAUSE = 60;
const TOKEN_FRESH = 60000;
const TIME_LIMIT = 20000;
const TOKEN = "/assessments/token";
const JSON_PLEASE = { Accept: "application/json" };

const limit = () => AbortSignal.timeout?.(TIME_LIMIT);

/** Seconds to wait after so many failures in a row: growing, never all browsers at the same instant. */
export function pauseAfter(failures, asked = 0) {
  const pause = PAUSES[Math.min(failures, PAUSES.length - 1)] * (0.75 + Math.random() / 2);
  return Math.min(LONGEST_PAUSE, Math.max(pause, asked));
}

export class Sender {
  /** `tell` gets (event, edit, data); `owner` and `assessment` name whose outbox this is; `token` may be "". */
  constructor({ owner, assessment, token, tell }) {
    Object.assign(this, { owner, assessment, token, tell });
    this.confirmedAt = token ? Date.now() : 0;
    this.running = false;
    this.failures = 0;
    this.timer = 0;
    window.addEventListener("online", () => this.now());
    window.addEventListener("focus", () => this.now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.now());
  }

  /** Send what waits, at once. */
  now() {
    clearTimeout(this.timer);
    return this.run();
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
        if (!next || !(await this.deliver(next))) break;
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
    edit.tried = true; // before anything is waited for: what is typed meanwhile must know that this one was sent
    if (!(await this.askToken(edit))) return false;
    let answer;
    let data = {};
    try {
      answer = await fetch(edit.action, {
        method: "POST", body: this.body(edit), credentials: "same-origin", redirect: "manual", headers: JSON_PLEASE, signal: limit(),
      });
      data = await answer.json().catch(() => ({}));
    } catch {
      return this.later(edit);
    }
    if (answer.ok && data.version) return this.confirmed(edit, data);
    if (answer.status === 409 && data.theirs) return this.conflicted(edit, data);
    if (answer.status === 400 && !edit.renewed) {
      edit.renewed = true; // the session may be another one by now: ask for its token
      this.confirmedAt = 0;
      return true;
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") return this.signedOut(edit, data);
    if ([400, 429].includes(answer.status) || answer.status >= 500 || !data.error) return this.later(edit, answer);
    await this.block(edit);
    this.tell("refused", edit, data);
    return true;
  }

  /** True with a token of this person's session at hand; otherwise says why there is none. */
  async askToken(edit) {
    if (this.token && Date.now() - this.confirmedAt < TOKEN_FRESH) return true;
    let answer;
    let data = {};
    try {
      answer = await fetch(TOKEN, { credentials: "same-origin", redirect: "manual", cache: "no-store", headers: JSON_PLEASE, signal: limit() });
      data = await answer.json().catch(() => ({}));
    } catch {
      return this.later(edit);
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") return this.signedOut(edit, data);
    const other = answer.status === 403 || (data.owner && String(data.owner) !== this.owner);
    if (other) this.tell("other-user", edit);
    if (other) return false;
    if (!answer.ok || !data.token) return this.later(edit, answer);
    this.token = data.token;
    this.confirmedAt = Date.now();
    return true;
  }

  /** Everything stays where it is until the same person has signed in again. */
  signedOut(edit, data) {
    this.confirmedAt = 0;
    this.tell("signed-out", edit, data);
    return false;
  }

  /** The record of the same answer as it stands now: the person may have typed on meanwhile. */
  async current(edit) {
    return (await waiting(this.owner, this.assessment)).find((other) => other.slot === edit.slot);
  }

  later(edit, answer = null) {
    this.confirmedAt = 0;
    const pause = pauseAfter(this.failures, Number(answer?.headers.get("Retry-After")) || 0);
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), pause * 1000);
    this.tell("kept", edit);
    return false;
  }

  async confirmed(edit, data) {
    this.failures = 0;
    this.confirmedAt = Date.now();
    await noteSaved(edit, data.version); // first: a page that is closed in between must know either way
    await forget(edit.slot, edit.key);
    const newer = await this.current(edit);
    if (newer) Object.assign(newer, { base: data.version, sent: [] });
    this.tell("saved", edit, data);
    if (newer) await keep(newer);
    return true;
  }

  async conflicted(edit, data) {
    this.confirmedAt = Date.now();
    const { theirs } = data;
    const same = (fields) => String(fields.value ?? "") === String(theirs.value ?? "")
      && (fields.comment ?? "").trim() === (theirs.comment ?? "").trim();
    const current = (await this.current(edit)) ?? edit;
    const mine = [edit, current].find((one) => same(one.fields));
    if (mine) return this.confirmed(mine, { ...data, version: theirs.version, saved_at: theirs.at });
    if ([edit.key, ...(current.sent ?? [])].includes(theirs.key)) {
      // The saved text is our own earlier send whose answer was lost: carry on from it.
      Object.assign(current, { base: theirs.version, key: newKey(), sent: [] });
      this.tell("rebased", current, theirs);
      await keep(current);
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

  /** Last chance when the page goes: the browser sends it on; a repeated key has no second effect. */
  goodbye(edits) {
    if (!this.token) return;
    for (const edit of edits) {
      edit.tried = true;
      fetch(edit.action, { method: "POST", body: this.body(edit), keepalive: true, credentials: "same-origin", headers: JSON_PLEASE }).catch(() => {});
    }
  }
}
