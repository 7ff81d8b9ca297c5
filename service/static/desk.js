// The one module of the pages: single keys, rows chosen together, and text that must not be lost.
// Every page works without it; it keeps nothing on the device.

const page = document.documentElement;
const WRITES = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

// --- single keys (switched off by data-keys, WCAG 2.1.4) -----------------------------------------

const rows = () => [...document.querySelectorAll("[data-row]")];
const rowOf = (element) => element?.closest?.("[data-row]");

function step(by) {
  const all = rows();
  if (all.length === 0) return false;
  const at = all.indexOf(rowOf(document.activeElement) ?? rowOf(document.querySelector("[data-row] [aria-current]")));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  const link = next.querySelector("a");
  link.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

const onRows = {
  j: () => step(1),
  k: () => step(-1),
  o: () => { const link = rowOf(document.activeElement)?.querySelector("a"); link?.click(); return Boolean(link); },
  x: () => { const box = rowOf(document.activeElement)?.querySelector("input[type=checkbox]"); box?.click(); return Boolean(box); },
};

function pressed(key) {
  if (onRows[key]?.()) return true;
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (target.matches("input")) { target.focus(); target.select(); } else { target.click(); }
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const writing = event.target.closest?.(WRITES);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && writing?.form) {
    event.preventDefault();
    writing.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || page.dataset.keys === "off") return;
  if (writing) {
    if (event.key === "Escape") writing.blur();
    return;
  }
  if (event.key.length === 1 && pressed(event.key)) event.preventDefault();
});

// --- rows chosen together ------------------------------------------------------------------------

function tellChosen(form) {
  const boxes = [...document.querySelectorAll(`input[type=checkbox][name=row]`)];
  const chosen = boxes.filter((box) => box.checked).length;
  const said = form.querySelector("[data-chosen]");
  said.textContent = said.dataset.chosen.replace("#", chosen);
  form.classList.toggle("some", chosen > 0);
  const all = document.querySelector("[data-all]");
  if (all) {
    all.hidden = false;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

document.addEventListener("change", (event) => {
  const form = document.querySelector("form[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-all]")) {
    for (const box of document.querySelectorAll("input[type=checkbox][name=row]")) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-all], input[name=row]")) tellChosen(form);
});

// --- what can be taken back, while it can (the server counts too) --------------------------------

const undo = document.querySelector("form[data-undo]");
if (undo) {
  let left = Number(undo.dataset.undo);
  const words = undo.querySelector("button").firstChild;
  const ticking = setInterval(() => {
    left -= 1;
    if (left > 0) { words.data = words.data.replace(/\d+/, left); return; }
    clearInterval(ticking);
    if (undo.contains(document.activeElement)) document.querySelector("main").focus();
    undo.remove();
  }, 1000);
}

// --- menus that are wider than a phone: what is chosen stands in view -----------------------------

function showChosen() {
  for (const chosen of document.querySelectorAll("nav ul a[aria-current]")) {
    const list = chosen.closest("ul");
    // Not scrollIntoView, which would move the page as well.
    const [from, to] = [list.getBoundingClientRect(), chosen.getBoundingClientRect()];
    list.scrollLeft += to.left - from.left - (from.width - to.width) / 2;
  }
}

function begin() {
  const form = document.querySelector("form[data-bulk]");
  if (form) tellChosen(form);
}

// --- text that must not be lost ------------------------------------------------------------------

let unsaved = false;

let draft = 0;

async function keepDraft(form) {
  try {
    const answer = await fetch("/drafts", {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "text/plain" },
    });
    if (!answer.ok && answer.status !== 409) return;
    unsaved = !answer.ok;
    form.querySelector("[data-draft]").textContent = await answer.text();
  } catch { /* without a net nothing is saved, and leaving the page asks */ }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard], form[data-leave]");
  if (!form) return;
  unsaved = true;
  if (!form.hasAttribute("data-guard")) return;
  clearTimeout(draft);
  draft = setTimeout(keepDraft, 2000, form);
});
document.addEventListener("submit", (event) => {
  // The small forms of the head and of drafts send nothing of what is being written beside them.
  if (!event.target.matches("form[data-guard], form[data-leave]")) return;
  clearTimeout(draft);
  unsaved = false;
});
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

// --- what is printed stands in the access log ----------------------------------------------------

page.setAttribute("data-tells-of-prints", "");
const PRINT_AGAIN_MS = 20_000;

async function tellOfPrint(told) {
  let kept = false;
  try {
    kept = (await fetch("/printed", { method: "POST", body: told, keepalive: true })).status < 500;
  } catch { /* the net went away while the page was printed: told until it is back */ }
  const lost = document.querySelector("[data-print-lost]");
  if (lost) lost.hidden = kept;
  if (!kept) setTimeout(tellOfPrint, PRINT_AGAIN_MS, told);
}

window.addEventListener("beforeprint", () => {
  const token = document.querySelector("[name=_csrf_token]")?.value;
  if (!token) return;
  // Without a net nothing of the page is printed, only where to print it from: nobody could note it.
  page.toggleAttribute("data-tells-of-prints", navigator.onLine);
  if (!navigator.onLine) return;
  tellOfPrint(new URLSearchParams({ page: location.pathname, _csrf_token: token }));
});
window.addEventListener("afterprint", () => page.setAttribute("data-tells-of-prints", ""));

document.addEventListener("htmx:after:swap", (event) => {
  begin();
  // Not when counts are renewed: whoever has moved the menu is looking for another entry.
  if (event.detail.ctx.target?.id === "list") showChosen();
});
begin();
showChosen();
