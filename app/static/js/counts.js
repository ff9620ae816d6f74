// How much is unread: of a chat in its row, of all in the header and in the title.
import { announce, log, reading } from "./chat.js";

const viewer = document.body.dataset.viewer;
const find = (selector, root = document) => root.querySelector(selector);
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

// A preview comes with every message, to those who look at the chat too; its row may not be on this page. One that
// comes again, or has been changed, is no news.
function previewed(preview) {
  const { chat, seq, author, face } = preview.dataset;
  if (!("new" in preview.dataset)) return;
  const row = document.getElementById(`chat-${chat}`);
  const open = log()?.dataset.chatId === chat;
  const own = author === viewer;
  const seen = own || (open && reading());
  if (row) {
    find("[data-inbox]")?.prepend(row);
    const pill = document.getElementById(`chat-unread-${chat}`);
    if (seen) pill.dataset.readSeq = seq;
    setCount(pill, Math.max(0, seq - pill.dataset.readSeq));
    row.classList.toggle("unread", !pill.hidden);
    const note = find(".row-note", row);
    const words = (find(".others-only", note)?.textContent ?? "") + note.lastChild.textContent;
    if (!own && !open && face === "said") announce(find(".row-name", row).textContent, words);
  }
  const badge = find("#badge-chats");
  if (badge && !seen) setCount(badge, Number(badge.dataset.count) + 1);
}

document.addEventListener("live:placed", ({ detail: element }) => {
  if (element.matches(".row-preview")) previewed(element);
  if (element.matches(".pill")) element.closest(".chat-row")?.classList.toggle("unread", !element.hidden);
  entitle();
});
entitle();
