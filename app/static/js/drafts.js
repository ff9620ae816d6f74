// Drafts: what is written and not sent stays in this browser, and is shown in the list of chats.
import { find } from "./html.js";
import { composer, log, viewer } from "./log.js";

// What is written and what it answers is kept for each chat, in this browser.
export function keep(what, words, chat = composer().dataset.composer) {
  try {
    words ? localStorage.setItem(`${what}-${viewer}-${chat}`, words) : localStorage.removeItem(`${what}-${viewer}-${chat}`);
  } catch { /* private windows may have no storage */ }
}

export function kept(what, chat = composer().dataset.composer) {
  try {
    return localStorage.getItem(`${what}-${viewer}-${chat}`) ?? "";
  } catch {
    return "";
  }
}

export function showDrafts() {
  for (const row of document.querySelectorAll(".chat-row")) {
    const chat = row.id.slice(5);
    const words = chat === log()?.dataset.chatId ? "" : kept("draft", chat);
    find(".row-draft", row)?.remove();
    if (words) {
      const line = document.createElement("span");
      line.className = "row-note row-draft";
      const label = line.appendChild(document.createElement("b"));
      label.textContent = `${document.body.dataset.draft} `;
      line.append(words.slice(0, 120));
      find(".row-text", row).append(line);
    }
  }
}

document.addEventListener("live:placed", ({ detail }) => detail.matches(".chat-row, .row-preview") && showDrafts());
addEventListener("storage", showDrafts);
document.addEventListener("htmx:after:swap", showDrafts);
if (viewer) showDrafts();
