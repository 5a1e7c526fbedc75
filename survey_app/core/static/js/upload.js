/* Sends the files of a form[data-upload] one by one with a progress bar; without this script the form sends one file.

   <form data-upload data-next="/evidence" method="post" enctype="multipart/form-data">   fields of evidence.forms.UploadForm
     <input type="file" name="photo" capture> <input type="file" name="file"> <input name="title"> …
   The file choosers become buttons that show what was chosen. Photographs are made smaller first (shrink.js).
   When all are stored the form fires "stored" (bubbles, detail: the server's answers); unless that is prevented
   the page goes to data-next, or is loaded again.
   Answers: 200/201 {uid, title, thumb, url, same} · others {error}. What was typed stays in the page until all is sent. */
import { shrink } from "./shrink.js";
import { make, words } from "./words.js";

const BUSY_PAUSE = 3000;
const BUSY_TRIES = 5;

for (const form of document.querySelectorAll("form[data-upload]")) upload(form);

function upload(form) {
  const inputs = [...form.querySelectorAll("input[type=file]")];
  const title = form.elements.title;
  const bar = make("progress", { max: 100, value: 0, hidden: true, "aria-label": words.uploading("") });
  const said = make("p", { class: "saved", role: "status" });
  const wrong = make("p", { class: "error", role: "alert", hidden: true });
  const button = form.querySelector("button[type=submit]");
  (button.closest(".actions") ?? button).before(make("div", { class: "upload-state" }, bar, said, wrong));
  const label = button.textContent;
  for (const input of inputs) {
    if (!input.hasAttribute("capture")) input.multiple = true;
    dress(input);
    input.addEventListener("change", () => propose(title, input));
  }

  form.addEventListener("submit", async (event) => {
    const files = inputs.flatMap((input) => [...input.files]);
    if (!files.length) return; // the server says that a file is missing
    event.preventDefault();
    const missing = form.querySelector(":is(input, select, textarea):invalid");
    show(said, wrong, "", missing ? words.missing(labelOf(missing)) : "");
    if (missing) return missing.focus();
    button.disabled = true;
    try {
      const stored = await sendAll(form, files, (name, part) => {
        bar.hidden = false;
        bar.value = Math.round(part * 100);
        show(said, wrong, part < 1 ? words.uploading(name) : words.checking(name), "");
      });
      if (form.dispatchEvent(new CustomEvent("stored", { bubbles: true, cancelable: true, detail: stored }))) leave(form, stored);
      form.reset();
      show(said, wrong, "", "");
      button.textContent = label;
    } catch (error) {
      show(said, wrong, "", error.message);
      keepUnsent(inputs, files.slice(error.sent ?? 0));
      button.textContent = error.again ? words.tryAgain : label;
    } finally {
      bar.hidden = true;
      button.disabled = false;
    }
  });
}

function labelOf(field) {
  return field.labels?.[0]?.innerText.split("\n")[0] ?? "";
}

/** A button in the page's own words in front of the browser's file chooser, and what was chosen behind it. */
function dress(input) {
  const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
  const chosen = make("ul", { class: "thumbs chosen" });
  input.classList.add("hide");
  input.after(make("label", { for: input.id, class: "add", "aria-hidden": "true" }, `+ ${label.textContent}`), chosen);
  label.classList.add("hide");
  input.addEventListener("change", () => chosen.replaceChildren(...[...input.files].map(preview)));
  input.form.addEventListener("reset", () => chosen.replaceChildren());
}

function preview(file) {
  const item = make("li", {});
  if (file.type.startsWith("image/")) {
    const picture = make("img", { alt: "", src: URL.createObjectURL(file) });
    picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
    picture.addEventListener("error", () => picture.parentElement.remove(), { once: true });
    item.append(make("div", { class: "thumb" }, picture));
  }
  item.append(make("span", {}, file.name));
  return item;
}

function show(said, wrong, text, problem) {
  said.textContent = text;
  said.dataset.state = "saving";
  wrong.textContent = problem;
  wrong.hidden = !problem;
}

/** A name from the file's own, when the person has typed none and it says more than a camera's number. */
function propose(title, input) {
  const name = input.files[0]?.name.replace(/\.[^.]*$/, "").replace(/[_\s]+/g, " ").trim() ?? "";
  if (title?.type === "text" && title.value === title.defaultValue && !/^(img|dsc|image|photo|z)?[\s\d\-.()a-f]*$/i.test(name)) title.value = name;
}

/** What was not sent yet stays chosen. */
function keepUnsent(inputs, files) {
  const kept = new DataTransfer();
  for (const file of files) kept.items.add(file);
  for (const input of inputs) {
    if (input.multiple) input.files = kept.files;
    else input.value = "";
  }
}

/* The next page marks what has just come by its code, where the server gave it one. */
function leave(form, stored) {
  if (!form.dataset.next) return location.reload();
  const next = new URL(form.dataset.next, location);
  const { code } = stored.at(-1) ?? {};
  if (code) next.searchParams.set("added", code);
  location.assign(next);
}

async function sendAll(form, files, tell) {
  const stored = [];
  for (const [index, original] of files.entries()) {
    const { file, capturedOn } = await shrink(original);
    const body = new FormData(form);
    body.delete("photo");
    body.set("file", file, file.name);
    if (capturedOn) body.set("captured_on", capturedOn);
    if (index) body.set("title", `${body.get("title")} (${index + 1})`);
    try {
      stored.push(await send(form.action, body, (part) => tell(original.name, part)));
    } catch (error) {
      error.sent = index;
      throw error;
    }
  }
  return stored;
}

async function send(url, body, tell) {
  for (let tried = 1; ; tried += 1) {
    const answer = await post(url, body, tell);
    if (answer.status === 200 || answer.status === 201) return answer.data;
    if (answer.status !== 503 || tried === BUSY_TRIES) {
      throw Object.assign(new Error(reason(answer)), { again: answer.status === 0 || answer.status >= 500 });
    }
    await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE));
  }
}

function reason({ status, data }) {
  if (status === 0) return words.notUploaded;
  if (status === 401) return words.signIn;
  return data?.error ?? words.notUploaded;
}

function post(url, body, tell) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && tell(event.loaded / event.total);
    request.onloadend = () => resolve({ status: request.status, data: request.response });
    request.send(body);
  });
}
