// What can be done with a post: its address is shared, and who likes it is told over the page.
import { overlay } from "./overlays.js";

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-share]");
  const phone = navigator.share && matchMedia("(pointer: coarse)").matches;
  // Browsers let pages copy only where the connection is safe; elsewhere the link leads to the post's own page.
  if (!link || event.metaKey || event.ctrlKey || !(phone || navigator.clipboard)) return;
  event.preventDefault();
  const menu = link.closest("details");
  menu.open = false;
  menu.querySelector("summary").focus();
  if (phone) return navigator.share({ title: link.dataset.share, url: link.href }).catch(() => {}); // thought better of it
  const copied = await navigator.clipboard.writeText(link.href).then(() => true, () => false);
  if (!copied) return location.assign(link.href);
  document.getElementById("toasts").append(document.getElementById("link-copied").content.cloneNode(true));
});

document.addEventListener("htmx:after:swap", () => {
  const fresh = document.querySelector("#likes-dialog #likers:not([data-shown])");
  if (!fresh) return;
  fresh.dataset.shown = "";
  const dialog = document.getElementById("likes-dialog");
  if (!dialog.open) overlay(dialog);
});
