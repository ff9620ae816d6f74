// What can be done with a message: its menu, reactions, copying.
import { log, mine } from "./log.js";
import { answer, edit } from "./composer.js";
import { deed } from "./deeds.js";
import { overlay } from "./overlays.js";

const dialog = document.getElementById("message-menu");
let message = null; // the id of the one whose menu it is: what stands under it may be replaced meanwhile
const present = () => document.getElementById(message);

async function open({ id }) {
  message = id;
  const headers = { "HX-Request": "true" };
  const reply = await fetch(`/messages/${id.slice(8)}/menu`, { headers }).catch(() => null);
  const html = reply?.ok && (await reply.text());
  if (!html || dialog.open || message !== id || !present()) return;
  dialog.innerHTML = html;
  for (const button of dialog.querySelectorAll("[data-users]")) button.ariaPressed = String(mine(button));
  const menu = dialog.firstElementChild;
  [menu.tabIndex, menu.autofocus] = [-1, true]; // the sheet itself, rather than its first button
  overlay(dialog);
  beside(present().querySelector(".bubble"));
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
  if (!present()) return;
  if (item.matches("[data-reply]")) answer(present());
  else if (item.matches("[data-edit-message]")) edit(present());
  else copy(present().querySelector(".message-body").textContent);
});

async function copy(words) {
  if (navigator.clipboard) await navigator.clipboard.writeText(words);
  else {
    // Where the page came without encryption there is no clipboard to write to, but what is selected can be copied.
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = words;
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  document.getElementById("toasts").append(dialog.querySelector("[data-copied]").content.cloneNode(true));
}

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

// Holding a finger on a message opens its menu too, and so do the other button of a mouse and a keyboard's menu key.
let held = 0, opened = false, touch = false, from = null;
const release = () => clearTimeout(held);
const withMenu = (target) => {
  const wanted = target.closest?.(".log .message[id]");
  return dialog && wanted?.querySelector(".message-more") ? wanted : null;
};

document.addEventListener("pointerdown", (event) => {
  opened = false;
  touch = event.pointerType === "touch";
  const wanted = withMenu(event.target);
  if (!touch || !wanted) return;
  release();
  from = event;
  held = setTimeout(() => {
    opened = true;
    open(wanted);
  }, 500);
});
for (const kind of ["pointerup", "pointercancel", "scroll"]) document.addEventListener(kind, release, { capture: true, passive: true });
document.addEventListener("pointermove", ({ clientX, clientY }) => {
  if (from && Math.hypot(clientX - from.clientX, clientY - from.clientY) > 10) release();
}, { passive: true });
// The finger that opened it lifts above it, and has not chosen anything yet.
document.addEventListener("click", (event) => {
  if (!opened) return;
  opened = false;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
document.addEventListener("contextmenu", (event) => {
  const wanted = withMenu(event.target);
  if (!wanted || (!touch && (event.target.closest("a, img") || !getSelection().isCollapsed))) return;
  event.preventDefault();
  if (!touch) open(wanted);
});
document.addEventListener("dblclick", ({ target }) => {
  const wanted = target.closest("a, button, .bubble") ? null : withMenu(target);
  if (wanted && wanted.dataset.face === "said" && document.querySelector("[data-composer]")) answer(wanted);
});
document.addEventListener("keydown", (event) => {
  if (dialog?.open) return step(event);
  const wanted = event.target.matches?.(".message") && withMenu(event.target);
  if (!wanted || !(event.key === "Enter" || event.key === "ContextMenu")) return;
  event.preventDefault();
  open(wanted);
});

function step(event) {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way) return;
  const all = [...dialog.querySelectorAll("a, button, summary")].filter((one) => one.checkVisibility());
  const here = all.indexOf(document.activeElement);
  event.preventDefault();
  all[(here + way + all.length) % all.length]?.focus();
}
dialog?.addEventListener("close", () => log()?.contains(document.activeElement) && present()?.focus({ preventScroll: true }));
// What can no longer be done is not offered.
document.addEventListener("live:placed", ({ detail }) => detail.matches(".composer-place") && dialog?.close());
