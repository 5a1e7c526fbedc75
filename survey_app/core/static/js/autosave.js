/* Saves each answer of the filling-in page by itself; without this script the same forms work by their button.

   What the page gives:
   <p class="saved" role="status" data-save-state></p>                     one line for the whole page
   <form data-autosave method="post" action="/assessments/UID/answers" data-owner="USER_ID" data-assessment="UID"
         data-base-version="3" id="AT3.2-0">
     csrf_token, indicator=AT3.2, site=0, base_version, key (hidden); radios name=value; textarea name=comment
     <p class="next" data-next-for="1">Để đạt mức 2 cần: …</p>            one for each level, all readable without the script
     <button class="btn s save-plain">Lưu</button>                        hidden when the script runs
     <p class="saved" data-saved></p>                                      this answer's own line
   </form>
   Several sites of one indicator stand in <div data-sites> … <button type="button" class="btn s needs-script" data-apply-all>;
   <summary data-sites-line data-same="…" data-differ="…" data-none="…">Điểm lẻ (2): <span></span></summary> says how they stand.
   Numbers that follow: [data-progress=answered|applicable], the bar's rect [data-progress-bar]; [data-toc=AT3.2] .dot
   A page without forms (check before submitting) writes <div data-outbox data-owner data-assessment>; flush.js brings this in.
   <main data-outline="/assessments/UID/outline/AT3" data-outline-tag="…"> lets the page open without a network later. */
import { keepPage, newerThanDrawn, noteSaved } from "./kept_pages.js";
import { forget, jot, keep, newKey, slotOf, waiting } from "./outbox.js";
import { Sender } from "./sender.js";
import { make, words } from "./words.js";

const TYPING_PAUSE = 1200;
const RESTORE_PATIENCE = 15000;
const SENT_KEPT = 50;
const EARLY = "|early";
let restored = false; // until the outbox has been read, what is entered is kept beside what it may hold
let keepsNothing = false; // this device refuses to keep anything (a private window without room)
const forms = [...document.querySelectorAll("form[data-autosave]")];
const place = forms[0] ?? document.querySelector("[data-outbox]");
const line = document.querySelector("[data-save-state]")
  ?? document.querySelector("main")?.appendChild(make("p", { class: "saved", role: "status", "data-save-state": "" }));

const sender = place && new Sender({
  owner: place.dataset.owner, assessment: place.dataset.assessment,
  token: document.querySelector("input[name=csrf_token]")?.value ?? "", tell,
});
const byForm = new Map();

function show(target, state, text, ...more) {
  if (!target) return;
  target.dataset.state = state;
  target.replaceChildren(text, ...more);
}

function fieldsOf(form) {
  const fields = Object.fromEntries(new FormData(form));
  for (const name of ["csrf_token", "key", "base_version"]) delete fields[name];
  fields.value ??= "";
  fields.comment ??= "";
  return fields;
}

function fill(form, { value, comment }) {
  for (const radio of form.querySelectorAll("input[type=radio][name=value]")) radio.checked = radio.value === String(value ?? "");
  const box = form.elements.comment;
  if (box) box.value = comment ?? "";
  showNext(form);
}

function drawnFieldsOf(form) {
  const chosen = [...form.querySelectorAll("input[type=radio][name=value]")].find((radio) => radio.defaultChecked);
  return { value: chosen?.value ?? "", comment: form.elements.comment?.defaultValue ?? "" };
}

function showNext(form) {
  const chosen = form.querySelector("input[name=value]:checked")?.value;
  for (const sentence of form.querySelectorAll("[data-next-for]")) sentence.hidden = sentence.dataset.nextFor !== chosen;
}

/* ---- from the page to the outbox ---- */
function draft(form, typing = false) {
  const state = byForm.get(form);
  if (!restored) return jotEarly(form);
  const before = state.edit;
  const fields = fieldsOf(form);
  const changed = !before || JSON.stringify(before.fields) !== JSON.stringify(fields);
  // The server may have what was sent before although its answer never came: it would be under this key.
  const sent = [...(before?.sent ?? []), ...(changed && before?.tried ? [before.key] : [])].slice(-SENT_KEPT);
  state.edit = {
    slot: state.slot, user: sender.owner, assessment: sender.assessment, action: form.getAttribute("action"), fields,
    // What was kept was written on an older version than a page drawn since: somebody else's words may lie in between.
    base: before?.base ?? state.base, key: changed ? newKey() : before.key, at: before?.at ?? Date.now(), typing,
    blocked: false, sent, tried: !changed && before.tried,
  };
  return keep(state.edit).then((kept) => { keepsNothing = !kept; });
}

function jotEarly(form) {
  const { slot, base } = byForm.get(form);
  jot({ slot: slot + EARLY, user: sender.owner, assessment: sender.assessment, action: form.getAttribute("action"), base,
    fields: fieldsOf(form), drawn: drawnFieldsOf(form), key: newKey(), at: Date.now() });
}

async function changedNow(form, { anyway = false } = {}) {
  const state = byForm.get(form);
  clearTimeout(state.timer);
  if (!restored) return draft(form);
  const seen = JSON.stringify(fieldsOf(form));
  // Leaving a box fires "change" once more: the same words must not be sent twice nor lift a conflict.
  if (!anyway && seen === state.seen && !state.edit?.typing) return;
  state.seen = seen;
  clearTrouble(form);
  showNext(form);
  followSites(form.closest("[data-sites]"));
  await draft(form);
  sender.now();
}

function typed(form) {
  const state = byForm.get(form);
  clearTimeout(state.timer);
  draft(form, true);
  TELLERS.saving(null, {}, form.querySelector("[data-saved]"));
  state.timer = setTimeout(() => changedNow(form), TYPING_PAUSE);
}

/* ---- from the server to the page ---- */
function formOf(edit) {
  return forms.find((form) => byForm.get(form)?.slot === edit?.slot);
}

const TELLERS = {
  saving: (edit, data, own) => { show(line, "saving", words.saving); show(own, "saving", words.saving); },
  kept(edit, data, own) {
    const said = keepsNothing ? words.notKept : words.kept;
    show(line, keepsNothing ? "problem" : "kept", said);
    show(own, keepsNothing ? "problem" : "kept", said);
  },
  rebased(edit, theirs, own, form) { if (form) byForm.get(form).base = theirs.version; },
  "other-user": () => show(line, "problem", words.otherUser),
  "signed-out": (edit, data) => show(line, "problem", words.signIn, " ", make("a", { href: data.sign_in ?? "/", target: "_blank", rel: "noopener" }, words.signInLink)),
  saved(edit, data, own, form) {
    show(own, "saved", words.savedAt(data.saved_at));
    if (form) settle(form, edit, data.version);
    const left = document.querySelector("[data-trouble]");
    if (left) show(line, "problem", words.notSaved);
    else show(line, "saved", words.savedAt(data.saved_at));
    progress(data.progress, edit);
  },
  refused(edit, data, own, form) {
    // Where the form is on the page the sentence stands there, once; the line above only says that something is left.
    show(line, "problem", form ? words.notSaved : data.error ?? words.refused);
    if (form) refuse(form, edit, data.error ?? words.refused);
  },
  conflict(edit, data, own, form) {
    show(line, "problem", words.conflict);
    show(own, "problem", words.conflict);
    if (form) compare(form, edit, data.theirs);
  },
};

function tell(event, edit, data = {}) {
  const form = formOf(edit);
  TELLERS[event](edit, data, form?.querySelector("[data-saved]"), form);
}

function settle(form, edit, version) {
  const state = byForm.get(form);
  state.base = version;
  if (form.elements.base_version) form.elements.base_version.value = version;
  if (state.edit?.key === edit.key) state.edit = null;
  else if (state.edit) state.edit.base = version;
  clearTrouble(form);
}

function progress(numbers, edit) {
  for (const [name, value] of Object.entries(numbers ?? {})) {
    for (const place of document.querySelectorAll(`[data-progress="${name}"]`)) place.textContent = value;
  }
  if (numbers?.applicable) document.querySelector("[data-progress-bar]")?.setAttribute("width", (100 * numbers.answered / numbers.applicable).toFixed(1));
  const code = edit.fields.indicator;
  const dot = code && document.querySelector(`[data-toc="${CSS.escape(code)}"] .dot`);
  const all = forms.filter((form) => form.elements.indicator?.value === code);
  const done = all.filter((form) => form.querySelector("input[name=value]:checked")).length;
  if (dot) dot.className = `dot ${done === all.length ? "done" : done ? "half" : ""}`;
}

function clearTrouble(form) {
  form.querySelector("[data-trouble]")?.remove();
  form.classList.remove("conflict");
}

function trouble(form, ...content) {
  clearTrouble(form);
  const box = make("div", { "data-trouble": "", class: "note warning", role: "alert" }, ...content);
  form.append(box);
  return box;
}

function refuse(form, edit, sentence) {
  show(form.querySelector("[data-saved]"), "problem", words.notSaved);
  trouble(form, make("p", {}, sentence), make("button", { type: "button", class: "btn s slim", onclick: () => takeBack(form, edit) }, words.drop));
}

async function takeBack(form, edit) {
  await forget(edit.slot);
  location.reload();
}

function nameOf(form, value) {
  return form.querySelector(`input[name=value][value="${CSS.escape(value)}"]`)?.dataset.name ?? words.level(value);
}

function compare(form, edit, theirs) {
  form.classList.add("conflict");
  const mine = byForm.get(form).edit?.fields ?? edit.fields;
  const column = (title, part, label, act) => make("div", {}, make("h4", {}, title), make("p", {}, make("b", {}, nameOf(form, part.value ?? ""))),
    make("p", { class: "pre" }, part.comment || words.noComment), make("button", { type: "button", class: "btn s", onclick: act }, label));
  trouble(form, make("h3", {}, words.conflict), make("p", {}, words.conflictText(theirs.by || words.someone, theirs.at ?? "")),
    make("div", { class: "versions" },
      column(words.mine, mine, words.keepMine, async () => {
        byForm.get(form).base = theirs.version;
        byForm.get(form).edit = null;
        await changedNow(form, { anyway: true });
      }),
      column(words.theirs, theirs, words.takeTheirs, async () => {
        clearTimeout(byForm.get(form).timer);
        await forget(edit.slot);
        byForm.get(form).edit = null;
        fill(form, theirs);
        byForm.get(form).seen = JSON.stringify(fieldsOf(form));
        settle(form, edit, theirs.version);
        noteSaved({ ...edit, fields: { ...edit.fields, value: theirs.value ?? "", comment: theirs.comment ?? "" } }, theirs.version);
        show(line, "saved", words.savedAt(theirs.at ?? ""));
        show(form.querySelector("[data-saved]"), "saved", words.savedAt(theirs.at ?? ""));
      })));
}

/* ---- start ---- */
function adopt(form) {
  const slot = slotOf(form.dataset.owner, form.dataset.assessment, form.elements.indicator?.value, form.elements.site?.value ?? 0);
  byForm.set(form, { slot, base: Number(form.dataset.baseVersion || 0), edit: null, timer: 0 });
  form.addEventListener("change", () => changedNow(form));
  form.addEventListener("input", (event) => event.target.name === "comment" && typed(form));
  form.addEventListener("submit", (event) => { event.preventDefault(); changedNow(form, { anyway: true }); });
  showNext(form);
  byForm.get(form).seen = JSON.stringify({ ...fieldsOf(form), ...drawnFieldsOf(form) });
}

/* What was entered before the outbox could be read, on this page or on one that was closed too early. */
function enteredIn(now, drawn) {
  const changed = ["value", "comment"].filter((name) => String(now[name] ?? "") !== String(drawn[name] ?? ""));
  return changed.length ? Object.fromEntries(changed.map((name) => [name, now[name]])) : null;
}

/* The newest choice wins; of words none is dropped. */
function merged(kept, entered) {
  const both = entered.comment === undefined || entered.comment === kept.comment ? kept.comment : [kept.comment, entered.comment].filter(Boolean).join("\n");
  return { value: entered.value ?? kept.value, comment: both };
}

/* The page was drawn before the last save of the page before it had ended: show what was saved. */
function redraw(form, saved) {
  for (const radio of form.querySelectorAll("input[type=radio][name=value]")) radio.defaultChecked = radio.value === saved.value;
  form.elements.comment.defaultValue = saved.comment;
  form.dataset.baseVersion = saved.version;
  form.elements.base_version.value = saved.version;
  fill(form, saved);
  Object.assign(byForm.get(form), { base: saved.version, seen: JSON.stringify(fieldsOf(form)) });
}

async function takeUp(form, kept, early, saved) {
  const state = byForm.get(form);
  if (saved && !enteredIn(fieldsOf(form), drawnFieldsOf(form))) redraw(form, saved);
  const drawn = drawnFieldsOf(form);
  const entered = enteredIn(fieldsOf(form), drawn) ?? (early && enteredIn(early.fields, early.drawn));
  if (kept) {
    state.edit = Object.assign(kept, { typing: false, blocked: false, tried: true });
    fill(form, kept.fields);
    state.seen = JSON.stringify(fieldsOf(form));
    await keep(kept);
  }
  if (entered) fill(form, kept ? merged(kept.fields, entered) : { ...drawn, ...entered });
  if (entered) await changedNow(form);
  if (early) await forget(early.slot);
}

async function restore() {
  const found = await waiting(sender.owner, sender.assessment, RESTORE_PATIENCE);
  const bySlot = new Map(found.map((edit) => [edit.slot, edit]));
  const newer = await newerThanDrawn(sender.owner, sender.assessment, forms);
  restored = true;
  await Promise.all(forms.map((form) => {
    const { slot } = byForm.get(form);
    return takeUp(form, bySlot.get(slot), bySlot.get(slot + EARLY), newer.get(form));
  }));
  for (const edit of found) if (!formOf(edit) && !edit.slot.endsWith(EARLY)) await keep(Object.assign(edit, { typing: false, blocked: false, tried: true }));
}

/* The line over the other sites says how they stand to the main one; a level must be chosen before it can go to all. */
function followSites(group) {
  const sitesLine = group?.querySelector("[data-sites-line]");
  const levels = forms.filter((form) => group?.contains(form)).map((form) => form.querySelector("input[name=value]:checked")?.value);
  for (const button of group?.querySelectorAll("[data-apply-all]") ?? []) button.disabled = levels.every((level) => level === undefined);
  if (!sitesLine) return;
  const { same, differ, none } = sitesLine.dataset;
  sitesLine.querySelector("span").textContent = levels.some((level) => level !== levels[0]) ? differ : levels[0] === undefined ? none : same;
}

function applyToAll(button) {
  const group = button.closest("[data-sites]");
  const members = forms.filter((form) => group.contains(form));
  const source = button.closest("form[data-autosave]") ?? members.find((form) => form.querySelector("input[name=value]:checked"));
  const value = source?.querySelector("input[name=value]:checked")?.value;
  if (value === undefined) return;
  for (const form of members) {
    const radio = form.querySelector(`input[name=value][value="${CSS.escape(value)}"]`);
    if (form === source || !radio || radio.checked) continue;
    radio.checked = true;
    changedNow(form);
  }
}

if (sender) {
  forms.forEach(adopt);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-apply-all]");
    if (button) applyToAll(button);
  });
  window.addEventListener("pagehide", () => {
    const unsent = [...byForm.values()].map((state) => state.edit).filter((edit) => edit && !edit.blocked);
    sender.goodbye(unsent);
  });
  restore().then(() => {
    sender.now();
    return keepPage(sender.owner, sender.assessment, forms);
  }).catch(() => {});
}
