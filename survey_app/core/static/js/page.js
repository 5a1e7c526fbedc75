/* On every page: small courtesies; each page also works without them.
   data-confirm="Câu hỏi" on a form       asks in a dialog before sending
   data-opens="id" on a button            opens that <dialog>; data-close inside it closes it
   data-secret around a password          adds "Hiện / Ẩn"
   data-max or maxlength on a textarea    counts characters
   data-send on a select                  sends its filter form when changed
   data-filter="#table-id" on an input    hides rows that do not match, without regard to marks
   data-check-all on a checkbox           ticks the others of its form; [data-chosen] shows how many
   data-poll on an element                is fetched again every 2 seconds while the page still has it
   data-once on a form                    cannot be sent twice by a double click
   data-copy="text" on a button           copies it; [data-print] prints the page */
import { make, words } from "./words.js";

document.body.classList.add("scripted");
document.querySelector("[data-focus]")?.focus();

/* ---- asking ---- */
export function ask(question, { yes = words.confirm, no = words.cancel, danger = false, text = "" } = {}) {
  return new Promise((resolve) => {
    const dialog = make("dialog", { "aria-labelledby": "ask-title" }, make("h2", { id: "ask-title" }, question), ...(text ? [make("p", {}, text)] : []),
      make("form", { method: "dialog", class: "actions" }, make("button", { class: `btn ${danger ? "d" : "p"}`, value: "yes" }, yes),
        make("button", { class: "btn s", value: "no", autofocus: true }, no)));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  if (question && !form.dataset.agreed) {
    event.preventDefault();
    if (!(await ask(question, { yes: button?.textContent.trim() || words.confirm, danger: button?.classList.contains("d") }))) return;
    form.dataset.agreed = "yes";
    form.requestSubmit(button);
    return;
  }
  delete form.dataset.agreed;
  if (event.defaultPrevented || form.method !== "post" || form.dataset.autosave !== undefined) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal?.();
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
  const copier = event.target.closest?.("[data-copy]");
  if (copier) navigator.clipboard?.writeText(copier.dataset.copy).then(() => copier.append(" ✓"));
  if (event.target.closest?.("[data-print]")) window.print();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* ---- fields ---- */
for (const box of document.querySelectorAll("[data-secret]")) {
  const input = box.querySelector("input");
  const button = make("button", { type: "button", "aria-controls": input.id, "aria-pressed": "false" }, words.show);
  button.addEventListener("click", () => {
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    button.textContent = hidden ? words.hide : words.show;
    button.setAttribute("aria-pressed", String(hidden));
  });
  box.append(button);
}

for (const area of document.querySelectorAll("textarea[maxlength], textarea[data-max]")) {
  const most = Number(area.dataset.max ?? area.getAttribute("maxlength"));
  const counter = make("p", { class: "counter" });
  const count = () => {
    const left = most - [...area.value].length;
    counter.hidden = left > most / 4;
    counter.textContent = left < 0 ? words.over(-left) : words.left(left);
    counter.classList.toggle("bad", left < 0);
  };
  area.removeAttribute("maxlength");
  area.addEventListener("input", count);
  area.after(counter);
  count();
}

const MOST_BYTES = 20 * 1024 * 1024;
for (const input of document.querySelectorAll("input[type=file]")) {
  const said = make("p", { class: "error", role: "alert", hidden: true });
  input.before(said);
  input.addEventListener("change", () => {
    const big = [...input.files].find((file) => file.size > MOST_BYTES);
    said.hidden = !big;
    said.textContent = big ? words.tooBig(big.name) : "";
    if (big) input.value = "";
  });
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-send]")) event.target.form.requestSubmit();
  const all = event.target.closest?.("[data-check-all]");
  const form = event.target.form;
  if (all) for (const box of form.querySelectorAll("input[type=checkbox][name]:not([disabled])")) if (!box.closest("[hidden]")) box.checked = all.checked;
  const place = form?.querySelector("[data-chosen]");
  if (place) place.textContent = words.chosen(form.querySelectorAll("tbody input[type=checkbox]:checked, li input[type=checkbox]:checked").length);
});

/* ---- tables on a phone: of four columns or more, each row becomes a block whose cells carry their column's name ---- */
for (const table of document.querySelectorAll(".table:not(.sticky-first)")) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  if (heads.length < 4 || table.tHead.rows.length > 1) continue;
  table.classList.add("stacks");
  for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
    [...row.cells].forEach((cell, i) => {
      const name = heads[i]?.querySelector(".hide") ? "" : heads[i]?.textContent.trim();
      if (i && name && cell.colSpan === 1 && cell.textContent.trim()) cell.dataset.name = name;
    });
  }
}

/* ---- lists ---- */
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/\s+/g, " ").trim();
for (const input of document.querySelectorAll("[data-filter]")) {
  const rows = [...document.querySelectorAll(`${input.dataset.filter} tbody tr, ${input.dataset.filter} > li`)];
  const texts = rows.map((row) => fold(row.textContent));
  const nothing = make("p", { class: "muted", role: "status" });
  input.addEventListener("keydown", (event) => { if (event.key === "Enter" && input.form) event.preventDefault(); });
  document.querySelector(input.dataset.filter)?.after(nothing);
  input.addEventListener("input", () => {
    const wanted = fold(input.value).split(" ");
    rows.forEach((row, i) => { row.hidden = !wanted.every((word) => texts[i].includes(word)); });
    nothing.textContent = rows.some((row) => !row.hidden) ? "" : words.none;
  });
}

/* ---- progress of a job ---- */
async function poll(place) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(`#${CSS.escape(place.id)}`);
    if (!answer.ok || !fresh) return location.reload();
    place.replaceWith(fresh);
    if (fresh.dataset.poll !== undefined) setTimeout(() => poll(fresh), 2000);
  } catch {
    setTimeout(() => poll(place), 5000);
  }
}
for (const place of document.querySelectorAll("[data-poll][id]")) setTimeout(() => poll(place), 1500);

/* ---- answers and words that wait in this browser: any page of the same person sends the answers, signing out asks ---- */
for (const form of document.querySelectorAll("form[data-sign-out][data-owner]")) {
  const { owner } = form.dataset;
  const noted = (() => { try { return globalThis.localStorage; } catch { return undefined; } })();
  if (noted?.getItem("owner")) noted.setItem("owner", owner); // whoever was here before is offered nothing any more
  const typed = document.querySelector("form[method=post]:not([data-autosave]) :is(textarea, input[type=text])");
  if (typed || document.cookie.includes("taken=")) import("./jottings.js");
  const filling = document.querySelector("form[data-autosave], [data-outbox]");
  if (!filling && noted?.getItem(`unsent ${owner}`)) import("./leftovers.js").then(({ sendLeftovers }) => sendLeftovers(owner));
  form.addEventListener("submit", async (event) => {
    if (form.dataset.clean) return;
    event.preventDefault();
    event.stopPropagation();
    const { waiting, discard } = await import("./outbox.js");
    const { forgetPages } = await import("./kept_pages.js");
    const unsent = await waiting(owner);
    const jotted = Object.keys(noted ?? {}).filter((name) => name.startsWith(`jotting ${owner} `));
    if ((unsent.length || jotted.length) && !(await (await import("./sign_out.js")).offerToSend(owner, unsent, discard, jotted))) return;
    await forgetPages(owner);
    form.dataset.clean = "yes";
    form.requestSubmit();
  });
}
