/* What is written in one box is written in another as well, until somebody writes there.
   <input data-mirror="signatory"> … <form method="post"><input name="signatory"></form> */
for (const box of document.querySelectorAll("[data-mirror]")) {
  const other = document.querySelector(`form[method=post] [name="${box.dataset.mirror}"]`);
  let own = false;
  other?.addEventListener("input", () => { own = true; });
  box.addEventListener("input", () => {
    if (!other || own) return;
    if (box.type === "checkbox") other.checked = box.checked;
    else other.value = box.value;
  });
}
