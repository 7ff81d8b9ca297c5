// Actions that wait on this device: kept until they are sent, sent once each, gone when sent.
const DATABASE = "samsyn-unsent";
const ADDRESS = "/log-action/unsent";

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("actions", { keyPath: "key" });
      asked.result.createObjectStore("device", { keyPath: "name" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(store, mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      const asked = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export const keep = (action) => within("actions", "readwrite", (store) => store.put(action));
export const drop = (key) => within("actions", "readwrite", (store) => store.delete(key));

export async function remember(name, value) {
  await within("device", "readwrite", (store) => store.put({ name, value }));
}

export async function remembered(name) {
  return (await within("device", "readonly", (store) => store.get(name)))?.value;
}

export const forget = () => within("device", "readwrite", (store) => store.clear());

// What waits here and is the user's own, in the order in which it was written.
export async function waiting() {
  const owner = await remembered("owner");
  const all = await within("actions", "readonly", (store) => store.getAll());
  return all.filter((action) => action.owner === owner).sort((a, b) => (a.at < b.at ? -1 : 1));
}

async function ask(options) {
  try {
    const answer = await fetch(ADDRESS, { headers: { Accept: "application/json" }, ...options });
    if (answer.status === 401) return { state: "signed-out" };
    if (answer.status >= 500 || answer.status === 429) return { state: "offline" };
    return { state: answer.ok ? "ok" : "refused", told: await answer.json() };
  } catch {
    return { state: "offline" };
  }
}

async function sendInTurn(only) {
  const actions = (await waiting()).filter(({ key }) => !only || key === only);
  if (!actions.length) return { state: "nothing" };
  const me = await ask({ method: "GET" });
  if (me.state !== "ok") return me;
  let last = { state: "nothing" };
  for (const action of actions.filter(({ owner }) => owner === me.told.owner)) {
    const body = new URLSearchParams(action.fields);
    body.set("_csrf_token", me.told.token);
    body.set("_owner", action.owner);
    last = await ask({ method: "POST", body });
    if (last.state === "ok") await drop(action.key);
    else if (last.state === "refused") await keep({ ...action, refused: last.told.said ?? "" });
    else return last;
  }
  return last;
}

// Send what waits, or one action only; two tabs take turns. Whatever fails stays.
export const send = (only) =>
  navigator.locks.request(DATABASE, () => sendInTurn(only)).then((outcome) => {
    dispatchEvent(new CustomEvent("unsent", { detail: outcome }));
    return outcome;
  });

const banner = document.querySelector("[data-unsent-count]");

async function show() {
  if (!banner) return;
  const count = (await waiting()).length;
  banner.hidden = count === 0;
  banner.querySelector("[data-count]").textContent = String(count);
}

if (document.body.hasAttribute("data-signed-out")) await forget();
addEventListener("unsent", show);
addEventListener("online", () => send());
await show();
if (navigator.onLine) send();
