// A chat: optimistic sending, reading, scrolling; and the counts that follow what arrives.
import { dayOf, localise } from "./times.js";
import { upsert } from "./live.js";
import { drop, flush, newId, put, waiting } from "./outbox.js";

const viewer = document.body.dataset.viewer;
const find = (selector, root = document) => root.querySelector(selector);
const log = () => find("[data-chat-id]");
const composer = () => find("[data-composer]");
const touch = matchMedia("(pointer: coarse)").matches;

// --- The log: where it is scrolled to, and the days in it.

const atEnd = () => log().scrollHeight - log().scrollTop - log().clientHeight < 80;
function toEnd() {
  log().scrollTop = log().scrollHeight;
  log().classList.add("settled"); // until then what is older is hidden: seen from its start, the log would load it
  unseen(0);
}

let behind = 0;
function unseen(count) {
  behind = count;
  const button = find("[data-to-newest]");
  if (!button) return;
  const badge = find(".badge", button);
  badge.textContent = count;
  badge.hidden = !count;
}

function days() {
  if (!log()) return;
  for (const chip of log().querySelectorAll(".day-chip")) chip.remove();
  let last = null;
  for (const message of log().querySelectorAll(".message[data-seq]")) {
    const time = find("time", message);
    const day = dayOf(new Date(time.dateTime));
    if (day !== last) {
      const chip = document.createElement("p");
      chip.className = "day-chip";
      const written = chip.appendChild(document.createElement("time"));
      written.dateTime = time.dateTime;
      written.dataset.style = "day";
      message.before(chip);
    }
    last = day;
  }
  localise(log());
}

function jumbo(message) {
  const body = find(".message-body", message)?.textContent ?? "";
  message.classList.toggle("jumbo", /^(\p{Extended_Pictographic}|\p{Emoji_Component}|\u200d){1,12}$/u.test(body) && !/^[\d#*]+$/.test(body));
}

// --- Reading.

let marking = 0;
function markRead() {
  if (!log() || document.hidden || !document.hasFocus() || !atEnd()) return;
  clearTimeout(marking);
  marking = setTimeout(() => {
    const last = [...log().querySelectorAll(".message[data-seq]")].at(-1);
    if (!last || Number(log().dataset.read ?? 0) >= Number(last.dataset.seq)) return;
    log().dataset.read = last.dataset.seq;
    const form = new URLSearchParams({ seq: last.dataset.seq });
    fetch(`/chats/${log().dataset.chatId}/read`, { method: "POST", body: form, headers: { "HX-Request": "true" }, keepalive: true })
      .catch(() => delete log().dataset.read);
  }, 300);
}

// --- Counts: a row's, the header's, the title's.

const title = document.title;
function setCount(element, count) {
  element.hidden = !count;
  element.dataset.count = count;
  element.firstElementChild.textContent = count < 100 ? count : "99+";
  const words = find(".unseen", element);
  words.textContent = words.textContent.replace(/\d+/, count);
}

function entitle() {
  const count = Number(find("#badge-chats")?.dataset.count ?? 0);
  document.title = count ? `(${count}) ${title}` : title;
}

function previewed(preview) {
  const { chat, seq, author } = preview.dataset;
  const row = document.getElementById(`chat-${chat}`);
  const here = log()?.dataset.chatId === chat && !document.hidden && document.hasFocus() && atEnd();
  const own = author === viewer;
  if (row) {
    find("[data-inbox]")?.prepend(row);
    const pill = document.getElementById(`chat-unread-${chat}`);
    if (own || here) pill.dataset.readSeq = seq;
    setCount(pill, Math.max(0, seq - pill.dataset.readSeq));
    row.classList.toggle("unread", !pill.hidden);
  }
  const badge = find("#badge-chats");
  if (badge && !own && !here) setCount(badge, Number(badge.dataset.count) + 1);
}

document.addEventListener("live:placed", ({ detail: element }) => {
  if (element.matches(".row-preview")) previewed(element);
  if (element.matches(".pill")) element.closest(".chat-row")?.classList.toggle("unread", !element.hidden);
  if (element.matches("[data-chat-id]")) {
    days();
    toEnd();
  }
  entitle();
});

// A preview comes with a message to those who look at the chat; its row may not be on this page.
document.addEventListener("live:message", ({ detail: { element, known } }) => {
  jumbo(element);
  const own = element.dataset.author === viewer;
  find(`.pending[data-client-id="${CSS.escape(element.dataset.clientId)}"]`)?.remove();
  if (own) drop(element.dataset.clientId);
  days();
  if (known) return;
  element.classList.add("arriving");
  if (own || stayed) toEnd();
  else unseen(behind + 1);
  if (!own) {
    const line = document.createElement("p");
    line.textContent = `${find(".message-author", element).textContent}: ${find(".message-body", element)?.textContent ?? ""}`;
    find("#announcements").replaceChildren(line);
  }
  markRead();
});
let stayed = true;
document.addEventListener("live:before", () => (stayed = atEnd()));

// --- Sending.

function pendingBubble(entry) {
  const present = find(`.pending[data-client-id="${entry.clientId}"]`);
  if (present || !composer() || composer().dataset.composer !== String(entry.chat)) return present;
  const bubble = find("[data-pending]", composer()).content.firstElementChild.cloneNode(true);
  bubble.dataset.clientId = entry.clientId;
  find(".message-body", bubble).textContent = entry.body;
  for (const file of entry.files) {
    const image = new Image();
    image.src = URL.createObjectURL(file);
    image.alt = "";
    find(".pending-pictures", bubble).append(image);
  }
  bubble.entry = entry;
  log().append(bubble);
  return bubble;
}

function showState(bubble, state) {
  for (const line of bubble.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== state;
}

document.addEventListener("outbox:state", ({ detail: { entry, state, html, share } }) => {
  const bubble = pendingBubble(entry);
  if (state === "sent" && log()?.dataset.chatId === String(entry.chat)) {
    const parsed = document.createElement("template");
    parsed.innerHTML = html;
    upsert(log(), parsed.content.querySelector(".message"));
  }
  if (!bubble?.isConnected || state === "sent") return;
  showState(bubble, state);
  const progress = find("progress", bubble);
  progress.hidden = !(entry.files.length && share < 1);
  progress.value = (share ?? 0) * 100;
  if (state === "refused") {
    find("[data-reason]", bubble).innerHTML = html;
    bubble.scrollIntoView({ block: "nearest" });
  }
});

let chosen = [];
function previews() {
  const shelf = find("[data-previews]", composer());
  for (const old of shelf.querySelectorAll("[data-local]")) old.remove();
  for (const file of chosen) {
    const preview = find("[data-preview]", composer()).content.firstElementChild.cloneNode(true);
    preview.dataset.local = "";
    preview.file = file;
    find("img", preview).src = URL.createObjectURL(file);
    shelf.append(preview);
  }
}

function choose(files) {
  chosen = [...chosen, ...[...files].filter((file) => file.type.startsWith("image/"))].slice(0, 10);
  previews();
}

const draftKey = () => `draft-${viewer}-${composer().dataset.composer}`;
function keepDraft() {
  try {
    const { value } = find("textarea", composer());
    value ? localStorage.setItem(draftKey(), value) : localStorage.removeItem(draftKey());
  } catch { /* private windows may have no storage */ }
}

async function send() {
  const field = find("textarea", composer());
  const body = field.value.trim();
  if (!body && !chosen.length) return field.focus();
  const entry = { clientId: newId(), viewer, chat: Number(composer().dataset.composer), body, files: chosen, at: Date.now() };
  field.value = "";
  chosen = [];
  previews();
  find(".message-note", composer())?.remove();
  showState(pendingBubble(entry), "sending");
  toEnd();
  await put(entry);
  keepDraft();
  flush();
}

document.addEventListener("submit", (event) => {
  // Pictures that a page without scripts left waiting go the plain way.
  if (!event.target.matches("[data-composer]") || find("[name=image_ids]", event.target)) return;
  event.preventDefault();
  send();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("[data-composer] textarea");
  if (typing && event.key === "Enter" && !event.shiftKey && !event.isComposing && !touch) {
    event.preventDefault();
    composer().requestSubmit();
  }
});

document.addEventListener("input", (event) => event.target.matches("[data-composer] textarea") && keepDraft());
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-composer] [name=images]")) return;
  choose(event.target.files);
  event.target.value = "";
});
document.addEventListener("paste", (event) => {
  if (event.target.matches?.("[data-composer] *") && event.clipboardData.files.length) {
    event.preventDefault();
    choose(event.clipboardData.files);
  }
});
document.addEventListener("dragover", (event) => event.target.closest?.("[data-open-chat]") && event.preventDefault());
document.addEventListener("drop", (event) => {
  if (!composer() || !event.target.closest?.("[data-open-chat]")) return;
  event.preventDefault();
  choose(event.dataTransfer.files);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const bubble = button.closest(".pending");
  if (button.matches("[data-to-newest]")) toEnd();
  else if (button.matches("[data-emoji]")) {
    const field = find("textarea", composer());
    field.setRangeText(button.dataset.emoji, field.selectionStart, field.selectionEnd, "end");
    keepDraft();
    if (!touch) field.focus();
  } else if (button.matches("[data-retry]")) flush();
  else if (button.matches("[data-remove]")) {
    chosen = chosen.filter((file) => file !== button.closest(".preview").file);
    previews();
  } else if (button.matches("[data-edit], [data-drop]") && bubble) {
    if (button.matches("[data-edit]")) {
      const field = find("textarea", composer());
      field.value = [bubble.entry.body, field.value].filter(Boolean).join("\n");
      choose(bubble.entry.files);
      field.focus();
      keepDraft();
    }
    bubble.remove();
    await drop(bubble.entry.clientId);
  }
});

// --- Older messages come in above without moving what is being read.

let fromEnd = 0;
document.addEventListener("htmx:before:swap", () => log() && (fromEnd = log().scrollHeight - log().scrollTop));
document.addEventListener("htmx:after:swap", (event) => {
  if (!log() || !(event.target.closest?.("[data-chat-id]") || event.detail?.ctx?.target?.closest?.("[data-chat-id]") || event.detail?.ctx?.sourceElement?.closest?.(".older"))) return;
  days();
  log().scrollTop = log().scrollHeight - fromEnd;
});

async function begin() {
  entitle();
  if (!log()) return;
  for (const message of log().querySelectorAll(".message")) jumbo(message);
  days();
  const fromStart = location.hash || new URLSearchParams(location.search).has("before");
  if (fromStart) log().classList.add("settled");
  else toEnd();
  if (composer()) {
    const field = find("textarea", composer());
    try { field.value ||= localStorage.getItem(draftKey()) ?? ""; } catch { /* see keepDraft */ }
    if (!touch) field.focus({ preventScroll: true });
    for (const entry of await waiting()) {
      const bubble = pendingBubble(entry);
      if (bubble) showState(bubble, entry.refused ? "refused" : "failed");
    }
  }
  if (!fromStart) toEnd();
  log().addEventListener("scroll", () => {
    const end = atEnd();
    find("[data-to-newest]").hidden = end;
    if (end) { unseen(0); markRead(); }
  }, { passive: true });
  addEventListener("focus", markRead);
  document.addEventListener("visibilitychange", markRead);
}
if (viewer) begin().then(flush);
