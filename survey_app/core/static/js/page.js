/* On every page: small courtesies; nothing here is needed to use the page. */
document.body.classList.add("scripted");
