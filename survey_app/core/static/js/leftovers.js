/* On pages without answers: sends what still waits from a filling page of the same person, and says what could not go. */
import { noneLeft, waiting } from "./outbox.js";
import { Sender } from "./sender.js";
import { make, words } from "./words.js";

/** Send everything that waits of a person, of whichever form. */
export async function sendLeftovers(owner) {
  const line = make("p", { class: "saved", role: "status", "data-left": "" });
  const say = async () => {
    const left = (await waiting(owner)).length;
    if (left) Object.assign(line.dataset, { state: "kept" });
    line.textContent = left ? words.unsentText(left) : "";
    if (!left) noneLeft(owner);
  };
  document.querySelector("main")?.prepend(line);
  const sender = new Sender({ owner, assessment: null, token: "", tell: (event) => event !== "saving" && say() });
  await sender.now();
  await say();
}
