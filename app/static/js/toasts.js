// Toasts leave by themselves, but not while somebody reads or uses one of them.

const STAY = 6000;
const LEAVE = 200; // as long as .leaving takes to fade
const MOST = 4;

const corner = document.getElementById("toasts");
const timers = new WeakMap();

function leave(toast) {
  if (toast.contains(document.activeElement)) document.getElementById("main")?.focus({ preventScroll: true });
  toast.classList.add("leaving");
  setTimeout(() => toast.remove(), LEAVE);
}

function attend() {
  const busy = corner.matches(":hover, :focus-within");
  const toasts = [...corner.querySelectorAll("[data-toast]:not(.leaving)")];
  for (const toast of toasts) {
    if (busy) {
      clearTimeout(timers.get(toast));
      timers.delete(toast);
    } else if (!timers.has(toast)) {
      timers.set(toast, setTimeout(leave, STAY, toast));
    }
  }
  toasts.slice(0, -MOST).forEach(leave);
}

for (const name of ["pointerenter", "pointerleave", "focusin"]) corner.addEventListener(name, attend);
// The browser moves the focus only after telling that it leaves.
corner.addEventListener("focusout", () => setTimeout(attend));
corner.addEventListener("click", (event) => {
  const toast = event.target.closest("[data-dismiss]")?.closest("[data-toast]");
  if (toast) leave(toast);
});
// Without a connection nothing comes of what somebody asked for.
export const notDone = () => corner.append(document.getElementById("not-done").content.cloneNode(true));
document.addEventListener("htmx:error", ({ detail: { ctx, error } }) => {
  if (error instanceof TypeError && ["click", "submit"].includes(ctx?.sourceEvent?.type)) notDone();
});
new MutationObserver(attend).observe(corner, { childList: true });
attend();
