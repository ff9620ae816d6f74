// The tab's one socket: fragments arrive over it, and after every disconnection it brings what was missed.
import { localise } from "./times.js";

const FIRST_DELAY = 300, LONGEST_DELAY = 20e3, SILENCE = 60e3, PATIENCE = 2000;
const ENDED = 1008; // the login session is over: nothing to come back to

const log = () => document.querySelector("[data-chat-id]");
let socket = null, attempts = 0, heardAt = 0, retry = 0, worry = 0, lastRevision = 0;

function address() {
  const query = new URLSearchParams();
  if (log() && !document.querySelector("[data-closed]")) {
    query.set("chat", log().dataset.chatId);
    query.set("after", lastRevision);
  }
  return `${location.origin.replace(/^http/, "ws")}/live?${query}`;
}

function connect() {
  clearTimeout(retry);
  if (socket) return;
  socket = new WebSocket(address());
  heardAt = Date.now();
  socket.onopen = () => {
    show(null);
    document.dispatchEvent(new CustomEvent("live:open"));
  };
  socket.onmessage = (event) => {
    heardAt = Date.now();
    attempts = 0;
    if (event.data) receive(event.data);
  };
  socket.onclose = (event) => {
    socket = null;
    // Not at once: the tab in which somebody logs out is on its way already.
    if (event.code === ENDED) return setTimeout(() => location.reload(), 1000);
    if (!worry) worry = setTimeout(() => show(navigator.onLine ? "reconnecting" : "offline"), PATIENCE);
    if (attempts) askWhetherEnded();
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempts++);
    const spread = Number(event.reason) || 0; // a server that sends thousands away tells over how long they may come back
    retry = setTimeout(connect, delay * (0.7 + 0.6 * Math.random()) + spread * Math.random());
  };
}

// A handshake that is refused tells no reason: while the tab was away the session may have ended, or the open chat
// may have gone on without us.
async function askWhetherEnded() {
  const door = log() ? `/chats/${log().dataset.chatId}/messages?before=1` : "/chats/contacts";
  const answer = await fetch(door, { redirect: "manual" }).catch(() => null);
  if (answer?.type === "opaqueredirect" || answer?.status === 404) location.reload();
}

// Connecting anew is how a gap is mended: the server sends everything after the last revision shown in order.
function reconnect() {
  if (socket) {
    socket.onclose = null;
    socket.close();
    socket = null;
  }
  connect();
}

function show(state) {
  if (!state) {
    clearTimeout(worry);
    worry = 0;
  }
  const banner = document.getElementById("connection");
  if (!banner) return;
  banner.hidden = !state;
  for (const words of banner.querySelectorAll("[data-when]")) words.hidden = words.dataset.when !== state;
}

function receive(html) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const replayed = parsed.content.querySelector("#replayed");
  for (const element of [...parsed.content.children]) {
    if (element.classList.contains("message")) {
      if (!arrive(element, replayed)) return;
    } else if (element !== replayed) place(element);
  }
  if (replayed) lastRevision = Math.max(lastRevision, Number(replayed.dataset.upto));
}

function place(element) {
  localise({ querySelectorAll: (selector) => element.querySelectorAll(selector) });
  const present = document.getElementById(element.id);
  if (element.matches("[data-chat-id]")) lastRevision = Number(element.dataset.lastRevision);
  const row = element.matches(".chat-row"), preview = element.matches(".row-preview");
  if (present && preview) {
    const [was, is] = [present, element].map(({ dataset }) => [Number(dataset.seq ?? 0), Number(dataset.revision ?? 0)]);
    // Two who write at the same moment may be heard the other way round.
    if (was[0] > is[0] || (was[0] === is[0] && was[1] > is[1])) return;
    element.toggleAttribute("data-new", is[0] > was[0]);
  }
  if (present) {
    if (row) element.ariaCurrent = present.ariaCurrent;
    present.replaceWith(element);
  } else if (!row && !preview) return; // a preview counts even where its row is not shown
  const list = document.querySelector("[data-inbox]");
  if (row && list) list.prepend(element);
  htmx.process(element);
  document.dispatchEvent(new CustomEvent("live:placed", { detail: element }));
}

// Put a message where its place is, replacing what stands for it. Tells whether the log is still without a gap.
function arrive(element, replayed) {
  const home = document.getElementById(`messages-${element.dataset.chat}`);
  if (!home) return true;
  const revision = Number(element.dataset.revision);
  if (!replayed && revision > lastRevision + 1) {
    reconnect();
    return false;
  }
  lastRevision = Math.max(lastRevision, revision);
  upsert(home, element);
  return true;
}

export function upsert(home, element) {
  const own = document.getElementById(element.id);
  const seq = Number(element.dataset.seq);
  // What is sent again, for certainty, may be overtaken by what changed meanwhile.
  if (own && Number(own.dataset.revision) > Number(element.dataset.revision)) return;
  localise({ querySelectorAll: (selector) => element.querySelectorAll(selector) });
  if (own) own.replaceWith(element);
  else {
    const later = [...home.querySelectorAll(".message[data-seq]")].reverse();
    const before = later.find((one) => Number(one.dataset.seq) < seq);
    if (before) before.after(element);
    else {
      const first = home.querySelector(".message[data-seq]") ?? home.querySelector(".pending");
      first ? first.before(element) : home.append(element);
    }
  }
  htmx.process(element);
  document.dispatchEvent(new CustomEvent("live:message", { detail: { element, known: Boolean(own) } }));
}

if (document.body.dataset.viewer) {
  lastRevision = Number(log()?.dataset.lastRevision ?? 0);
  connect();
  addEventListener("online", reconnect);
  addEventListener("offline", () => show("offline"));
  addEventListener("pageshow", (event) => event.persisted && reconnect());
  document.addEventListener("visibilitychange", () => document.hidden || socket || connect());
  setInterval(() => socket && Date.now() - heardAt > SILENCE && reconnect(), 5000);
}
