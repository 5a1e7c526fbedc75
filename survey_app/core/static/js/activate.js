// The QR code of a letter (and the link of an e-mail) carries the code behind "#", which browsers never send: put it into the field.
const typed = location.hash.slice(1);
const field = document.querySelector("input[name=code]");

if (field && !field.value && /^[0-9A-Za-z-]{10,40}$/.test(typed)) {
  field.value = typed;
  history.replaceState(null, "", location.pathname);
  document.querySelector("input[name=password]")?.focus();
}
