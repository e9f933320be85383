// What HTML cannot do: keys, copying, a ticking clock, pausing the live list, the panel beside it.
"use strict";

const byId = (id) => document.getElementById(id);
const wide = matchMedia("(min-width: 1100px)");
const said = byId("said");

function say(text) {
  said.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { said.textContent = ""; }, 2500);
}

function ready(root) {
  for (const each of root.querySelectorAll("[data-copy], [data-help], [data-pause]")) each.hidden = false;
  for (const each of root.querySelectorAll("[data-without-script]")) each.hidden = true;
}

// --- copying -------------------------------------------------------------------------------------------------------
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  say(document.body.dataset.copied);
}

// --- the clock -----------------------------------------------------------------------------------------------------
// It goes on by itself between two answers of the server, which know about jumps.
let clock, ahead;
function adjust() {
  const element = document.querySelector("[data-clock]");
  if (element === clock) return;
  clock = element;
  ahead = Date.parse(clock.dateTime) - Date.now();
}
function tick() {
  if (document.body.dataset.lost) return;
  adjust();
  const moment = Date.now() + ahead;
  const text = (hours) => new Date(moment + hours * 3600e3).toISOString();
  clock.textContent = text(0).slice(0, 19).replace("T", " ");
  document.querySelector("[data-clock-beijing]").textContent = text(8).slice(11, 16);
}
setInterval(tick, 1000);

// --- the live list -------------------------------------------------------------------------------------------------
let paused = false;
function holding(element) {
  if (element.matches("[data-calm]") && element.contains(document.activeElement)) return true;  // nobody loses the focus
  if (!element.matches("[data-live]")) return document.hidden;
  return paused || document.hidden || !getSelection().isCollapsed;
}
function pause(button) {
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
}
document.addEventListener("htmx:beforeRequest", (event) => {
  const polls = (event.target.getAttribute("hx-trigger") || "").startsWith("every");
  if (polls && holding(event.target)) event.preventDefault();
});
document.addEventListener("htmx:load", (event) => ready(event.target));

// --- a console that does not answer ----------------------------------------------------------------------------------
// Nothing may look as if it went on: the page says so until the next answer, and asks for it.
function lose() {
  document.body.dataset.lost = "1";
  byId("lost").hidden = false;
}
function regain() {
  if (!document.body.dataset.lost) return;
  delete document.body.dataset.lost;
  byId("lost").hidden = true;
  clock = undefined;
}
document.addEventListener("htmx:responseError", () => say(document.body.dataset.unanswered));
document.addEventListener("htmx:sendError", (event) => {
  lose();
  const panel = byId("panel");
  if (panel && event.detail.target === panel) panel.textContent = document.body.dataset.unanswered;
});
document.addEventListener("htmx:afterOnLoad", regain);

// --- forms count once ------------------------------------------------------------------------------------------------
// While one is on its way its buttons rest; the server counts the second of two in any case.
function rest(form, resting) {
  form.toggleAttribute("aria-busy", resting);
  if (resting) form.setAttribute("aria-busy", "true");
  for (const each of form.querySelectorAll("button")) each.setAttribute("aria-disabled", String(resting));
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post") return;
  if (form.getAttribute("aria-busy") === "true") { event.preventDefault(); event.stopImmediatePropagation(); return; }
  setTimeout(() => rest(form, true));
}, true);
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form[aria-busy]");
  if (form) rest(form, false);
});

// --- rows and the panel --------------------------------------------------------------------------------------------
const rows = () => [...document.querySelectorAll("[data-row]")].filter((each) => each.offsetParent);
function move(step) {
  const all = rows();
  const at = all.indexOf(document.activeElement.closest("[data-row]"));
  const marked = at < 0 ? all.findIndex((each) => each.getAttribute("aria-current")) : at;
  const next = all[Math.min(Math.max(marked + step, 0), all.length - 1)];
  if (!next) return;
  next.focus();
  const panel = byId("panel");
  if (panel && !panel.hidden && next.dataset.part) open(next);
}
function choose(link, chosen) {
  if (!link) return;
  link.toggleAttribute("aria-current", chosen);
  if (chosen) link.setAttribute("aria-current", "true");
  const row = link.closest("tr");
  if (row) row.classList.toggle("chosen", chosen);
}
function mark(link) {
  choose(document.querySelector("[data-row][aria-current]"), false);
  if (link) choose(document.querySelector(`tr [data-row="${CSS.escape(link.dataset.row)}"]`), true);
  const address = new URL(location.href);
  if (link) address.searchParams.set("call", link.dataset.row);
  else address.searchParams.delete("call");
  history.replaceState(history.state, "", address);
}
function open(link) {
  const panel = byId("panel");
  if (!panel || !wide.matches) return false;
  htmx.ajax("GET", link.dataset.part, { target: "#panel", swap: "innerHTML" }).then(() => { panel.scrollTop = 0; }, () => {});
  panel.hidden = false;
  mark(link);
  return true;
}
function enter() {
  const panel = byId("panel");
  if (panel && !panel.hidden) panel.focus();
}
function close() {
  const panel = byId("panel");
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  panel.replaceChildren();
  const link = document.querySelector("[data-row][aria-current]");
  mark(null);
  if (link) link.focus();
}

document.addEventListener("click", (event) => {
  const found = (selector) => event.target.closest(selector);
  if (found("[data-copy]")) copy(found("[data-copy]"));
  else if (found("[data-pause]")) pause(found("[data-pause]"));
  else if (found("[data-help]")) byId("keys").showModal();
  else if (found("[data-close]") && byId("panel")) { event.preventDefault(); close(); }
  else if (found("[data-part]") && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    if (open(found("[data-part]"))) {
      event.preventDefault();
      if (event.detail === 0) enter();  // by keyboard
    }
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// --- filters -------------------------------------------------------------------------------------------------------
// A choice counts at once, and what is not chosen does not stand in the address.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-filters]");
  if (form) form.requestSubmit();
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-filters]")) return;
  for (const field of event.target.elements) field.disabled = field.disabled || field.value === "";
});
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[data-filters] :disabled")) field.disabled = false;
});

// --- keys ----------------------------------------------------------------------------------------------------------
let going = 0;
const simple = {
  j: () => move(1),
  k: () => move(-1),
  "?": () => byId("keys").showModal(),
  "/": () => { const field = document.querySelector("[data-search]"); if (field) field.focus(); },
  p: () => { const button = document.querySelector("[data-pause]"); if (button) pause(button); },
  g: () => { going = Date.now(); },
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    else if (!document.querySelector("dialog[open]")) close();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog[open], [contenteditable]")) return;
  const page = Date.now() - going < 1500 && document.querySelector(`.side [data-key="${CSS.escape(event.key)}"]`);
  if (page) { event.preventDefault(); page.click(); }
  else if (Object.hasOwn(simple, event.key)) { event.preventDefault(); simple[event.key](); }
});

ready(document);
