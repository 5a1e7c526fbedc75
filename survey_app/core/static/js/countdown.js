/* Counts down what is left until a deadline of the last day: <span data-seconds-left="3540">còn 59 phút</span>
   The server says how much is left, so a phone whose clock is wrong counts right too. Without this script the
   sentence stays as it was when the page was made. */
import { words } from "./words.js";

const HOUR = 3600;
const opened = Date.now();

for (const place of document.querySelectorAll("[data-seconds-left]")) {
  const given = Number(place.dataset.secondsLeft);
  place.setAttribute("role", "timer");
  tell(place, given);
}

function tell(place, given) {
  const left = given - Math.floor((Date.now() - opened) / 1000);
  place.textContent = words.timeLeft(left);
  if (left < 0) return place.closest(".due")?.classList.add("over");
  setTimeout(() => tell(place, given), left > HOUR ? 15_000 : 1000);
}
