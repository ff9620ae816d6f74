// Pictures: their colour until they have come, the lightbox, and uploads that begin when a file is chosen.
import { overlay } from "./overlays.js";

const find = (selector, root = document) => root.querySelector(selector);

function colour(root) {
  for (const image of root.querySelectorAll("img[data-colour]")) image.style.backgroundColor = image.dataset.colour;
}
colour(document);
document.addEventListener("htmx:after:swap", () => colour(document));
document.addEventListener("live:message", (event) => colour(event.detail.element));

// --- The lightbox.

const lightbox = find("#lightbox");
let shown = [], place = 0, opener = null;

function show(to) {
  place = (to + shown.length) % shown.length;
  const image = find(".lightbox-picture", lightbox);
  const small = find("img", shown[place]);
  image.src = shown[place].href;
  image.alt = small.alt;
  find(".lightbox-count", lightbox).textContent = shown.length > 1 ? `${place + 1} / ${shown.length}` : "";
  const post = shown[place].closest("[data-from]")?.dataset.from;
  const link = find(".lightbox-from", lightbox);
  [link.hidden, link.href] = [!post, post ?? "/"];
  for (const button of lightbox.querySelectorAll("[data-step]")) button.hidden = shown.length < 2;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-lightbox]");
  if (link && !event.metaKey && !event.ctrlKey && lightbox) {
    event.preventDefault();
    opener = link;
    shown = [...(link.closest(".gallery") ?? link.parentElement).querySelectorAll("a[data-lightbox]")];
    show(shown.indexOf(link));
    overlay(lightbox);
  }
  const step = event.target.closest("[data-step]");
  if (step) show(place + Number(step.dataset.step));
  if (event.target === lightbox) lightbox.close();
});
lightbox?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight") show(place + 1);
  if (event.key === "ArrowLeft") show(place - 1);
});
lightbox?.addEventListener("close", () => opener?.focus());
let from = null;
lightbox?.addEventListener("pointerdown", (event) => (from = event.clientX));
lightbox?.addEventListener("pointerup", (event) => {
  const moved = event.clientX - (from ?? event.clientX);
  from = null;
  if (Math.abs(moved) > 50 && shown.length > 1) show(place - Math.sign(moved));
});

// --- Uploads.

function upload(field, file) {
  const shelf = find(".previews", field);
  const preview = find(".picture-input template", field).content.firstElementChild.cloneNode(true);
  const note = find(".picture-input .field-error", field);
  const form = new FormData();
  const request = new XMLHttpRequest();
  const local = URL.createObjectURL(file);
  find("img", preview).src = local;
  form.append("images", file, file.name);
  shelf.append(preview);
  request.open("POST", field.dataset.pictures);
  request.setRequestHeader("HX-Request", "true");
  request.upload.onprogress = (event) => (find("progress", preview).value = (100 * event.loaded) / event.total);
  const fail = (words) => (preview.remove(), say(note, words));
  request.onload = () => {
    if (request.status === 200) {
      const parsed = document.createElement("template");
      parsed.innerHTML = request.responseText;
      colour(parsed.content);
      preview.replaceWith(parsed.content);
      document.dispatchEvent(new CustomEvent("pictures:added", { detail: shelf }));
    } else fail(sentence(request.responseText) ?? find("[data-failed]", field).content.textContent);
    done();
  };
  request.onerror = () => (fail(find("[data-failed]", field).content.textContent), done());
  const done = () => {
    URL.revokeObjectURL(local);
    busy(field.closest("form"));
  };
  find("[data-cancel]", preview).addEventListener("click", () => (request.abort(), preview.remove(), done()));
  request.send(form);
}

function say(note, words) {
  note.textContent = note.hidden ? words : `${note.textContent} ${words}`;
  note.hidden = false;
}

function sentence(html) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const inner = parsed.content.querySelector("hx-partial, template")?.content ?? parsed.content;
  return inner.querySelector("p")?.textContent ?? null;
}

function busy(form) {
  const uploading = form.querySelector(".uploading");
  for (const button of form.querySelectorAll("[data-publish]")) button.disabled = Boolean(uploading);
}

function take(field, files) {
  const note = find(".picture-input .field-error", field);
  const room = Math.max(0, 10 - field.querySelectorAll(".preview:not(:has([name=remove_images]:checked))").length);
  note.hidden = true;
  for (const file of [...files].slice(0, room)) upload(field, file);
  if (files.length > room) say(note, find("[data-full]", field).content.textContent);
  busy(field.closest("form"));
}

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-pictures]");
  if (field && event.target.type === "file") {
    take(field, event.target.files);
    event.target.value = ""; // they travel on their own; the form sends their ids
  }
});
document.addEventListener("paste", (event) => {
  const field = event.target.closest?.("form")?.querySelector("[data-pictures]");
  if (field && event.clipboardData.files.length) take(field, event.clipboardData.files);
});
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    const field = event.target.closest?.(".post-form")?.querySelector("[data-pictures]");
    if (!field) return;
    event.preventDefault();
    field.classList.toggle("dropping", kind === "dragover");
    if (kind === "drop") take(field, event.dataTransfer.files);
  });
}
document.addEventListener("dragleave", (event) => event.target.closest?.(".post-form")?.querySelector(".dropping")?.classList.remove("dropping"));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove-preview]");
  if (!button) return;
  button.closest(".preview").remove();
  fetch(button.dataset.removePreview, { method: "POST", headers: { "HX-Request": "true" } }).catch(() => {});
});
