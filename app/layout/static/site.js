"use strict";
// Small comforts. Every page works without this file.

function say(text) {
  const toasts = document.getElementById("toasts");
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = text;
  toasts.append(line);
  setTimeout(() => line.remove(), 6000);
}

// The server sends {"toast": [{"text", "level"}]} with an answer; never anything one must read.
document.addEventListener("toast", (event) => {
  const told = event.detail.value ?? event.detail;
  for (const toast of [].concat(told)) say(toast.text ?? String(toast));
});

// After a page came by htmx, reading starts at its mistake or at its heading, as after a loaded page.
document.addEventListener("htmx:afterSettle", (event) => {
  if (!event.detail.boosted) return;
  const start = document.querySelector(".mistakes, [aria-invalid=true]") ?? document.querySelector("main h1");
  start?.focus({ preventScroll: start.matches("h1") });
  // A link to what stands in a fold opens it, as it does in a page that is loaded whole.
  const fold = location.hash && document.getElementById(location.hash.slice(1))?.closest("details:not([open])");
  if (fold) {
    fold.open = true;
    fold.scrollIntoView();
  }
});

// A page that was loaded whole with a mistake (a form with a file, say) starts there too.
document.querySelector(".mistakes")?.focus();

// A boosted link or form may end on an error page: show it, as a loaded page would be.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.boosted && event.detail.xhr.status >= 400) event.detail.shouldSwap = true;
});

document.addEventListener("htmx:sendError", () => say(document.getElementById("toasts").dataset.lost));

// The single keys / and ?, which a person may switch off on this device.
const off = () => localStorage.getItem("keys") === "off";
const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || off() || typing(event.target)) return;
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  } else if (event.key === "?") {
    const keys = document.getElementById("keys");
    document.getElementById("keys-off").checked = off();
    if (!keys.open) keys.showModal();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.id === "keys-off") localStorage.setItem("keys", event.target.checked ? "off" : "on");
});

// <button type="button" data-copy="#id"> copies what that element says.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
  say(document.getElementById("toasts").dataset.copied);
});
