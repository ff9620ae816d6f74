// Who writes in the open chat just now.
import { find } from "./html.js";
import { log } from "./log.js";

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
