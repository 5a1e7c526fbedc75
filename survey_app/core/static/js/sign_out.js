/* Signing out while some answers are unsent: Gửi trước / Ở lại / Bỏ. Nothing is dropped without asking.
   Words of plain forms (jottings.js) go by their own button only: their pages are named instead. */
import { keep, waiting } from "./outbox.js";
import { Sender } from "./sender.js";
import { make, words } from "./words.js";

async function sendAll(owner, said) {
  said.textContent = words.saving;
  for (const edit of await waiting(owner)) await keep(Object.assign(edit, { typing: false }));
  let ended = false;
  const sender = new Sender({ owner, assessment: null, token: "", tell: (event) => { ended ||= ["signed-out", "other-user"].includes(event); } });
  await sender.run();
  clearTimeout(sender.timer);
  const left = await waiting(owner);
  if (left.length) said.textContent = ended ? words.signIn : left.every((edit) => edit.blocked) ? words.notSendable : words.notSent;
  return !left.length;
}

function placesOf(jotted) {
  const pages = new Map(jotted.map((name) => JSON.parse(localStorage.getItem(name))).map(({ page, title }) => [page, title || page]));
  return make("div", {}, make("p", {}, words.jottedText), make("ul", {}, ...[...pages].map(([page, title]) => make("li", {}, make("a", { href: page }, title)))));
}

/** True when the person may be signed out now; `jotted` names their records in localStorage. */
export function offerToSend(owner, unsent, discard, jotted) {
  return new Promise((resolve) => {
    const said = make("p", { role: "status" }, unsent.length ? words.unsentText(unsent.length) : "");
    const dialog = make("dialog", { "aria-labelledby": "unsent-title" }, make("h2", { id: "unsent-title" }, words.unsentTitle), said);
    const end = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    const first = make("button", { type: "button", class: "btn p", hidden: !unsent.length, onclick: async () => {
      if (!(await sendAll(owner, said))) return;
      if (!jotted.length) return end(true);
      said.textContent = "";
      first.hidden = true;
    } }, words.sendFirst);
    const drop = async () => {
      await discard(owner);
      for (const name of jotted) localStorage.removeItem(name);
      end(true);
    };
    if (jotted.length) dialog.append(placesOf(jotted));
    dialog.append(make("div", { class: "actions" }, first,
      make("button", { type: "button", class: "btn s", onclick: () => end(false) }, words.stay),
      make("button", { type: "button", class: "btn d", onclick: drop }, words.dropAll)));
    dialog.addEventListener("cancel", () => end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}
