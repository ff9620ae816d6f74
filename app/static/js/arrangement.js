// How the log is arranged: days in the device's zone, one face for what somebody says in a row, large lone emoji, and
// what others have read.
import { find } from "./html.js";
import { chatId, log, mine, said, seqOf, viewer } from "./log.js";
import { dayOf, localise } from "./times.js";

export function arrange() {
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
