// The log of the open chat: what arrives in it, its days, where it is scrolled to, and how far it has been read.
import { dayOf, localise } from "./times.js";

const viewer = document.body.dataset.viewer;
const find = (selector, root = document) => root.querySelector(selector);
export const log = () => find("[data-chat-id]");
const said = () => [...log().querySelectorAll(".message[data-seq]")];

// --- Where it is scrolled to.

export let following = true; // it stays with the newest until somebody scrolls up
let behind = 0, height = 0;

export function toEnd() {
  following = true;
  log().scrollTop = log().scrollHeight;
  log().classList.add("settled"); // until then what is older is hidden: seen from its start, the log would load it
  unseen(0);
}

function unseen(count) {
  behind = count;
  const badge = find("[data-to-newest] .badge");
  badge.textContent = count;
  badge.hidden = !count;
}

function scrolled({ target }) {
  if (target !== log() || target.clientHeight !== height) return; // a change of size is not somebody's scrolling
  following = target.scrollHeight - target.scrollTop - target.clientHeight < 80;
  find("[data-to-newest]").hidden = following;
  if (following) {
    unseen(0);
    markRead();
  }
}

function resized() {
  height = log().clientHeight;
  if (following) toEnd();
}

// Older messages come in above without moving what is being read.
let fromEnd = 0;
document.addEventListener("htmx:before:swap", () => log() && (fromEnd = log().scrollHeight - log().scrollTop));
document.addEventListener("htmx:after:swap", () => {
  if (!log()) return;
  arrange();
  log().scrollTop = log().scrollHeight - fromEnd;
});

// --- How it is arranged: days in the device's zone, one face for what somebody says in a row, large lone emoji.

function arrange() {
  for (const chip of log().querySelectorAll(".day-chip")) chip.remove();
  let last = null;
  for (const message of said()) {
    const time = find("time", message);
    const sameDay = last && dayOf(new Date(find("time", last).dateTime)) === dayOf(new Date(time.dateTime));
    const same = sameDay && last.dataset.author === message.dataset.author;
    const together = same && ![last, message].some((one) => one.dataset.face === "system");
    last?.classList.toggle("goes-on", together);
    message.classList.toggle("follows", together);
    if (!sameDay) {
      const chip = document.createElement("p");
      chip.className = "day-chip";
      const written = chip.appendChild(document.createElement("time"));
      written.dateTime = time.dateTime;
      written.dataset.style = "day";
      message.before(chip);
    }
    const body = find(".message-body", message)?.textContent ?? "";
    message.classList.toggle("jumbo", /^(\p{Extended_Pictographic}|\p{Emoji_Component}|\u200d){1,12}$/u.test(body) && !/^[\d#*]+$/.test(body));
    last = message;
  }
  localise(log());
}

// --- Reading.

let read = 0, marking = 0;
const newest = () => Number(said().at(-1)?.dataset.seq ?? 0);
export const reading = () => Boolean(log()) && following && !document.hidden && document.hasFocus();

function markRead() {
  clearTimeout(marking);
  marking = setTimeout(() => {
    if (!reading() || newest() <= read) return;
    read = newest();
    const body = new URLSearchParams({ seq: read });
    const headers = { "HX-Request": "true" };
    fetch(`/chats/${log().dataset.chatId}/read`, { method: "POST", body, headers, keepalive: true }).catch(() => (read = 0));
  }, 300);
}

// --- Arriving.

export function announce(name, words) {
  const line = document.createElement("p");
  line.textContent = `${name}: ${words}`;
  find("#announcements").replaceChildren(line);
}

document.addEventListener("live:message", ({ detail: { element, known } }) => {
  arrange();
  if (known) return;
  const own = element.dataset.author === viewer;
  element.classList.add("arriving");
  if (own || following) toEnd();
  else unseen(behind + 1);
  const words = find(".message-body", element)?.textContent ?? find(".picture img", element)?.alt ?? "";
  if (!own && element.dataset.face === "said") announce(find(".message-author", element).textContent, words);
  markRead();
});

document.addEventListener("live:placed", ({ detail: element }) => {
  if (element !== log()) return;
  arrange();
  toEnd();
  markRead();
});

document.addEventListener("click", (event) => event.target.closest("[data-to-newest]") && toEnd());

if (viewer && log()) {
  const older = new URLSearchParams(location.search).has("before");
  arrange();
  if (older || location.hash) {
    following = false;
    log().classList.add("settled");
  } else toEnd();
  if (!older) read = newest(); // opening a chat is reading it
  new ResizeObserver(resized).observe(find(".log-frame"));
  document.addEventListener("load", ({ target }) => following && log().contains(target) && toEnd(), { capture: true });
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  addEventListener("focus", markRead);
  document.addEventListener("visibilitychange", markRead);
}
