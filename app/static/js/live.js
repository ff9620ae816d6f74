// The tab's one socket: fragments arrive over it, and after every disconnection it brings what was missed.
import { parse } from "./html.js";
import { localise } from "./times.js";

const FIRST_DELAY = 300, LONGEST_DELAY = 20e3, SILENCE = 60e3, PATIENCE = 2000;
const ENDED = 1008; // the login session is over: nothing to come back to

const log = () => document.querySelector("[data-chat-id]");
const closed = () => document.querySelector("[data-closed]"); // the open chat is one whose group its reader is out of
const every = (selector) => document.querySelectorAll(selector);
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
let socket = null, attempts = 0, heardAt = 0, retry = 0, worry = 0, lastRevision = 0, watched = null;

function address() {
  const query = new URLSearchParams();
  watched = closed() ? null : log()?.dataset.chatId;
  if (watched) {
    query.set("chat", watched);
    query.set("after", lastRevision);
  } else if (log()) query.set("closed", log().dataset.chatId);
  return `${location.origin.replace(/^http/, "ws")}/live?${query}`;
}

function connect() {
  clearTimeout(retry);
  if (socket) return;
  socket = new WebSocket(address());
  heardAt = Date.now();
  socket.onopen = () => {
    show(navigator.onLine ? null : "offline");
    looked.clear();
    look();
    tell("open");
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

export const isOpen = () => socket?.readyState === WebSocket.OPEN;

// What may be lost goes up the socket: that somebody types, and how far they have read. Tells whether it could be said.
export function say(words) {
  if (!isOpen()) return false;
  socket.send(words);
  return true;
}

// What is on the page and can change is told to the server by its topics, so that it hears of changes.
const looked = new Set();
function look() {
  const topics = new Set([...every("[data-look]")].flatMap(({ dataset }) => dataset.look.split(" ")));
  const fresh = [...topics].filter((topic) => !looked.has(topic)).slice(0, 50);
  if (!fresh.length || !say(`look ${fresh.join(" ")}`)) return;
  for (const topic of fresh) looked.add(topic);
  look();
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

export function receive(html) {
  const content = parse(html), replayed = content.querySelector("#replayed");
  for (const element of [...content.children]) {
    if (element.matches(".message")) {
      if (!arrive(element, replayed)) return;
    } else if (element !== replayed) (ELSE[element.id] ?? place)(element);
  }
  if (replayed) lastRevision = Math.max(lastRevision, Number(replayed.dataset.upto));
}

const ELSE = {
  // A change of which this reader is not shown anything: it has come, and no gap is left.
  revised({ dataset }) {
    if (dataset.chat !== log()?.dataset.chatId) return;
    if (Number(dataset.revision) > lastRevision + 1) reconnect();
    else lastRevision = Math.max(lastRevision, Number(dataset.revision));
  },
  standing({ dataset }) {
    const ids = new Set(dataset.ids.split(" "));
    for (const row of every("[data-inbox] .chat-row")) {
      const away = row.closest("[data-inbox]").dataset.inbox === "archive";
      if (ids.has(row.id.slice(5)) === away) row.remove();
    }
    const archive = document.querySelector(".to-archive");
    if (!archive) return;
    archive.hidden = dataset.archived === "0";
    archive.querySelector("[data-archived]").textContent = dataset.archived;
  },
  present({ dataset }) {
    const ids = new Set(dataset.ids.split(" "));
    for (const face of every("[data-person]")) face.toggleAttribute("data-online", ids.has(face.dataset.person));
  },
  came({ dataset }) {
    for (const face of every(`[data-person="${dataset.id}"]`)) face.toggleAttribute("data-online", "online" in dataset);
  },
  gone({ dataset: { id } }) {
    const places = ["person", "contact", "request"].map((name) => `#${name}-${id}`);
    for (const one of every(`${places}, .post[data-author="${id}"], .comment:has(> .comment-said[data-author="${id}"])`)) one.remove();
  },
};

const SIZE = /avatar-[smxl]+\b/; // a face keeps the one it has where it stands

function place(element) {
  localise({ querySelectorAll: (selector) => element.querySelectorAll(selector) });
  if (element.matches("[data-every]")) {
    for (const one of every(`[data-every="${element.dataset.every}"]`)) {
      const fresh = element.cloneNode(true);
      fresh.className = fresh.className.replace(SIZE, one.className.match(SIZE));
      one.replaceWith(fresh);
    }
    return tell("placed", element);
  }
  if (element.matches("[data-typing]")) return tell("typing", element);
  if (element.matches(".comment")) return tell("comment", element);
  if (element.matches("[data-album]")) return tell("album", element);
  const present = document.getElementById(element.id);
  if (element.matches("i[id^=message-], i[id^=chat-], i[id^=post-]")) {
    // A page about nothing else says so when it is asked for again.
    if (present?.matches(".post") && !present.closest(".feed") && !document.querySelector("#comment-body")?.value) location.reload();
    return present?.remove();
  }
  if (element.matches("[data-closed]")) watched = null;
  if (element.matches("[data-opened]") && !present?.querySelector(".composer-closed")) return;
  if (element.matches("[data-chat-id]")) {
    lastRevision = Number(element.dataset.lastRevision);
    tell("renewing");
  }
  if (element.matches(".chat-row")) placeRow(element, present);
  else if (element.matches(".row-preview")) {
    if (!placePreview(element, present)) return;
  } else if (present) present.replaceWith(element);
  else return;
  htmx.process(element);
  tell("placed", element);
}

// Two who write at the same moment may be heard the other way round. What was said counts even where its row is not.
function placePreview(element, present) {
  if (!present) return "new" in element.dataset;
  const [was, is] = [present, element].map(({ dataset }) => [Number(dataset.seq ?? 0), Number(dataset.revision ?? 0)]);
  if (was[0] > is[0] || (was[0] === is[0] && was[1] > is[1])) return false;
  element.toggleAttribute("data-new", is[0] > was[0]);
  present.replaceWith(element);
  return true;
}

// Those that are pinned, then the latest first; what was put away stands in a list of its own.
const order = ({ dataset }) => [Number("pinned" in dataset), ...dataset.at.split("-").map(Number)];

export function placeRow(row, present = null) {
  if (present) row.ariaCurrent = present.ariaCurrent;
  const list = [...every("[data-inbox]")].find((one) => (one.dataset.inbox === "archive") === "archived" in row.dataset);
  present?.remove();
  if (!list) return;
  const own = order(row);
  const later = [...list.querySelectorAll(".chat-row")].find((one) => {
    const its = order(one);
    const first = own.findIndex((number, place) => number !== its[place]);
    return first >= 0 && own[first] > its[first];
  });
  if (later) later.before(row);
  else list.querySelector(".older") ? list.querySelector(".older").before(row) : list.append(row);
}

// Put a message where its place is, replacing what stands for it. Tells whether the log is still without a gap.
function arrive(element, replayed) {
  const home = document.getElementById(`messages-${element.dataset.chat}`);
  if (!home || closed()) return true;
  const revision = Number(element.dataset.revision);
  if (!replayed && revision > lastRevision + 1) {
    reconnect();
    return false;
  }
  lastRevision = Math.max(lastRevision, revision);
  upsert(home, element);
  return true;
}

// The log shows a stretch of the chat: what belongs before or after it is fetched when somebody goes there.
export function upsert(home, element) {
  const own = document.getElementById(element.id);
  const seq = Number(element.dataset.seq);
  // What is sent again, for certainty, may be overtaken by what changed meanwhile.
  if (own && Number(own.dataset.revision) > Number(element.dataset.revision)) return;
  const shown = [...home.querySelectorAll(".message[data-seq]")];
  const last = Number(shown.at(-1)?.dataset.seq ?? 0);
  if (!own && seq > last && home.querySelector(":scope > .newer")) return tell("beyond", element);
  if (!own && shown.length && seq < Number(shown[0].dataset.seq) && home.querySelector(":scope > .older")) return;
  localise({ querySelectorAll: (selector) => element.querySelectorAll(selector) });
  tell("changing", element);
  if (own) own.replaceWith(element);
  else {
    const before = shown.reverse().find((one) => Number(one.dataset.seq) < seq);
    if (before) before.after(element);
    else {
      const first = home.querySelector(".message[data-seq], .pending");
      first ? first.before(element) : home.append(element);
    }
  }
  htmx.process(element);
  tell("message", { element, known: Boolean(own) });
}

if (document.body.dataset.viewer) {
  lastRevision = Number(log()?.dataset.lastRevision ?? 0);
  connect();
  for (const event of ["htmx:after:swap", "live:placed"]) document.addEventListener(event, look);
  // Somebody who was taken into the group again listens to it again.
  document.addEventListener("htmx:after:swap", () => log() && !watched && !closed() && reconnect());
  addEventListener("online", reconnect);
  addEventListener("offline", () => show("offline"));
  // Without an open socket a browser may keep the page as it is for who comes back.
  addEventListener("pagehide", () => {
    if (!isOpen()) return;
    socket.onclose = null;
    socket.close();
    socket = null;
  });
  addEventListener("pageshow", (event) => event.persisted && reconnect());
  document.addEventListener("visibilitychange", () => document.hidden || socket || connect());
  setInterval(() => socket && Date.now() - heardAt > SILENCE && reconnect(), 5000);
}
