// The focus stays where one works: what had it and is made anew, in the page or as a page of its own, has it again.
"use strict";

(() => {
  const KEPT = "focus", FRESH = 20000, REACHABLE = "a[href], button:not([disabled]), input, select, textarea, summary, [tabindex='0']";
  let byKeyboard = false;
  addEventListener("keydown", () => { byKeyboard = true; }, true);
  addEventListener("pointerdown", () => { byKeyboard = false; }, true);

  const path = (address) => address && new URL(address, location.href).pathname;
  const action = (element) => (element.form ? path(element.form.getAttribute("action")) : path(element.getAttribute("href"))) || "";
  const words = (element) => element.getAttribute("aria-label") || element.textContent.trim();

  // What an element is told from others by, and what it stands in.
  function described(element) {
    const around = [];
    for (let each = element.parentElement; each && each !== document.body; each = each.parentElement) if (each.id) around.push(each.id);
    return { id: element.id, tag: element.tagName, name: element.name || "", words: words(element), action: action(element), around };
  }
  function again(known) {
    const like = (each) => each.tagName === known.tag && (each.name || "") === known.name && action(each) === known.action
      && (/^(INPUT|SELECT|TEXTAREA)$/.test(known.tag) || words(each) === known.words);
    const seen = (each) => each && each.checkVisibility() && !each.disabled;
    const all = [document.getElementById(known.id), ...[...document.querySelectorAll(REACHABLE)].filter(like)].filter(Boolean);
    const found = all.find(seen) || all.map((each) => each.closest("details")).map((menu) => menu && menu.querySelector("summary")).find(seen);
    if (found) return found;
    const place = known.around.map((id) => document.getElementById(id)).find(Boolean);
    return (place && place.id !== "main" && [...place.querySelectorAll(REACHABLE)].find(seen)) || document.getElementById("main");
  }
  const lost = () => !document.activeElement || document.activeElement === document.body;

  // Past the navigation, and the address stays as it is.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });

  // A part of the page is made anew.
  let before = null;
  document.addEventListener("htmx:beforeSwap", () => { if (!lost()) before = described(document.activeElement); });
  document.addEventListener("htmx:afterSettle", () => {
    if (before && lost()) again(before).focus();
    before = null;
  });

  // The page is: by a form, or as another state of it. By mouse nobody misses the focus.
  let sent = false;
  document.addEventListener("submit", (event) => { sent = !event.defaultPrevented && event.target.getAttribute("method") === "post"; });
  addEventListener("pagehide", () => {
    if (byKeyboard && !lost()) sessionStorage.setItem(KEPT, JSON.stringify({ ...described(document.activeElement), at: Date.now(), from: sent ? "" : location.pathname }));
  });
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  sessionStorage.removeItem(KEPT);
  const here = kept && Date.now() - kept.at < FRESH && ["", location.pathname].includes(kept.from);
  if (here && lost() && !document.querySelector("[autofocus]")) {
    byKeyboard = true;
    again(kept).focus();
  }
})();
