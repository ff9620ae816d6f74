// Saying something: it stands in the log at once, waits in the outbox, and is replaced by what the server stored.
import { enlarge } from "./arrangement.js";
import { follows, toEnd } from "./chat.js";
import { choosing, offerNothing } from "./completion.js";
import { deed } from "./deeds.js";
import { find, parse } from "./html.js";
import { say, upsert } from "./live.js";
import { keep, kept, showDrafts } from "./drafts.js";
import { composer, field, log, pendingFor, viewer } from "./log.js";
import { drop, flush, newId, put, waiting } from "./outbox.js";
import { isPicture, onDrop } from "./pictures.js";

const touch = matchMedia("(pointer: coarse)").matches;

// --- What is not stored yet.

function pendingBubble(entry) {
  const present = find(`.pending[data-client-id="${entry.clientId}"]`);
  if (present || composer()?.dataset.composer !== String(entry.chat)) return present;
  const bubble = find("[data-pending]", composer()).content.firstElementChild.cloneNode(true);
  bubble.dataset.clientId = entry.clientId;
  find(".message-body", bubble).textContent = entry.body;
  if (entry.quote) find(".bubble", bubble).prepend(quoted(entry.quote));
  const album = find(".gallery", bubble);
  album.classList.add(`gallery-${entry.files.length}`);
  album.hidden = !entry.files.length;
  for (const file of entry.files) {
    const picture = find("[data-pending-picture]", composer()).content.firstElementChild.cloneNode(true);
    shown(find("img", picture), file);
    album.append(picture);
  }
  enlarge(bubble);
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

function showState(entry, state, { place, share } = {}) {
  const bubble = pendingBubble(entry);
  if (!bubble) return;
  for (const line of bubble.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== state;
  const bars = bubble.querySelectorAll("progress");
  for (const [number, bar] of bars.entries()) {
    if (number === place) bar.value = share * 100;
    bar.hidden = state !== "sending" || Boolean(entry.uploaded?.[number]);
  }
  if (entry.refused) find("[data-reason]", bubble).innerHTML = entry.refused;
  if (state === "refused") bubble.scrollIntoView({ block: "nearest" });
  else if (follows()) toEnd();
}

async function showWaiting() {
  for (const entry of await waiting()) showState(entry, entry.refused ? "refused" : "failed");
}

document.addEventListener("outbox:state", ({ detail: { entry, state, html, place, share } }) => {
  if (state !== "sent") return showState(entry, state, { place, share });
  if (log()?.dataset.chatId !== String(entry.chat)) return;
  upsert(log(), parse(html).querySelector(".message"));
});

document.addEventListener("live:message", ({ detail: { element } }) => {
  if (element.dataset.author !== viewer) return;
  pendingFor(element)?.remove();
  drop(element.dataset.clientId);
});

document.addEventListener("live:placed", ({ detail: element }) => element === log() && showWaiting());

// --- Pictures that come along.

let chosen = [];

function choose(files) {
  const pictures = [...files].filter(isPicture);
  const all = [...chosen, ...pictures];
  chosen = all.slice(0, 10);
  note(all.length > 10 ? "too-many" : pictures.length < files.length ? "no-picture" : "");
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

function note(reason) {
  find(".message-note", composer())?.remove();
  if (reason) find("[data-previews]", composer()).before(find(`[data-${reason}]`, composer()).content.cloneNode(true));
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
onDrop((target) => composer() && target.closest?.("[data-open-chat]"), choose);

// What the server keeps waiting, since the form came without scripts.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove-preview]");
  if (!button) return;
  button.closest(".preview").remove();
  fetch(button.dataset.removePreview, { method: "POST", headers: { "HX-Request": "true" } }).catch(() => {});
});

// --- What is answered, and what is being changed.

function quoted({ author, words }) {
  const quote = document.createElement("span");
  quote.className = "quote";
  for (const [kind, text] of [["author", author], ["words", words]]) {
    const part = quote.appendChild(document.createElement("span"));
    part.className = `quote-${kind}`;
    part.textContent = text;
  }
  return quote;
}

const answered = () => find("[data-answered]", composer());
let quote = null;

export function answer(message) {
  if (!composer()) return;
  stopEditing();
  quote = {
    author: find(".message-author", message).textContent,
    words: find(".message-body", message)?.textContent ?? find(".picture img", message)?.alt ?? "",
    to: message.id.slice(8),
  };
  showAnswered();
  keep("answer", JSON.stringify(quote));
  field().focus();
}

function showAnswered() {
  find("[name=reply_to]", composer()).value = quote.to;
  find("[data-answered-text]", composer()).replaceChildren(quoted(quote));
  answered().hidden = false;
}

function answerNothing() {
  find("[name=reply_to]", composer()).value = "";
  answered().hidden = true;
  quote = null;
  keep("answer", "");
}

let editing = null, putAside = "";

export function edit(message) {
  if (!composer()) return;
  answerNothing();
  if (!editing) putAside = field().value;
  editing = message.id.slice(8);
  find("[data-editing-text]", composer()).textContent = find(".message-body", message)?.textContent ?? "";
  find("[data-editing]", composer()).hidden = false;
  write(find(".message-body", message)?.textContent ?? "");
  field().focus();
}

function stopEditing() {
  if (!editing || !composer()) return;
  editing = null;
  find("[data-editing]", composer()).hidden = true;
  write(putAside);
}

document.addEventListener("live:message", ({ detail: { element } }) => {
  if (editing && element.id === `message-${editing}` && element.dataset.face === "deleted") stopEditing();
});

async function saveEdit() {
  const id = editing;
  const done = await deed(`/messages/${id}`, new URLSearchParams({ body: field().value.trim() }));
  if (done && editing === id) stopEditing();
  field().focus();
}

// --- Words.

function write(words) {
  field().value = words;
  offerNothing(field());
  fit();
  count();
}

// How many characters are left, once there are few.
function count() {
  const left = 4096 - field().value.length;
  const counter = find("[data-counter]", composer());
  counter.textContent = left;
  counter.hidden = left > 200;
  counter.classList.toggle("too-many", left < 0);
}

function fit() {
  if (CSS.supports("field-sizing", "content")) return; // the style sheet does it
  field().style.height = "";
  field().style.height = `${field().scrollHeight + 2}px`;
}

function keepDraft() {
  if (editing) return;
  keep("draft", field().value);
  showDrafts();
}

async function send() {
  if (editing) return saveEdit();
  const body = field().value.trim();
  if (!body && !chosen.length) return field().focus();
  const entry = { clientId: newId(), viewer, chat: Number(composer().dataset.composer), body, files: chosen, at: Date.now() };
  if (find("[name=reply_to]", composer()).value) Object.assign(entry, { replyTo: find("[name=reply_to]", composer()).value, quote });
  const stored = put(entry);
  answerNothing();
  write("");
  chosen = [];
  choose([]);
  field().focus();
  showState(entry, "sending");
  toEnd();
  await stored;
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
  if (!event.target.matches("[data-composer] textarea")) return;
  if (event.key === "Escape" && editing) return stopEditing();
  if (event.key === "Escape" && !answered().hidden) return answerNothing();
  if (event.key === "ArrowUp" && !field().value && !editing) return editLast(event);
  if (event.key !== "Enter" || event.shiftKey || choosing(field())) return;
  const wanted = "enterSends" in composer().dataset ? !touch : event.ctrlKey || event.metaKey;
  if (!wanted) return;
  if (event.isComposing || event.keyCode === 229) return; // Safari tells a composition's end by that code alone
  event.preventDefault();
  composer().requestSubmit();
});

function editLast(event) {
  if (!follows()) return; // the last one here is not the last there is
  const own = [...log().querySelectorAll(`.message[data-author="${viewer}"][data-face="said"]`)].at(-1);
  if (!own || !find(".message-body", own)) return;
  event.preventDefault();
  edit(own);
}

let typedAt = 0;
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-composer] textarea")) return;
  fit();
  count();
  keepDraft();
  if (editing || !field().value || Date.now() - typedAt < 3000) return;
  if (say("typing")) typedAt = Date.now();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-composer] button, [data-answer-nothing], .pending button");
  if (!button) return;
  if (button.matches("[data-answer-nothing]")) {
    event.preventDefault();
    answerNothing();
  } else if (button.matches("[data-stop-editing]")) stopEditing();
  else if (button.matches("[data-retry]")) flush();
  else if (button.matches("[data-remove]")) {
    chosen = chosen.filter((file) => file !== button.closest(".preview").file);
    choose([]);
  } else if (button.matches("[data-edit], [data-drop]")) {
    const bubble = button.closest(".pending");
    if (button.matches("[data-edit]")) {
      if (!composer()) return; // the chat has been closed meanwhile: the words stay where they are
      write([bubble.entry.body, field().value].filter(Boolean).join("\n"));
      choose(bubble.entry.files);
      field().focus();
      keepDraft();
    }
    bubble.remove();
    await drop(bubble.entry.clientId);
  }
});

// --- A composer that is new on the page: with it, or since one may write again.

let known = null;
function begin() {
  if (!composer() || composer() === known) return;
  known = composer();
  editing = null;
  write(field().value || kept("draft"));
  choose([]);
  if (!find("[name=reply_to]", composer()).value && kept("answer")) {
    quote = JSON.parse(kept("answer"));
    showAnswered();
  }
  if (!touch && document.activeElement === document.body) field().focus({ preventScroll: true });
}
document.addEventListener("htmx:after:swap", begin);

if (viewer && composer()) {
  begin();
  await showWaiting();
}
