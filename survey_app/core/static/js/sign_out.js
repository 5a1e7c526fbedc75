/* Signing out while some answers are unsent: Gửi trước / Ở lại / Bỏ. Nothing is dropped without asking. */
import { Sender } from "./sender.js";
import { make, words } from "./words.js";

/** True when the person may be signed out now. */
export function offerToSend(form, owner, unsent, discard) {
  return new Promise((resolve) => {
    const said = make("p", { role: "status" }, words.unsentText(unsent.length));
    const dialog = make("dialog", { "aria-labelledby": "unsent-title" }, make("h2", { id: "unsent-title" }, words.unsentTitle), said);
    const end = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    const send = async () => {
      said.textContent = words.saving;
      const sender = new Sender({ owner, assessment: null, token: form.elements.csrf_token.value, tell: () => {} });
      await sender.run();
      if (await sender.pending()) said.textContent = words.notSent;
      else end(true);
    };
    dialog.append(make("div", { class: "actions" }, make("button", { type: "button", class: "btn p", onclick: send }, words.sendFirst),
      make("button", { type: "button", class: "btn s", onclick: () => end(false) }, words.stay),
      make("button", { type: "button", class: "btn d", onclick: async () => { await discard(owner); end(true); } }, words.dropAll)));
    dialog.addEventListener("cancel", () => end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}
