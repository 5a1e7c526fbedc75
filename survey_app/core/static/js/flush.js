/* On the page before handing in: sends answers that still wait in this browser. Most of the time there are none,
   and a slow phone is spared the script that saves them.
   <div data-outbox data-owner="USER_ID" data-assessment="UID"></div> */
import { waiting } from "./outbox.js";

const place = document.querySelector("[data-outbox]");
if (place && (await waiting(place.dataset.owner, place.dataset.assessment)).length) await import("./autosave.js");
