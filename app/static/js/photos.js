// An album's photos: many are added by choosing, dropping and pasting them, and they keep the order they are put in.
import { tell } from "./announcements.js";
import { deed } from "./deeds.js";
import { colour } from "./pictures.js";
import { again, cancel, upload } from "./uploading.js";

const OFTEN = 5000; // how often it is said aloud how far it has come
const LINGER = 4000;

const find = (selector, root = document) => root.querySelector(selector);
const form = () => find("[data-uploads]");
const grid = () => find("[data-photos]");

// --- Adding them. Each has a row until it is there, and among the others the place it was chosen at.

let chosen = 0, total = 0, added = 0, saidAt = 0, later = 0, leaving = 0;

function add(file) {
  const row = find("[data-upload]", form()).content.firstElementChild.cloneNode(true);
  const part = (name) => find(name, row), number = chosen++;
  const state = (name, words = find("[data-upload-states]").dataset[name]) => {
    row.dataset.state = name;
    part(".upload-note").textContent = words;
    part("[data-retry]").hidden = true;
  };
  const leave = () => (row.remove(), summarise());
  const face = {
    going: (share) => ((part("progress").value = 100 * share), state(share < 1 ? "uploading" : "preparing")),
    kept: (html) => (added++, place(html, number), leave()),
    failed(words, may) {
      state("failed", words);
      part("[data-retry]").hidden = !may;
      summarise();
    },
    dropped: () => (cancel(face), leave()),
  };
  total++;
  part(".upload-name").textContent = file.name;
  part("[data-cancel]").addEventListener("click", () => (total--, face.dropped()));
  part("[data-retry]").addEventListener("click", () => (state("waiting"), again(face)));
  state("waiting");
  find(".uploads", form()).append(row);
  upload(file, form().action, find("[data-upload-words]", form()).dataset, face);
}

function take(files) {
  if (!find(".upload", form())) total = added = 0;
  for (const file of files) add(file);
  summarise();
}

// How far it has come: to be read all the time, and said aloud now and then.
function summarise() {
  const rows = form().querySelectorAll(".upload"), going = [...rows].some((row) => row.dataset.state !== "failed");
  const line = find(".uploads-said", form()), words = line.dataset.words.replace("{count}", added).replace("{total}", total);
  clearTimeout(later);
  clearTimeout(leaving);
  later = setTimeout(() => (tell(words), (saidAt = Date.now())), going ? Math.max(0, saidAt + OFTEN - Date.now()) : 0);
  line.textContent = words;
  const panel = find(".uploads-panel", form());
  panel.hidden = !rows.length && !added;
  if (!rows.length) leaving = setTimeout(() => (panel.hidden = true), LINGER);
}

function place(html, number) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const photo = find("[data-photo]", parsed.content);
  if (!photo || document.getElementById(photo.id)) return; // the same picture is there already
  photo.chosen = number;
  colour(photo);
  const next = [...grid().children].find((one) => one.chosen > number) ?? null;
  grid().insertBefore(photo, next);
  htmx.process(photo);
  if (next) keep(photo, null); // those chosen after it were faster
  grid().dataset.count = Number(grid().dataset.count ?? 0) + 1;
  document.dispatchEvent(new CustomEvent("pictures:added", { detail: grid() }));
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-uploads] [type=file]")) return;
  take([...target.files]);
  target.value = ""; // they travel on their own
});
document.addEventListener("paste", (event) => {
  const { files } = event.clipboardData;
  if (!form() || !files.length || event.target.closest?.("input, textarea")) return;
  event.preventDefault();
  take(files);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (!form() || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (kind !== "dragleave" || !event.relatedTarget) document.body.classList.toggle("dropping-photos", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files);
  });
}

// --- Their order. One move goes after another; when one fails, it and those after it are taken back.

const moves = [];
const photoAt = (one) => (one?.matches("[data-photo]") ? one.dataset.photo : "");

async function keep(photo, home) {
  const before = photoAt(photo.nextElementSibling), after = before ? "" : photoAt(photo.previousElementSibling);
  moves.push({ photo, home, body: new URLSearchParams(before ? { before } : { after }) });
  if (moves.length > 1) return;
  while (moves.length) {
    if (await deed(`/photos/${moves[0].photo.dataset.photo}/place`, moves[0].body)) moves.shift();
    else for (const { photo: moved, home: to } of moves.splice(0).reverse()) back(moved, to);
  }
}

function back(photo, home) {
  if (!photo.isConnected) return;
  photo.parentElement.insertBefore(photo, home?.isConnected ? home : null);
  document.dispatchEvent(new CustomEvent("pictures:added", { detail: photo.parentElement }));
}

document.addEventListener("order:moved", ({ target, detail }) => target.matches("[data-photo]") && keep(target, detail));

// What has been added stands behind those that are loaded later, and comes again with them.
document.addEventListener("htmx:after:swap", () => {
  const seen = new Set();
  for (const one of document.querySelectorAll("[data-photo]")) seen.has(one.id) ? one.remove() : seen.add(one.id);
});
