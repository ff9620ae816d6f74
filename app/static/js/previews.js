// The pictures of a post's form, which go up when they are chosen; the form sends their ids.
import { find, parse } from "./html.js";
import { colour, onDrop } from "./pictures.js";
import { cancel, upload } from "./uploading.js";

function add(field, file) {
  const preview = find(".picture-input template", field).content.firstElementChild.cloneNode(true);
  const local = URL.createObjectURL(file);
  const done = () => (URL.revokeObjectURL(local), busy(field.closest("form")));
  const drop = () => (cancel(face), preview.remove(), done());
  const face = {
    going: (share) => (find("progress", preview).value = 100 * share),
    kept(html) {
      const kept = parse(html);
      colour(kept);
      preview.replaceWith(kept);
      done();
      document.dispatchEvent(new CustomEvent("pictures:added", { detail: find(".previews", field) }));
    },
    failed: (words) => (drop(), say(find(".picture-input .field-error", field), words)),
    dropped: drop,
  };
  find("img", preview).src = local;
  find("[data-cancel]", preview).addEventListener("click", drop);
  find(".previews", field).append(preview);
  upload(file, field.dataset.pictures, find("[data-upload-words]", field).dataset, face);
}

function say(note, words) {
  note.textContent = note.hidden ? words : `${note.textContent} ${words}`;
  note.hidden = false;
}

function busy(form) {
  const uploading = form.querySelector(".uploading");
  for (const button of form.querySelectorAll("[data-publish]")) button.disabled = Boolean(uploading);
}

function take(files, field) {
  const note = find(".picture-input .field-error", field);
  const room = Math.max(0, 10 - field.querySelectorAll(".preview:not(:has([name=remove_images]:checked))").length);
  note.hidden = true;
  for (const file of [...files].slice(0, room)) add(field, file);
  if (files.length > room) say(note, find("[data-full]", field).content.textContent);
  busy(field.closest("form"));
}

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-pictures]");
  if (field && event.target.type === "file") {
    take(event.target.files, field);
    event.target.value = ""; // they travel on their own
  }
});
document.addEventListener("paste", (event) => {
  const field = event.target.closest?.("form")?.querySelector("[data-pictures]");
  if (field && event.clipboardData.files.length) take(event.clipboardData.files, field);
});
onDrop((target) => target.closest?.(".post-form")?.querySelector("[data-pictures]"), take);
