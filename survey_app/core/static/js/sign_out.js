/* Signing out while some answers are unsent: Gửi trước / Ở lại / Bỏ. Nothing is dropped without asking. */
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

/** True when the person may be signed out now. */
export function offerToSend(owner, unsent, discard) {
  return new Promise((resolve) => {
    const said = make("p", { role: "status" }, words.unsentText(unsent.length));
    const dialog = make("dialog", { "aria-labelledby": "unsent-title" }, make("h2", { id: "unsent-title" }, words.unsentTitle), said);
    const end = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    dialog.append(make("div", { class: "actions" },
      make("button", { type: "button", class: "btn p", onclick: async () => (await sendAll(owner, said)) && end(true) }, words.sendFirst),
      make("button", { type: "button", class: "btn s", onclick: () => end(false) }, words.stay),
      make("button", { type: "button", class: "btn d", onclick: async () => { await discard(owner); end(true); } }, words.dropAll)));
    dialog.addEventListener("cancel", () => end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}
