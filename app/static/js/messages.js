// What can be done with a message: its menu, reactions, copying.
import { log, mine } from "./chat.js";
import { answer, edit } from "./composer.js";
import { deed } from "./deeds.js";

const dialog = document.getElementById("message-menu");
let message = null;

async function open(wanted) {
  message = wanted;
  const headers = { "HX-Request": "true" };
  const reply = await fetch(`/messages/${message.id.slice(8)}/menu`, { headers }).catch(() => null);
  if (!reply?.ok || dialog.open) return;
  dialog.innerHTML = await reply.text();
  for (const button of dialog.querySelectorAll("[data-users]")) button.ariaPressed = String(mine(button));
  dialog.showModal();
  beside(message.querySelector(".bubble"));
}

// Next to what it is about, and within the window; on a phone the style sheet puts it at the bottom.
function beside(bubble) {
  const place = bubble.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const left = Math.min(Math.max(8, place.left), innerWidth - width - 8);
  const below = place.bottom + 4 + height <= innerHeight;
  dialog.style.setProperty("--left", `${left}px`);
  dialog.style.setProperty("--top", `${below ? place.bottom + 4 : Math.max(8, Math.min(place.top - height - 4, innerHeight - height - 8))}px`);
}

document.addEventListener("click", (event) => {
  if (!dialog) return;
  const more = event.target.closest(".message-more");
  if (more && log()?.contains(more) && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    return open(more.closest(".message"));
  }
  if (event.target === dialog) return dialog.close();
  const item = event.target.closest("#message-menu [data-reply], #message-menu [data-edit-message], #message-menu [data-copy]");
  if (!item) return;
  event.preventDefault();
  dialog.close();
  if (item.matches("[data-reply]")) answer(message);
  else if (item.matches("[data-edit-message]")) edit(message);
  else navigator.clipboard?.writeText(message.querySelector(".message-body").textContent);
});

// A reaction of one's own is taken away, any other made: both are said plainly.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!dialog || !form.matches("[data-reactions], [data-deed]")) return;
  event.preventDefault();
  const { submitter } = event;
  const own = form.matches("[data-reactions]") && mine(submitter);
  if (dialog.open) dialog.close();
  deed(own ? `${form.action}/delete` : form.action, new URLSearchParams(submitter?.name ? { [submitter.name]: submitter.value } : {}));
});

// Holding a finger on a message opens its menu too; so does the menu key of a keyboard.
let held = 0;
const release = () => clearTimeout(held);
document.addEventListener("pointerdown", (event) => {
  const wanted = event.target.closest?.(".log .message:not(.pending)");
  if (!dialog || event.pointerType !== "touch" || !wanted?.querySelector(".message-more")) return;
  release();
  held = setTimeout(open, 500, wanted);
});
for (const kind of ["pointerup", "pointercancel", "pointermove", "scroll"]) document.addEventListener(kind, release, { capture: true, passive: true });
document.addEventListener("keydown", (event) => {
  const wanted = event.target.matches?.(".log .message[id]") && event.target;
  if (!dialog || !wanted?.querySelector?.(".message-more") || !(event.key === "Enter" || event.key === "ContextMenu")) return;
  event.preventDefault();
  open(wanted);
});
dialog?.addEventListener("close", () => message?.isConnected && message.tabIndex === -1 && log()?.contains(document.activeElement) && message.focus({ preventScroll: true }));
