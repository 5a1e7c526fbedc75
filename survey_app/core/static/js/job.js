// Keeps the progress page of a job up to date; reloads once when the job has ended.
const box = document.querySelector("[data-job]");

async function look() {
  try {
    const answer = await fetch(box.dataset.job, { headers: { Accept: "application/json" } });
    if (answer.ok) show(await answer.json());
  } catch { /* offline: try again */ }
  setTimeout(look, 1500);
}

function show({ state, done, total }) {
  if (state === "done" || state === "failed") return location.reload();
  const bar = box.querySelector("progress");
  if (!total) return;
  bar.max = total;
  bar.value = done;
  box.querySelector("[data-job-count]").textContent = `${done}/${total}`;
}

if (box) setTimeout(look, 1000);
