// Hears from the server that something has changed; htmx then asks for what this person may see.
// One connection a page, and none while nobody looks at it: browsers have six for a host.

const told = document.querySelector("meta[name=live]");
const FIRST_DELAY = 5_000, MOST_DELAY = 300_000, LONGEST_REQUEST = 20_000;
let last = told.content;
let heardAt = -Infinity;
let source = null;
let again = 0;
let delay = FIRST_DELAY;

const tell = (name) => document.body.dispatchEvent(new CustomEvent(name));

function open() {
  if (source || document.hidden || !navigator.onLine) return;
  clearTimeout(again);
  const wanted = new URLSearchParams({ after: last });
  if (told.dataset.issue) wanted.set("issue", told.dataset.issue);
  source = new EventSource(`/live?${wanted}`);
  source.addEventListener("open", () => { delay = FIRST_DELAY; });
  source.addEventListener("changed", (event) => {
    last = event.lastEventId;
    heardAt = performance.now();
    tell("live-changed");
  });
  source.addEventListener("present", () => tell("live-present"));
  source.addEventListener("error", () => {
    // A stream that breaks is opened anew by the browser; one that was refused is not.
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    again = setTimeout(open, delay * (0.5 + Math.random()));
    delay = Math.min(2 * delay, MOST_DELAY);
  });
}

function close() {
  clearTimeout(again);
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else open(); });
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", open);
window.addEventListener("offline", close);
window.addEventListener("online", open);

// --- lists that are renewed while hints come ------------------------------------------------------

// Filters are chosen one after the other: their panel stays open, and the keyboard in its field.
let filtering = null;
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  // What was asked of a list that has been renewed since is said of another list.
  const stale = sourceElement?.id === "news" && request.action !== sourceElement.getAttribute("hx-get");
  if (stale) event.preventDefault();
  if (event.detail.ctx.target?.id !== "list") return;
  filtering = document.querySelector("details.filters[open]") && document.activeElement.id;
});

let pressed = false;
document.addEventListener("click", (event) => { pressed = Boolean(event.target.closest("[data-news]")); });
document.addEventListener("htmx:after:swap", (event) => {
  const part = event.detail.ctx.target?.id;
  if (part !== "list" && part !== "reports") return;
  const panel = document.querySelector("details.filters");
  if (panel && filtering !== null) {
    panel.open = true;
    panel.querySelector(`[id="${CSS.escape(filtering)}"]`)?.focus();
  }
  filtering = null;
  // A hint that came while the list was asked for may tell of more than stands in it.
  if (performance.now() - heardAt < LONGEST_REQUEST) tell("live-changed");
  // The link that was pressed has gone: the keyboard goes on from the list.
  if (pressed) document.getElementById(part)?.focus({ preventScroll: true });
  pressed = false;
});

open();
