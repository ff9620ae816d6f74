// Saying something: it stands in the log at once, waits in the outbox, and is replaced by what the server stored.
import { following, log, toEnd } from "./chat.js";
import { upsert } from "./live.js";
import { drop, flush, newId, put, waiting } from "./outbox.js";

const viewer = document.body.dataset.viewer;
const find = (selector, root = document) => root.querySelector(selector);
const composer = () => find("[data-composer]");
const field = () => find("textarea", composer());
const touch = matchMedia("(pointer: coarse)").matches;

// --- What is not stored yet.

function pendingBubble(entry) {
  const present = find(`.pending[data-client-id="${entry.clientId}"]`);
  if (present || composer()?.dataset.composer !== String(entry.chat)) return present;
  const bubble = find("[data-pending]", composer()).content.firstElementChild.cloneNode(true);
  bubble.dataset.clientId = entry.clientId;
  find(".message-body", bubble).textContent = entry.body;
  for (const file of entry.files) find(".pending-pictures", bubble).append(shown(new Image(), file));
  bubble.entry = entry;
  log().append(bubble);
  return bubble;
}

function shown(image, file) {
  image.alt = "";
  image.src = URL.createObjectURL(file);
  image.onload = () => URL.revokeObjectURL(image.src);
  return image;
}

function showState(entry, state, share = 1) {
  const bubble = pendingBubble(entry);
  if (!bubble) return;
  for (const line of bubble.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== state;
  const progress = find("progress", bubble);
  progress.hidden = !(entry.files.length && share < 1);
  progress.value = share * 100;
  if (entry.refused) find("[data-reason]", bubble).innerHTML = entry.refused;
  if (state === "refused") bubble.scrollIntoView({ block: "nearest" });
  else if (following) toEnd();
}

async function showWaiting() {
  for (const entry of await waiting()) showState(entry, entry.refused ? "refused" : "failed");
}

document.addEventListener("outbox:state", ({ detail: { entry, state, html, share } }) => {
  if (state !== "sent") return showState(entry, state, share);
  if (log()?.dataset.chatId !== String(entry.chat)) return;
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  upsert(log(), parsed.content.querySelector(".message"));
});

document.addEventListener("live:message", ({ detail: { element } }) => {
  if (element.dataset.author !== viewer) return;
  find(`.pending[data-client-id="${CSS.escape(element.dataset.clientId)}"]`)?.remove();
  drop(element.dataset.clientId);
});

document.addEventListener("live:placed", ({ detail: element }) => element === log() && showWaiting());

// --- Pictures that come along.

let chosen = [];

function choose(files) {
  chosen = [...chosen, ...[...files].filter((file) => file.type.startsWith("image/"))].slice(0, 10);
  const shelf = find("[data-previews]", composer());
  for (const old of shelf.querySelectorAll("[data-local]")) old.remove();
  for (const file of chosen) {
    const preview = find("[data-preview]", composer()).content.firstElementChild.cloneNode(true);
    preview.dataset.local = "";
    preview.file = file;
    shown(find("img", preview), file);
    shelf.append(preview);
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-composer] [name=images]")) return;
  choose(event.target.files);
  event.target.value = "";
});
document.addEventListener("paste", (event) => {
  const { files, types } = event.clipboardData;
  // Words copied from an office program bring a picture of themselves along.
  if (!event.target.matches?.("[data-composer] *") || !files.length || types.includes("text/plain")) return;
  event.preventDefault();
  choose(files);
});
document.addEventListener("dragover", (event) => event.target.closest?.("[data-open-chat]") && event.preventDefault());
document.addEventListener("drop", (event) => {
  if (!composer() || !event.target.closest?.("[data-open-chat]") || !event.dataTransfer.files.length) return;
  event.preventDefault();
  choose(event.dataTransfer.files);
});

// --- Words.

const draftKey = () => `draft-${viewer}-${composer().dataset.composer}`;

function write(words) {
  field().value = words;
  fit();
}

function fit() {
  if (CSS.supports("field-sizing", "content")) return; // the style sheet does it
  field().style.height = "";
  field().style.height = `${field().scrollHeight + 2}px`;
}

function keepDraft() {
  try {
    const { value } = field();
    value ? localStorage.setItem(draftKey(), value) : localStorage.removeItem(draftKey());
  } catch { /* private windows may have no storage */ }
}

function draft() {
  try {
    return localStorage.getItem(draftKey()) ?? "";
  } catch {
    return "";
  }
}

async function send() {
  const body = field().value.trim();
  if (!body && !chosen.length) return field().focus();
  const entry = { clientId: newId(), viewer, chat: Number(composer().dataset.composer), body, files: chosen, at: Date.now() };
  write("");
  chosen = [];
  choose([]);
  find(".message-note", composer())?.remove();
  showState(entry, "sending");
  toEnd();
  await put(entry);
  keepDraft(); // not before the words are in the outbox
  flush();
}

document.addEventListener("submit", (event) => {
  // Pictures that a page without scripts left waiting go the plain way.
  if (!event.target.matches("[data-composer]") || find("[name=image_ids]", event.target)) return;
  event.preventDefault();
  send();
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[data-composer] textarea") || event.key !== "Enter" || event.shiftKey || touch) return;
  if (event.isComposing || event.keyCode === 229) return; // Safari tells a composition's end by that code alone
  event.preventDefault();
  composer().requestSubmit();
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-composer] textarea")) return;
  fit();
  keepDraft();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-composer] button, .pending button");
  if (!button) return;
  if (button.matches("[data-emoji]")) {
    field().setRangeText(button.dataset.emoji, field().selectionStart, field().selectionEnd, "end");
    keepDraft();
    if (!touch) field().focus();
  } else if (button.matches("[data-retry]")) flush();
  else if (button.matches("[data-remove]")) {
    chosen = chosen.filter((file) => file !== button.closest(".preview").file);
    choose([]);
  } else if (button.matches("[data-edit], [data-drop]")) {
    const bubble = button.closest(".pending");
    if (button.matches("[data-edit]")) {
      write([bubble.entry.body, field().value].filter(Boolean).join("\n"));
      choose(bubble.entry.files);
      field().focus();
      keepDraft();
    }
    bubble.remove();
    await drop(bubble.entry.clientId);
  }
});

if (viewer && composer()) {
  write(field().value || draft());
  if (!touch) field().focus({ preventScroll: true });
  await showWaiting();
}
if (viewer) flush();
