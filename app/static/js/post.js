// Posts: which have been seen, long ones, the form that opens over the feed, rows for more links.
import { parse } from "./html.js";
import { overlay } from "./overlays.js";

const DWELL = 1000, BATCH = 40;
const seen = new Set(), waiting = new Map();
let report = [];

// A post counts as seen when half of it, or half of the window, has been before somebody's eyes for a second.
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting, intersectionRatio, intersectionRect } of entries) {
    clearTimeout(waiting.get(target));
    if (isIntersecting && (intersectionRatio >= 0.5 || intersectionRect.height > innerHeight / 2)) {
      waiting.set(target, setTimeout(() => see(target), DWELL));
    }
  }
}, { threshold: [0, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1] });

function see(post) {
  watcher.unobserve(post);
  if (document.hidden) return watcher.observe(post); // it will be asked about again when the tab is looked at
  report.push(post.id.slice("post-".length));
  if (report.length >= BATCH) send();
}

function send() {
  if (!report.length) return;
  const ids = report;
  report = [];
  const form = new URLSearchParams(ids.map((id) => ["post_ids", id]));
  fetch("/posts/views", { method: "POST", body: form, headers: { "HX-Request": "true" }, keepalive: true })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((html) => {
      for (const part of parse(html).querySelectorAll("hx-partial")) {
        const count = part.firstElementChild;
        document.getElementById(count?.id)?.replaceWith(count);
      }
    })
    .catch(() => (report = [...ids, ...report]));
}

function watch() {
  for (const post of document.querySelectorAll(".post")) {
    if (seen.has(post.id)) continue;
    seen.add(post.id);
    watcher.observe(post);
  }
}

if (document.body.dataset.viewer) {
  watch();
  setInterval(send, 2000);
  addEventListener("pagehide", send);
}

function links(root) {
  for (const row of root.querySelectorAll("[data-links]")) {
    const inputs = [...row.querySelectorAll("[name=links]")];
    const spare = inputs.filter((input) => !input.value);
    for (const input of spare.slice(1)) input.closest(".link-row").remove();
  }
}
links(document);
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-links] [name=links]")) return;
  const rows = event.target.closest("[data-links]");
  const inputs = [...rows.querySelectorAll("[name=links]")];
  if (inputs.every((input) => input.value) && inputs.length < 10) {
    const row = event.target.closest(".link-row").cloneNode(true);
    row.querySelector(".field-error")?.remove();
    const input = row.querySelector("input");
    input.value = "";
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    input.ariaLabel = input.ariaLabel.replace(/\d+/, inputs.length + 1);
    inputs.at(-1).closest(".link-row").after(row);
  }
});

// A long post unfolds where it stands; without a script it is read on its own page.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-read-on]");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const body = link.parentElement.previousElementSibling;
  link.parentElement.remove();
  body.tabIndex = -1;
  body.focus({ preventScroll: true });
});

// Closing the form over the feed loses nothing: going on opens it as it was left.
document.addEventListener("submit", (event) => {
  const begun = document.querySelector("#post-dialog #post-form");
  if (!begun || !event.target.matches(".composer-card > form")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  begun.elements.body.value ||= event.target.elements.body.value;
  overlay(document.getElementById("post-dialog"));
}, true);

document.addEventListener("htmx:after:swap", () => {
  watch();
  links(document);
  const form = document.querySelector("#post-form:not([data-shown])");
  if (!form) return;
  form.dataset.shown = "";
  const dialog = form.closest("dialog");
  if (dialog && !dialog.open) {
    overlay(dialog);
    form.elements.title.focus();
  }
  form.querySelector("[aria-invalid=true]")?.focus();
});
