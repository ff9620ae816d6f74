// The log of the open chat: what arrives in it, its days, where it is scrolled to, and how far it has been read.
import { receive, say } from "./live.js";
import { dayOf, localise } from "./times.js";

const viewer = document.body.dataset.viewer;
const find = (selector, root = document) => root.querySelector(selector);
export const log = () => find("[data-chat-id]");
const said = () => [...log().querySelectorAll(".message[data-seq]")];
const seqOf = (message) => Number(message?.dataset.seq ?? 0);
const chatId = () => log().dataset.chatId;

// --- Where it is scrolled to.

const MOST = 300; // messages; those that are farthest are let go and fetched again when somebody comes near
export let following = true; // it stays with the newest until somebody scrolls up
let newest = 0, read = 0, height = 0, loading = null, settled = false;

const loader = (side) => find(`:scope > .${side}`, log());
const atEnd = () => !loader("newer");

export async function toEnd() {
  if (!atEnd()) await fresh();
  following = true;
  log().scrollTop = log().scrollHeight;
  watch();
  showButton();
}

// Someone far back is shown the newest: the stretch they look at is given up for the one at the end.
async function fresh() {
  const answer = await fetch(`/chats/${chatId()}/messages`, { headers: { "HX-Request": "true" } });
  if (answer.ok) receive(await answer.text());
}

// The way to the newest, and how many of them have not been read.
function showButton() {
  const behind = following ? 0 : Math.max(0, newest - read);
  const badge = find("[data-to-newest] .badge");
  badge.textContent = behind;
  badge.hidden = !behind;
  find("[data-to-newest]").hidden = following && atEnd();
}

function scrolled({ target }) {
  if (target !== log() || target.clientHeight !== height) return; // a change of size is not somebody's scrolling
  following = atEnd() && target.scrollHeight - target.scrollTop - target.clientHeight < 80;
  showButton();
  markRead();
  remember();
}

function resized() {
  height = log().clientHeight;
  if (following) log().scrollTop = log().scrollHeight;
}

// What is being read stays where it is while something above it comes, goes or grows.
function steadily(change) {
  const top = log().getBoundingClientRect().top;
  const anchor = [...log().querySelectorAll(".message")].find((one) => one.getBoundingClientRect().bottom > top);
  const was = anchor?.getBoundingClientRect().top;
  change();
  if (following) log().scrollTop = log().scrollHeight;
  else if (anchor?.isConnected) log().scrollTop += anchor.getBoundingClientRect().top - was;
}

// --- The stretch of the chat that is here: more comes in at its ends.

const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting && settled) load(target);
}, { rootMargin: "800px 0px" });

function watch() {
  watcher.disconnect();
  for (const side of ["older", "newer"]) if (loader(side)) watcher.observe(loader(side));
}

async function load(element) {
  if (loading || !element.isConnected) return;
  loading = element;
  const answer = await fetch(element.dataset.load, { headers: { "HX-Request": "true" } }).catch(() => null);
  loading = null;
  if (!answer?.ok || !element.isConnected) return setTimeout(watch, 3000);
  const parsed = document.createElement("template");
  parsed.innerHTML = await answer.text();
  for (const message of parsed.content.querySelectorAll(".message")) {
    if (document.getElementById(message.id)) message.remove();
  }
  const side = element.matches(".older") ? "older" : "newer";
  steadily(() => {
    const come = [...parsed.content.children];
    element.replaceWith(...come);
    for (const one of come) htmx.process(one);
    trim(side === "older" ? "newer" : "older");
    arrange();
  });
  document.dispatchEvent(new CustomEvent("live:loaded", { detail: log() }));
  watch();
  showButton();
}

// Let go of what is farthest away on this side, and leave there what fetches it again.
function trim(side) {
  const all = said();
  if (all.length <= MOST) return;
  const gone = side === "newer" ? all.slice(MOST) : all.slice(0, all.length - MOST);
  const edge = side === "newer" ? seqOf(all[MOST - 1]) : seqOf(all[all.length - MOST]);
  for (const message of gone) message.remove();
  loader(side)?.remove();
  const element = find(`template[data-${side}]`).content.firstElementChild.cloneNode(true);
  element.dataset.load = `/chats/${chatId()}/messages?${side === "newer" ? "after" : "before"}=${edge}`;
  find("a", element).href = `/chats/${chatId()}?${side === "newer" ? `at=${edge + 1}` : `before=${edge}`}`;
  side === "newer" ? log().append(element) : log().prepend(element);
}

// The address says where one is, so that coming back, reloading and passing it on lead there.
let remembering = 0;
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    const top = log().getBoundingClientRect().top;
    const first = said().find((one) => one.getBoundingClientRect().bottom > top);
    const place = following || !first ? "" : `?at=${seqOf(first)}`;
    const offset = first ? first.getBoundingClientRect().top - top : 0;
    history.replaceState({ ...history.state, offset }, "", `/chats/${chatId()}${place}`);
  }, 250);
}

// --- How it is arranged: days in the device's zone, one face for what somebody says in a row, large lone emoji, and
// what others have read.

function arrange() {
  for (const chip of log().querySelectorAll(".day-chip")) chip.remove();
  const othersRead = readByOthers();
  let last = null;
  for (const message of said()) {
    const time = find("time", message);
    const sameDay = last && dayOf(new Date(find("time", last).dateTime)) === dayOf(new Date(time.dateTime));
    const same = sameDay && last.dataset.author === message.dataset.author;
    const together = same && ![last, message].some((one) => one.dataset.face === "system");
    last?.classList.toggle("goes-on", together);
    message.classList.toggle("follows", together);
    message.classList.toggle("read", seqOf(message) <= othersRead);
    if (!sameDay) {
      const chip = document.createElement("p");
      chip.className = "day-chip";
      const written = chip.appendChild(document.createElement("time"));
      written.dateTime = time.dateTime;
      written.dataset.style = "day";
      (message.previousElementSibling?.matches(".unread-line") ? message.previousElementSibling : message).before(chip);
    }
    enlarge(message);
    for (const button of message.querySelectorAll(".reaction")) button.ariaPressed = String(mine(button));
    rove(message);
    last = message;
  }
  localise(log());
}

// A few emoji alone are large.
export function enlarge(message) {
  const body = find(".message-body", message)?.textContent ?? "";
  message.classList.toggle("jumbo", /^(\p{Extended_Pictographic}|\p{Emoji_Component}|\u200d){1,12}$/u.test(body) && !/^[\d#*]+$/.test(body));
}

export const mine = ({ dataset }) => (dataset.users ?? "").split(" ").includes(viewer);

// How far somebody else has read: the one who has read furthest, or the next if that is the viewer. Who writes has read.
function readByOthers() {
  const { first, firstSeq, nextSeq } = find(`#readers-${chatId()}`)?.dataset ?? {};
  const told = Number(first === viewer ? nextSeq : firstSeq) || 0;
  const spoke = said().findLast((one) => one.dataset.author !== viewer);
  return Math.max(told, seqOf(spoke));
}

// --- The log is one stop for the Tab key: arrows go from message to message, Tab to what is in one.

function rove(message) {
  const within = document.activeElement?.closest?.(".message") === message;
  message.tabIndex = -1;
  for (const inner of message.querySelectorAll("a, button")) inner.tabIndex = within ? 0 : -1;
}

document.addEventListener("focusin", ({ target }) => {
  if (!log()?.contains(target)) return;
  for (const message of said()) if (find("[tabindex='0']", message)) rove(message);
  const message = target.closest(".message");
  if (message) rove(message);
  if (message === target) message.ariaLabel = spoken(message);
});

// What a screen reader says of a message it comes to: who, what and when.
function spoken(message) {
  const parts = message.querySelectorAll(".message-author, .quote, .picture img, .message-body, .message-gone, .event, .message-side, .reaction");
  return [...parts].map((one) => (one.alt ?? one.textContent).trim()).join(", ");
}

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
  if (!step || !log()?.contains(event.target) || event.target.matches("summary, input, textarea")) return;
  const all = [...log().querySelectorAll(".message")];
  const here = all.indexOf(event.target.closest(".message"));
  const to = here < 0 ? all.length - 1 : Math.max(0, Math.min(all.length - 1, here + step));
  event.preventDefault();
  all[to]?.focus({ preventScroll: true });
  all[to]?.scrollIntoView({ block: "nearest" });
});

// --- Reading: what has come into view.

let told = 0, marking = 0;
export const reading = () => Boolean(log()) && following && !document.hidden && document.hasFocus();

function markRead() {
  if (marking) return;
  marking = setTimeout(() => {
    marking = 0;
    if (!log() || document.hidden || !document.hasFocus()) return;
    const bottom = log().getBoundingClientRect().bottom + 4;
    const seen = said().findLast((one) => one.getBoundingClientRect().bottom <= bottom || one.getBoundingClientRect().top < bottom - 120);
    const seq = seqOf(seen);
    if (seq <= told || !say(`read ${seq}`)) return;
    told = seq;
    read = Math.max(read, seq);
    showButton();
    document.dispatchEvent(new CustomEvent("chat:read", { detail: { chat: chatId(), seq } }));
  }, 400);
}

// --- Arriving.

export function announce(name, words) {
  const line = document.createElement("p");
  line.textContent = `${name}: ${words}`;
  find("#announcements").replaceChildren(line);
}

let before = null;
document.addEventListener("live:changing", () => {
  before = null;
  if (following || !log()) return;
  const top = log().getBoundingClientRect().top;
  const anchor = said().find((one) => one.getBoundingClientRect().bottom > top);
  before = anchor && { id: anchor.id, top: anchor.getBoundingClientRect().top };
});

document.addEventListener("live:message", ({ detail: { element, known } }) => {
  arrange();
  const anchor = before && document.getElementById(before.id);
  if (anchor) log().scrollTop += anchor.getBoundingClientRect().top - before.top;
  if (known) return following && toEnd();
  const own = element.dataset.author === viewer;
  element.classList.add("arriving");
  news(element);
  if (following || pendingFor(element)) toEnd();
  const words = find(".message-body", element)?.textContent ?? find(".picture img", element)?.alt ?? "";
  if (!own && element.dataset.face === "said") announce(find(".message-author", element).textContent, words);
  trimFollowing();
  markRead();
});

export const pendingFor = ({ dataset }) => find(`.pending[data-client-id="${CSS.escape(dataset.clientId)}"]`);

function news(element) {
  newest = Math.max(newest, seqOf(element));
  if (element.dataset.author === viewer && element.dataset.face === "said") read = Math.max(read, seqOf(element));
  showButton();
}

document.addEventListener("live:beyond", ({ detail: element }) => {
  news(element);
  if (pendingFor(element)) toEnd();
});

function trimFollowing() {
  if (following && said().length > MOST + 50) {
    trim("older");
    arrange();
    log().scrollTop = log().scrollHeight;
    watch();
  }
}

document.addEventListener("live:placed", ({ detail: element }) => {
  if (!log()) return;
  if (element.id === `readers-${chatId()}`) return arrange();
  if (element.dataset.every === `group-name-${chatId()}`) document.dispatchEvent(new CustomEvent("chat:named", { detail: element.textContent }));
  if (element !== log()) return;
  log().classList.add("settled");
  newest = Number(log().dataset.lastSeq);
  arrange();
  following = true;
  toEnd();
  markRead();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-to-newest]")) return;
  event.preventDefault();
  toEnd();
});

// A quote leads to what it quotes: there if it is here, else by its address.
document.addEventListener("click", (event) => {
  const quote = event.target.closest("a.quote, a[data-jump]");
  const target = quote && document.getElementById(new URL(quote.href).hash.slice(1));
  if (!target || !log()?.contains(target) || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  following = false;
  point(target);
});

function point(target) {
  target.scrollIntoView({ block: "center" });
  target.classList.remove("pointed");
  void target.offsetWidth; // so that pointing again is seen
  target.classList.add("pointed");
}

// --- Typing.

const typists = new Map();
document.addEventListener("live:typing", ({ detail: element }) => {
  if (element.dataset.typing !== log()?.dataset.chatId) return;
  clearTimeout(typists.get(element.dataset.user)?.timer);
  const timer = setTimeout(stopTyping, 5000, element.dataset.user);
  typists.set(element.dataset.user, { words: element.textContent, timer });
  showTyping();
});

function stopTyping(user) {
  clearTimeout(typists.get(user)?.timer);
  if (typists.delete(user)) showTyping();
}

function showTyping() {
  const note = find("[data-typing-note]"), rest = find("[data-chat-note]");
  if (!note) return;
  note.textContent = [...typists.values()].slice(0, 3).map(({ words }) => words).join(" ");
  note.hidden = !typists.size;
  rest.hidden = Boolean(typists.size);
}
document.addEventListener("live:message", ({ detail: { element } }) => stopTyping(element.dataset.author));

// Back to the list as it was left, where one has come from it.
document.addEventListener("click", (event) => {
  if (!event.target.closest(".to-chats") || new URL(document.referrer || location.href).pathname !== "/chats") return;
  event.preventDefault();
  history.back();
});

if (viewer && log()) {
  const place = new URLSearchParams(location.search);
  const pointed = location.hash.startsWith("#message-") && find(location.hash);
  const line = find(".unread-line", log());
  arrange();
  // From now on older messages are shown to be there, and everything keeps its place.
  log().classList.add("settled");
  settled = true;
  newest = Number(log().dataset.lastSeq);
  read = Number(log().dataset.readSeq);
  following = false;
  if (pointed) point(pointed);
  else if (place.has("at")) {
    const first = said().find((one) => seqOf(one) >= Number(place.get("at")));
    if (first) log().scrollTop += first.getBoundingClientRect().top - log().getBoundingClientRect().top - (history.state?.offset ?? 0);
  } else if (place.has("before") && !atEnd()) log().scrollTop = log().scrollHeight;
  else if (line && !atEnd()) line.scrollIntoView({ block: "start" });
  else if (line && log().scrollHeight - line.offsetTop > log().clientHeight) line.scrollIntoView({ block: "start" });
  else toEnd();
  watch();
  height = log().clientHeight;
  showButton();
  new ResizeObserver(resized).observe(find(".log-frame"));
  document.addEventListener("load", ({ target }) => following && log().contains(target) && (log().scrollTop = log().scrollHeight), { capture: true });
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  document.addEventListener("live:open", () => ((told = 0), markRead()));
  addEventListener("focus", markRead);
  document.addEventListener("visibilitychange", markRead);
  markRead();
}
