/* Words of plain forms stay in this browser until the server has taken them: core/jottings.py says how. */
import { make } from "./words.js";

const OLDEST = 30 * 24 * 3600 * 1000;
const MOST = 40;
const PATIENCE = 10_000;
const FRESH = 5000; // a server that answered so long ago is there
const TEXT = /^(textarea|text|search|tel|email|url|number|date)$/;
const CHOICE = /^(radio|checkbox|select-one|select-multiple)$/;
const SECRET = "[type=password], [autocomplete=one-time-code]";

const WORDS = {
  vi: {
    filledIn: (when) => `Đã điền lại phần chưa gửi, nhập lúc ${when}.`, drop: "Bỏ phần này", dropped: "Đã bỏ phần chưa gửi.",
    aside: (when) => `Nội dung trên hệ thống đã thay đổi. Phần chưa gửi, nhập lúc ${when}, vẫn còn:`, put: "Đưa vào ô",
    before: "Đã đưa vào ô. Nội dung trước đó trong ô:", sending: "Đang gửi",
    noNetwork: "Chưa gửi được vì mất mạng. Phần đã nhập được giữ trên máy này; bấm lại khi có mạng.",
    noServer: "Chưa gửi được vì hệ thống chưa trả lời. Phần đã nhập được giữ trên máy này; bấm lại sau ít phút.",
    notKept: "Chưa gửi được và máy này không cho giữ tạm. Xin đừng đóng trang này; bấm lại khi có mạng.",
  },
  en: {
    filledIn: (when) => `What you entered at ${when} and did not send is filled in again.`, drop: "Drop this", dropped: "The unsent text is dropped.",
    aside: (when) => `The text on the server has changed. What you entered at ${when} and did not send is still here:`, put: "Put into the box",
    before: "Put into the box. What stood there before:", sending: "Sending",
    noNetwork: "Not sent: there is no network. What you entered is kept on this device; press again when the network is back.",
    noServer: "Not sent: the server does not answer. What you entered is kept on this device; press again in a few minutes.",
    notKept: "Not sent, and this device does not let us keep it. Please do not close this page; press again when the network is back.",
  },
};
const words = WORDS[document.documentElement.lang] ?? WORDS.vi;
const store = (() => { try { return globalThis.localStorage; } catch { return undefined; } })();
const owner = document.querySelector("form[data-sign-out]")?.dataset.owner;
const answersForm = document.querySelector("main[data-answer]") !== null;
const states = new Map();
let filling = false; // what this script puts into a box is not typed

/* ---- the records ---- */
function read(slot) {
  try {
    return JSON.parse(store.getItem(slot));
  } catch {
    return null;
  }
}

/** False when this device refuses to keep it. */
function write(slot, record) {
  try {
    if (record) store.setItem(slot, JSON.stringify(record));
    else store.removeItem(slot);
    return true;
  } catch {
    return false;
  }
}

/** What was typed on after sending has lost its key and stays. */
function clearTaken(slots) {
  const cookie = document.cookie.split("; ").find((one) => /^(__Host-)?taken=/.test(one));
  if (!cookie) return;
  const [name, keys] = cookie.split("=");
  for (const slot of slots) {
    const record = read(slot);
    if (!record?.key || !keys.split(".").includes(record.key)) continue;
    write(slot, record.aside.length ? { ...record, key: "", fields: {}, base: {} } : null);
  }
  document.cookie = `${name}=; Path=/; Max-Age=0; SameSite=Lax${name.startsWith("__Host-") ? "; Secure" : ""}`;
}

function clearOld(slots) {
  const known = slots.map((slot) => ({ slot, ...read(slot) })).sort((one, other) => other.at - one.at);
  const old = known.filter(({ at }) => !(at > Date.now() - OLDEST));
  for (const { slot } of [...old, ...known.filter((record) => record.owner === owner).slice(MOST)]) write(slot, null);
}

/* ---- the fields of a form by name ---- */
function groupsOf(form) {
  const groups = new Map();
  for (const control of form.elements) {
    if (!control.name || control.disabled || control.readOnly || !(TEXT.test(control.type) || CHOICE.test(control.type))) continue;
    groups.set(control.name, [...(groups.get(control.name) ?? []), control]);
  }
  return groups;
}

function valuesIn(controls, [checked, selected, value]) {
  return controls.flatMap((control) => {
    if (!control.options) return !CHOICE.test(control.type) || control[checked] ? [control[value]] : [];
    const chosen = [...control.options].filter((option) => option[selected]);
    return (chosen.length || control.multiple ? chosen : [...control.options].slice(0, 1)).map((option) => option.value);
  });
}

const nowIn = (controls) => valuesIn(controls, ["checked", "selected", "value"]);
const drawnIn = (controls) => valuesIn(controls, ["defaultChecked", "defaultSelected", "defaultValue"]);

/* The server stores a text without the spaces around it, and one line without double ones. */
const folded = (values) => JSON.stringify(values.map((text) => text.normalize("NFC").replace(/\s+/g, " ").trim()));
const same = (one, other) => folded(one) === folded(other);

function put(controls, values) {
  filling = true;
  controls.forEach((control, place) => {
    if (control.options) for (const option of control.options) option.selected = values.includes(option.value);
    else if (CHOICE.test(control.type)) control.checked = values.includes(control.value);
    else control.value = values[place] ?? "";
    for (let fold = control.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    control.dispatchEvent(new Event(CHOICE.test(control.type) ? "change" : "input", { bubbles: true }));
  });
  filling = false;
}

function inWords(controls, values) {
  const among = (options) => options.filter(({ value }) => values.includes(value));
  if (controls[0].options) return among([...controls[0].options]).map((option) => option.text).join(", ");
  return CHOICE.test(controls[0].type) ? among(controls).map(({ labels, value }) => labels[0]?.innerText ?? value).join(", ") : values.join("\n");
}

/* ---- jotting down ---- */
function jot(state, at = Date.now(), aside = state.record?.aside ?? []) {
  const before = state.record;
  const [fields, base] = [{ ...before?.fields }, { ...before?.base }]; // what is locked today stays
  for (const [name, controls] of state.groups) {
    const [from, values] = [before?.base[name] ?? drawnIn(controls), nowIn(controls)];
    delete fields[name];
    delete base[name];
    if (!same(values, from)) [fields[name], base[name]] = [values, from];
  }
  const { page, title } = before ?? { page: location.pathname + location.search, title: document.querySelector("h1")?.textContent.trim() };
  state.record = Object.keys(fields).length || aside.length ? { owner, page, title, at, key: "", fields, base, aside } : null;
  state.kept = write(state.slot, state.record);
}

/* ---- offering back ---- */
function offer(state) {
  const { record, groups } = state;
  const [filled, aside] = [[], [...record.aside]];
  for (const [name, values] of Object.entries(record.fields)) {
    const controls = groups.get(name);
    if (!controls) continue;
    const [here, now] = [drawnIn(controls), nowIn(controls)];
    if (answersForm && same(values, here)) continue; // refused: the box holds what was typed, `base` what is stored
    if (same(record.base[name], here) && same(now, here)) {
      filled.push(name);
    } else {
      delete record.base[name];
      aside.push({ name, values, at: record.at });
    }
  }
  for (const name of filled) put(groups.get(name), record.fields[name]);
  const asks = ({ name, values }, place) => !groups.has(name) || !([drawnIn(groups.get(name)), nowIn(groups.get(name)), [], [""]]
    .some((known) => same(known, values)) || aside.slice(0, place).some((other) => other.name === name && same(other.values, values)));
  jot(state, record.at, aside.filter(asks));
  if (filled.length) sayFilled(state, filled, record.at);
  for (const kept of state.record?.aside ?? []) if (groups.has(kept.name)) sayAside(state, kept);
}

/* A status is read out when words come into it, not when it comes with its words. */
function note(kind, ...content) {
  const box = make("div", { class: kind, role: "status", "data-jotting": "" });
  setTimeout(() => box.replaceChildren(...content), 100);
  return box;
}

function button(word, label, act) {
  return make("button", { type: "button", class: "btn s slim", "aria-label": label ? `${word}: ${label}` : word, onclick: act }, word);
}

/* Once the person writes on, dropping would drop more than it says. */
function sayFilled(state, names, at) {
  const drop = button(words.drop, "", () => {
    for (const name of names) put(state.groups.get(name), drawnIn(state.groups.get(name)));
    jot(state);
    box.replaceChildren(make("p", {}, words.dropped));
    state.groups.get(names[0])[0].focus();
  });
  const box = note("note", make("p", {}, words.filledIn(timeOf(at))), drop);
  state.form.prepend(box);
  state.form.addEventListener("input", () => filling || drop.remove());
}

function sayAside(state, kept) {
  const controls = state.groups.get(kept.name);
  const [first] = controls;
  const label = (CHOICE.test(first.type) && first.closest("fieldset")?.querySelector("legend")) || first.labels[0];
  const heading = make("p", {}, words.aside(timeOf(kept.at)));
  const text = make("p", { class: "pre" }, inWords(controls, kept.values));
  const others = () => (state.record?.aside ?? []).filter((other) => other !== kept);
  const swap = () => {
    const before = { ...kept, values: nowIn(controls) };
    put(controls, kept.values);
    const rest = others();
    kept = before;
    jot(state, Date.now(), same(kept.values, drawnIn(controls)) ? rest : [...rest, kept]);
    heading.textContent = words.before;
    text.textContent = inWords(controls, kept.values);
    first.focus();
  };
  const drop = () => {
    jot(state, state.record?.at, others());
    box.replaceChildren(make("p", {}, words.dropped));
    first.focus();
  };
  const buttons = [[words.put, swap], [words.drop, drop]].map(([word, act]) => button(word, label?.innerText, act));
  const box = note("note warning", heading, text, make("div", { class: "row" }, ...buttons));
  (first.closest(".field") ?? first.parentElement).append(make("div", { class: "small-gap" }, box));
}

function timeOf(at) {
  const part = (options) => new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", ...options }).format(at);
  return `${part({ hour: "2-digit", minute: "2-digit", hour12: false })}, ${part({ day: "2-digit", month: "2-digit", year: "numeric" })}`;
}

/* ---- sending ---- */
async function lookForServer() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE) });
    return (await answer.text()).trim() === "ok" ? "" : words.noServer;
  } catch {
    return words.noNetwork;
  }
}

function tell(state, pressed, mood, text) {
  state.line ??= make("p", { class: "saved", role: "status", "data-jotting-state": "" });
  const actions = pressed?.closest(".actions"); // they may stick to the foot of the window: the line goes along
  if (actions) actions.prepend(state.line);
  else (pressed ?? state.form.lastElementChild).before(state.line);
  state.line.dataset.state = mood;
  state.line.textContent = text;
}

function nameKey(state) {
  state.record.key = Date.now().toString(36) + Math.random().toString(36).slice(2);
  write(state.slot, state.record);
  const field = state.form.querySelector("input[name=jotting]") ?? state.form.appendChild(make("input", { type: "hidden", name: "jotting" }));
  field.value = state.record.key;
}

/* A browser leaves the page with or without a network: look first, then let it send the form as ever. */
async function send(event) {
  const [state, pressed] = [states.get(event.target), event.submitter];
  if (!state) return;
  jot(state, state.record?.at);
  if (!Object.keys(state.record?.fields ?? {}).length) return;
  // upload.js stays on the page by itself.
  if (state.form.dataset.upload !== undefined || Date.now() - state.reachedAt < FRESH) return void nameKey(state);
  event.preventDefault();
  event.stopPropagation();
  if (state.asking) return;
  state.asking = true;
  tell(state, pressed, "saving", words.sending);
  const trouble = await lookForServer();
  state.asking = false;
  tell(state, pressed, "problem", trouble && !state.kept ? words.notKept : trouble);
  if (trouble) return;
  state.reachedAt = Date.now();
  state.form.requestSubmit(pressed);
}

/* ---- start ---- */
function adopt(form, slot) {
  const state = { form, slot, groups: groupsOf(form), record: read(slot), kept: true, asking: false, reachedAt: 0 };
  states.set(form, state);
  if (state.record) offer(state);
  // Typed before this script came; going back, the browser itself puts old words into the boxes.
  else if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") jot(state);
  for (const kind of ["input", "change"]) form.addEventListener(kind, () => filling || jot(state));
}

const slots = Object.keys(store ?? {}).filter((name) => name.startsWith("jotting "));
clearTaken(slots);
clearOld(slots);
const seen = {};
for (const form of owner ? document.querySelectorAll("form[method=post]:not([data-autosave])") : []) {
  const controls = [...form.elements];
  if (!controls.some(({ type }) => TEXT.test(type)) || controls.some((control) => control.matches(SECRET))) continue;
  const path = new URL(form.getAttribute("action") ?? "", location.href).pathname; // a field may be named "action"
  seen[path] = (seen[path] ?? 0) + 1;
  adopt(form, `jotting ${owner} ${path} ${seen[path]}`);
}
document.addEventListener("submit", send, { capture: true }); // before page.js asks and upload.js sends
