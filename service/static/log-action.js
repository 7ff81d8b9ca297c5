// The form of an action in a browser that may lose its net: what is saved is kept first, then sent.
const form = document.querySelector("form[data-unsent]");
const list = document.querySelector("[data-list]");
const said = document.querySelector("[data-said]");
const AGAIN_MS = 20_000;
const { drop, forget, keep, remember, remembered, send, waiting } = await import(form.dataset.unsent);

const say = (words) => {
  said.textContent = words;
  said.hidden = !words;
};
const field = (name) => form.querySelector(`[name="${name}"]`);
const words = (input) => input?.closest("label")?.textContent.trim() ?? "";

// In Göteborg, as the server reads times without a zone, wherever the device thinks that it is.
function localNow() {
  const now = new Date().toLocaleString("sv-SE", { timeZone: "Europe/Stockholm" });
  return now.slice(0, 16).replace(" ", "T");
}

// An action is of now when it is saved, not when it is sent or when the form was opened.
const timed = (fields) => fields.map(([name, value]) =>
  [name, name === "performed_from" && !value ? localNow() : value]);

// What a script has written in a hidden field stays there when a form is reset.
function clear() {
  form.reset();
  field("place_lat").value = field("place_lon").value = "";
  const where = form.querySelector("[data-position] [role=status]");
  if (where) where.textContent = "";
}

// Begins with the time, like every id: keys of one user then lie side by side in the log's index.
const newKey = () =>
  `${Date.now().toString(16).padStart(12, "0")}7${crypto.randomUUID().replaceAll("-", "").slice(13)}`;

function begin() {
  clear();
  field("_key").value = newKey();
}

function put([name, value]) {
  if (name.startsWith("_") && name !== "_key") return;
  const option = form.querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`);
  const input = field(name);
  if (option && ["radio", "checkbox"].includes(option.type)) option.checked = true;
  else if (input) input.value = value;
  // An issue that is not in the list any more is written by its number.
  if (name === "issue" && input.value !== value) field("issue_number").value = value;
}

async function show() {
  const actions = await waiting();
  list.hidden = actions.length === 0;
  list.querySelector("ul").replaceChildren(
    ...actions.map((action) => {
      const row = list.querySelector("template").content.cloneNode(true);
      row.querySelector("[data-what]").textContent = action.words;
      row.querySelector("[data-at]").textContent = new Date(action.at).toLocaleTimeString(
        document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      const refused = action.refused !== undefined;
      const why = row.querySelector("[data-why]");
      why.textContent = action.refused ?? "";
      why.hidden = row.querySelector("[data-mend]").hidden = !refused;
      row.querySelector("[data-fix]").addEventListener("click", () => {
        clear();
        action.fields.forEach(put);
        form.querySelector("input, select, textarea").closest("form").scrollIntoView();
      });
      row.querySelector("[data-drop]").addEventListener("click", async () => {
        if (!confirm(said.dataset.sure)) return;
        await drop(action.key);
        await show();
      });
      return row;
    }),
  );
}

function isWhole() {
  return form.querySelector("[name=action_type]:checked") && (field("issue").value || field("issue_number").value.trim());
}

async function save(event) {
  event.preventDefault();
  const owner = await remembered("owner");
  if (!owner) return say(said.dataset.stranger);
  const type = form.querySelector("[name=action_type]:checked");
  const issue = field("issue_number").value || field("issue").value;
  const action = {
    key: field("_key").value,
    owner,
    at: new Date().toISOString(),
    words: `${words(type)}, ${issue}`,
    fields: timed([...new FormData(form)].filter(([name]) => name !== "_csrf_token")),
  };
  await keep(action);
  const outcome = await send(action.key);
  if (outcome.state === "ok") return location.assign(outcome.told.location);
  if (outcome.state === "refused" && form.dataset.kept === undefined) {
    // The server says on a page of its own what is wrong, beside the fields, with all that was typed.
    await drop(action.key);
    return form.submit();
  }
  if (outcome.state === "refused") return show();
  if (!isWhole()) {
    await drop(action.key);
    return say(said.dataset.missing);
  }
  begin();
  await show();
  say(outcome.state === "signed-out" ? said.dataset.signedOut : said.dataset.waits);
  said.scrollIntoView();
}

// Numbers and public titles of issues, so that one can be chosen without a net.
async function nearIssues() {
  const select = field("issue");
  if (form.dataset.kept === undefined) {
    // Those near a place stay out of it: the device keeps no word of where it has been.
    const usual = [...select.querySelectorAll("[data-usual] option")];
    return remember("near", usual.map(({ value, text }) => [value, text]));
  }
  for (const [value, text] of (await remembered("near")) ?? []) select.lastElementChild.append(new Option(text, value));
}

// Without a net the list stays as it is: nobody can say what is near.
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.id === "near" && !navigator.onLine) event.preventDefault();
});

let sending = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  sending = true;
  try {
    await save(event);
  } finally {
    sending = false;
  }
});
if (form.dataset.owner) {
  if ((await remembered("owner")) !== form.dataset.owner) await forget();
  await remember("owner", form.dataset.owner);
} else begin();
await nearIssues();
addEventListener("unsent", async ({ detail }) => {
  await show();
  if (detail.state === "signed-out") say(said.dataset.signedOut);
});
await show();
send();
setInterval(() => { if (!document.hidden) send(); }, AGAIN_MS);
const worker = await navigator.serviceWorker?.register("/service-worker.js");
if (form.dataset.kept === undefined) worker?.active?.postMessage("refresh");
