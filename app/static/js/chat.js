// The open chat: the stretch of it that is here, where it is scrolled to, what arrives, and how far it has been read.
import { announce } from "./announcements.js";
import { arrange } from "./arrangement.js";
import { find, parse } from "./html.js";
import { receive, say } from "./live.js";
import { attend, chatId, log, pendingFor, said, seqOf, viewer } from "./log.js";

const MOST = 300; // messages; those that are farthest are let go and fetched again when somebody comes near
let following = true; // it stays with the newest until somebody scrolls up
let newest = 0, read = 0, height = 0, loading = null, settled = false;
export const follows = () => following;
const attentive = () => !document.hidden && document.hasFocus();
attend(() => Boolean(log()) && following && attentive());

// --- Where it is scrolled to.

const loader = (side) => find(`:scope > .${side}`, log());
const atEnd = () => !loader("newer");
const unreadLine = () => find(".unread-line", log());

// The first message in sight, and how far it reaches above the edge.
function whereabouts() {
  const top = log().getBoundingClientRect().top;
  const first = said().find((one) => one.getBoundingClientRect().bottom > top);
  return { id: first?.id, seq: seqOf(first), offset: first ? first.getBoundingClientRect().top - top : 0 };
}

function scrollBack({ seq, offset }) {
  const first = said().find((one) => seqOf(one) >= seq);
  if (first) log().scrollTop += first.getBoundingClientRect().top - log().getBoundingClientRect().top - offset;
}

// As far down as what is unread allows: the line above it stays in sight until somebody scrolls on.
function scrollDown() {
  const line = unreadLine();
  const most = line ? line.offsetTop - log().offsetTop - 40 : Infinity;
  log().scrollTop = Math.min(log().scrollHeight, most);
  following = atEnd() && log().scrollHeight - log().scrollTop - log().clientHeight < 80;
}

export async function toEnd() {
  if (!atEnd()) return fetchLog("", "end");
  following = true;
  log().scrollTop = log().scrollHeight;
  watch();
  showButton();
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

// The address says where one is, so that coming back, reloading and passing it on lead there.
let remembering = 0;
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    const { seq, offset } = whereabouts();
    const place = following || !seq ? "" : `?at=${seq}`;
    history.replaceState({ ...history.state, offset }, "", `/chats/${chatId()}${place}`);
  }, 250);
}

// --- The stretch of the chat that is here: more comes in at its ends, or another takes its place.

const ask = (query) => fetch(`/chats/${chatId()}/messages${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
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
  const answer = await ask(new URL(element.dataset.load, location).search);
  loading = null;
  if (answer?.status === 404) return; // there is nothing to come back for
  if (!answer?.ok || !element.isConnected) return setTimeout(watch, 3000);
  const content = parse(await answer.text());
  for (const message of content.querySelectorAll(".message")) {
    if (document.getElementById(message.id)) message.remove();
  }
  const side = element.matches(".older") ? "older" : "newer";
  const here = whereabouts();
  const come = [...content.children];
  element.replaceWith(...come);
  for (const one of come) htmx.process(one);
  trim(side === "older" ? "newer" : "older");
  arrange();
  following ? (log().scrollTop = log().scrollHeight) : scrollBack(here);
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

// Another stretch takes the place of this one; where to go in it is told when it has come.
let aim = null, was = null, finding = false;
async function fetchLog(query, to) {
  finding = true;
  const answer = await ask(query);
  const html = answer?.ok && (await answer.text());
  finding = false;
  log().classList.remove("finding");
  if (!html) return;
  aim = to;
  receive(html);
}

document.addEventListener("live:renewing", () => {
  was = { following, ...whereabouts() };
  if (!aim && find(".pending", log())) aim = "end"; // whoever is saying something is there
});

function renewed() {
  log().classList.add("settled");
  newest = Number(log().dataset.lastSeq);
  const to = aim ?? (was.following && read >= newest ? "end" : null);
  aim = null;
  arrange();
  if (to === "end") {
    following = true;
    log().scrollTop = log().scrollHeight;
  } else if (to) {
    to.following ? scrollDown() : scrollBack(to);
    following = atEnd() && log().scrollHeight - log().scrollTop - log().clientHeight < 80;
  } else {
    // Too much was missed while the tab was away. Whoever was at the end goes on with what they have not read.
    log().scrollTop = log().scrollHeight;
    log().classList.add("finding");
    fetchLog(`?at=${was.following ? read + 1 : was.seq}`, was);
  }
  watch();
  showButton();
  markRead();
}

// --- Reading: what has come into view.

let told = 0, stored = 0, marking = 0; // stored: what the server knew when the page came
function markRead() {
  if (marking) return;
  marking = setTimeout(() => {
    marking = 0;
    if (!log() || finding || !attentive()) return;
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

let before = null;
document.addEventListener("live:changing", () => (before = following || !log() ? null : whereabouts()));

document.addEventListener("live:message", ({ detail: { element, known } }) => {
  arrange();
  if (before && document.getElementById(before.id)) scrollBack(before);
  if (known) return following && toEnd();
  const own = element.dataset.author === viewer;
  const sent = pendingFor(element);
  element.classList.add("arriving");
  if (own && element.dataset.face === "said") unreadLine()?.remove();
  if (!own && !attentive()) drawLine(element);
  news(element);
  if (sent) toEnd();
  else if (following) scrollDown();
  showButton();
  const words = find(".message-body", element)?.textContent ?? find(".picture img", element)?.alt ?? "";
  if (!own && element.dataset.face === "said") announce(find(".message-author", element).textContent, words);
  trimFollowing();
  markRead();
});

// What comes while nobody looks begins below a line.
function drawLine(message) {
  const line = unreadLine();
  if (line && seqOf(line.nextElementSibling) > read) return;
  line?.remove();
  message.before(find("template[data-unread-line]").content.cloneNode(true));
}

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
  if (element.id === `readers-${chatId()}`) arrange();
  if (element.dataset.every === `group-name-${chatId()}`) document.dispatchEvent(new CustomEvent("chat:named", { detail: element.textContent }));
  if (element === log()) renewed();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-to-newest]")) return;
  event.preventDefault();
  toEnd();
});

// A quote leads to what it quotes: there if it is here, else by its address.
document.addEventListener("click", (event) => {
  const quote = event.target.closest("a.quote");
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

// Back to the list as it was left, where one has come from it.
document.addEventListener("click", (event) => {
  if (!event.target.closest(".to-chats") || new URL(document.referrer || location.href).pathname !== "/chats") return;
  event.preventDefault();
  history.back();
});

if (viewer && log()) {
  const place = new URLSearchParams(location.search);
  const pointed = location.hash.startsWith("#message-") && find(location.hash);
  arrange();
  // From now on older messages are shown to be there, and everything keeps its place.
  log().classList.add("settled");
  settled = true;
  newest = Number(log().dataset.lastSeq);
  read = Number(log().dataset.readSeq);
  following = false;
  if (pointed) point(pointed);
  else if (place.has("at")) scrollBack({ seq: Number(place.get("at")), offset: history.state?.offset ?? 0 });
  else if (place.has("before") && !atEnd()) log().scrollTop = log().scrollHeight;
  else if (unreadLine()) scrollDown();
  else toEnd();
  watch();
  height = log().clientHeight;
  showButton();
  new ResizeObserver(resized).observe(find(".log-frame"));
  document.addEventListener("load", ({ target }) => following && log().contains(target) && (log().scrollTop = log().scrollHeight), { capture: true });
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  stored = told = "marked" in log().dataset ? 0 : read; // a mark is taken away by opening the chat, and by nothing later
  document.addEventListener("live:open", () => ((told = stored), markRead()));
  addEventListener("focus", markRead);
  document.addEventListener("visibilitychange", markRead);
  markRead();
}
