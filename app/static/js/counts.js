// How much is unread: of a chat in its row, of all in the header and in the title.
import { announce } from "./announcements.js";
import { find, parse } from "./html.js";
import { placeRow } from "./live.js";
import { log, reading, viewer } from "./log.js";
import { localise } from "./times.js";

const badge = () => find("#badge-chats");
const pill = (chat) => document.getElementById(`chat-unread-${chat}`);
const muted = (chat) => (badge()?.dataset.muted ?? "").split(" ").includes(chat);
let title = document.title;

function setCount(element, count) {
  element.hidden = !count;
  element.dataset.count = count;
  find("[aria-hidden]", element).textContent = count < 100 ? count || "" : "99+";
  find(".unseen", element).textContent = find(".unseen", badge()).textContent.replace(/\d+/, count);
}

function entitle() {
  const count = Number(badge()?.dataset.count ?? 0);
  const back = find(".to-chats .badge"); // on a phone an open chat hides the header
  if (back) [back.hidden, back.textContent] = [!count, count < 100 ? count : "99+"];
  document.title = count ? `(${count}) ${title}` : title;
}

function change(chat, difference) {
  if (!muted(chat) && badge()) setCount(badge(), Math.max(0, Number(badge().dataset.count) + difference));
}

// What is unread in a chat once its reader has come to a place.
function count(chat, readSeq) {
  const row = pill(chat);
  if (!row) return;
  const was = row.hidden ? 0 : Number(row.dataset.count) || 1; // or marked to come back to
  row.dataset.readSeq = Math.max(readSeq, Number(row.dataset.readSeq));
  const last = Number(document.getElementById(`chat-preview-${chat}`)?.dataset.seq ?? 0);
  const is = Math.max(0, last - row.dataset.readSeq);
  if (is === 0) find(".pill-named", row)?.remove();
  setCount(row, is);
  row.closest(".chat-row")?.classList.toggle("unread", is > 0);
  return is - was;
}

// A preview comes with every message, to those who look at the chat too; its row may not be on this page. One that
// comes again, or has been changed, is no news, nor is what the rows have told that come with a connection.
const known = new Map();
async function previewed(preview) {
  const { chat, author, face, mentions = "" } = preview.dataset;
  const seq = Number(preview.dataset.seq);
  if (!("new" in preview.dataset) || seq <= (known.get(chat) ?? 0)) return;
  known.set(chat, seq);
  const row = document.getElementById(`chat-${chat}`);
  const open = log()?.dataset.chatId === chat;
  const own = author === viewer;
  // One's own words are read, and so is what one did where everything else was.
  const passed = own && (face === "said" || !row || Number(pill(chat).dataset.readSeq) === seq - 1);
  const seen = passed || (open && reading());
  change(chat, row ? count(chat, seen ? seq : 0) : Number(!seen));
  if (!row) return fetchRow(chat);
  row.dataset.at = preview.dataset.at;
  placeRow(row, row);
  if (!seen && mentions.split(" ").includes(viewer)) name(pill(chat));
  const note = find(".row-note", row);
  const words = (find(".others-only", note)?.textContent ?? "") + note.lastChild.textContent;
  if (!own && !open && face === "said" && !muted(chat)) announce(find(".row-name > :first-child", row).textContent, words);
}

function name(pill) {
  if (find(".pill-named", pill)) return;
  const mark = document.createElement("span");
  mark.className = "pill-named";
  mark.textContent = "@";
  pill.prepend(mark);
}

// A chat that was further down, or put away, comes up with its new message.
async function fetchRow(chat) {
  if (!find("[data-inbox]")) return;
  const answer = await fetch(`/chats/${chat}/row`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  const row = find(".chat-row", parse(await answer.text()));
  if (!row || document.getElementById(row.id)) return; // it has been pushed meanwhile
  localise(row);
  placeRow(row);
}

document.addEventListener("live:placed", ({ detail: element }) => {
  if (element.matches(".row-preview")) previewed(element);
  if (element.matches(".chat-row")) known.set(element.id.slice(5), Number(find(".row-preview", element).dataset.seq ?? 0));
  if (element.matches(".pill")) element.closest(".chat-row")?.classList.toggle("unread", !element.hidden);
  entitle();
});

document.addEventListener("chat:read", ({ detail: { chat, seq } }) => {
  const difference = count(chat, seq);
  if (difference) change(chat, difference);
  entitle();
});

document.addEventListener("chat:named", ({ detail: name }) => {
  title = title.replace(/^.*(?= · )/, name);
  entitle();
});
entitle();
