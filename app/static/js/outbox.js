// What has been said and is not stored yet. It waits in the browser's database, files and all, until the server has
// it, and is sent in order with the id it was given at first, so that sending twice is saying once.
import { refused } from "./html.js";
const RETRY = [2e3, 5e3, 15e3, 30e3];
const KEPT = 12 * 36e5; // the server lets a picture wait for its message for a day
const viewer = document.body.dataset.viewer;
const memory = new Map(); // where there is no database, for as long as the page lives

let opening = null;
function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("world-it", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("outbox", { keyPath: "clientId" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function store(mode, deed) {
  try {
    const open = await database();
    return await new Promise((resolve, reject) => {
      const transaction = open.transaction("outbox", mode);
      const request = deed(transaction.objectStore("outbox"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } catch {
    return null;
  }
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function put(entry) {
  memory.set(entry.clientId, entry);
  await store("readwrite", (outbox) => outbox.put(entry));
}

export async function drop(clientId) {
  memory.delete(clientId);
  await store("readwrite", (outbox) => outbox.delete(clientId));
}

export async function waiting() {
  const stored = (await store("readonly", (outbox) => outbox.getAll())) ?? [];
  const all = new Map([...memory.values(), ...stored].map((entry) => [entry.clientId, entry]));
  return [...all.values()].filter((entry) => entry.viewer === viewer).sort((one, other) => one.at - other.at);
}

function tell(entry, state, detail = {}) {
  document.dispatchEvent(new CustomEvent("outbox:state", { detail: { entry, state, ...detail } }));
}

function ask(address, form, timeout, progress = () => {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("HX-Request", "true");
    request.timeout = timeout;
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => resolve(request);
    request.onerror = request.ontimeout = request.onabort = () => resolve(null);
    request.send(form);
  });
}

// Pictures go first, each on its own; what has come through once need not go again.
async function upload(entry) {
  for (const [place, file] of entry.files.entries()) {
    if (entry.uploaded[place] && Date.now() - entry.uploaded[place].at < KEPT) continue;
    const form = new FormData();
    form.append("images", file, file.name);
    const answer = await ask("/pictures", form, 300e3, (share) => tell(entry, "sending", { place, share }));
    if (answer?.status !== 200) return answer ?? null;
    const id = answer.responseText.match(/name="image_ids" value="(\d+)"/)[1];
    entry.uploaded[place] = { id, at: Date.now() };
    await put(entry);
    tell(entry, "sending", { place, share: 1 });
  }
}

async function post(entry) {
  entry.uploaded ??= [];
  const failed = await upload(entry);
  if (failed !== undefined) return failed;
  const form = new FormData();
  form.set("client_id", entry.clientId);
  form.set("body", entry.body);
  if (entry.replyTo) form.set("reply_to", entry.replyTo);
  for (const { id } of entry.uploaded) form.append("image_ids", id);
  return ask(`/chats/${entry.chat}/messages`, form, 20e3);
}

// What was wrong: a note beside the composer, or a toast.
function sentence(html) {
  const words = refused(html).querySelector("p");
  return words?.matches(".message-note") ? words.outerHTML : words?.textContent ?? "";
}

let running = false, failures = 0, timer = 0;

async function pump() {
  clearTimeout(timer);
  if (running) return;
  running = true;
  try {
    const stuck = new Set();
    for (let entry; (entry = (await waiting()).find((one) => !one.refused && !stuck.has(one.chat))); ) {
      tell(entry, "sending");
      const answer = await post(entry);
      if (answer?.status === 200) {
        failures = 0;
        await drop(entry.clientId);
        tell(entry, "sent", { html: answer.responseText });
      } else if (answer?.getResponseHeader("HX-Redirect")) {
        location.assign(answer.getResponseHeader("HX-Redirect")); // signed out: the words wait for the next sign-in
        return;
      } else if (answer && answer.status < 500 && answer.status !== 429 && answer.status !== 408) {
        entry.refused = sentence(answer.responseText); // it stays with the words
        await put(entry);
        tell(entry, "refused");
      } else {
        stuck.add(entry.chat);
        for (const one of await waiting()) if (one.chat === entry.chat && !one.refused) tell(one, "failed");
        timer = setTimeout(flush, RETRY[Math.min(failures++, RETRY.length - 1)]);
      }
    }
  } finally {
    running = false;
  }
}

// One tab sends at a time where the browser can tell; where it cannot, the ids keep it harmless.
export function flush() {
  return navigator.locks ? navigator.locks.request("world-it-outbox", pump) : pump();
}

if (viewer) {
  document.addEventListener("live:open", flush);
  addEventListener("online", flush);
  flush();
}
