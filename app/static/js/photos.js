// An album's photos: many are added by choosing, dropping and pasting them, and they keep the order they are put in.
import { tell } from "./announcements.js";
import { deed } from "./deeds.js";
import { find, parse } from "./html.js";
import { colour, onDrop } from "./pictures.js";
import { again, cancel, upload } from "./uploading.js";

const OFTEN = 5000; // how often it is said aloud how far it has come
const LINGER = 4000; // and how long that stands there in the end

const form = () => find("main [data-uploads]");

// The list of what goes up stays while other pages are opened in the place of this one.
function panel() {
  const present = find("body > .uploads-panel");
  return present ?? document.body.appendChild(find(".uploads-panel", form()));
}

// --- Adding them. Each has a row until it is there, and among the others the place it was chosen at.

const numbers = new Map(); // of photos, by their ids
let chosen = 0, total = 0, added = 0, saidAt = 0, later = 0, leaving = 0;

function add(file, { action, dataset }) {
  const row = find("[data-upload]", panel()).content.firstElementChild.cloneNode(true);
  const part = (name) => find(name, row), number = chosen++;
  const state = (name, words = find("[data-upload-states]", panel()).dataset[name]) => {
    row.dataset.state = name;
    part(".upload-note").textContent = words;
    part("[data-retry]").hidden = true;
  };
  const leave = () => (row.remove(), summarise());
  const face = {
    going: (share) => ((part("progress").value = 100 * share), state(share < 1 ? "uploading" : "preparing")),
    kept: (html) => (added++, place(html, number, document.getElementById(dataset.uploads)), leave()),
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
  find(".uploads", panel()).append(row);
  upload(file, action, find("[data-upload-words]", panel()).dataset, face);
}

function take(files) {
  if (!find(".upload", panel())) total = added = 0;
  for (const file of files) add(file, form());
  summarise();
}

// How far it has come: to be read all the time, and said aloud now and then.
function summarise() {
  const rows = [...panel().querySelectorAll(".upload")], line = find(".uploads-said", panel());
  const words = line.dataset.words.replace("{count}", added).replace("{total}", total);
  const wait = rows.some((row) => row.dataset.state !== "failed") ? Math.max(0, saidAt + OFTEN - Date.now()) : 0;
  for (const timer of [later, leaving]) clearTimeout(timer);
  line.textContent = words;
  if (total) later = setTimeout(() => (tell(words), (saidAt = Date.now())), wait);
  panel().hidden = !rows.length && !added;
  if (!rows.length) leaving = setTimeout(() => (panel().hidden = true), LINGER);
}

// Whichever is ready first is the first for the server: the later a photo came there, the higher is its number. Those
// that overtook one another are put back, beside what was chosen next to them.
function place(html, number, grid) {
  const sent = find("[data-photo]", parse(html)), present = document.getElementById(sent?.id);
  if (!sent || !grid || (present && numbers.has(sent.id))) return; // the same picture twice is there once
  const photo = present ?? sent, came = (one) => Number(one.dataset.photo);
  const others = [...numbers].map(([id, place]) => ({ place, one: document.getElementById(id) })).filter(({ one }) => one);
  others.sort((one, other) => one.place - other.place);
  const next = others.find((other) => other.place > number)?.one, last = others.findLast((other) => other.place < number)?.one;
  const overtaken = others.some((other) => other.place > number !== came(other.one) > came(photo));
  numbers.set(photo.id, number);
  if (next) next.before(photo);
  else if (!present) grid.append(photo);
  else if (overtaken) last.after(photo);
  if (!present) {
    colour(photo);
    htmx.process(photo);
  }
  if (overtaken) keep(photo, null, next ? { before: next.dataset.photo } : { after: last.dataset.photo });
  document.dispatchEvent(new CustomEvent("pictures:added", { detail: grid }));
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-uploads] [type=file]")) return;
  take(target.files);
  target.value = ""; // they travel on their own
});
document.addEventListener("paste", (event) => {
  const { files } = event.clipboardData;
  if (!form() || !files.length || event.target.closest?.("input, textarea")) return;
  event.preventDefault();
  take(files);
});
onDrop(() => form() && document.body, take, "dropping-photos");
document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-cancel-all]")) return;
  for (const button of [...panel().querySelectorAll("[data-cancel]")].reverse()) button.click();
  panel().hidden = true;
});

// --- Their order. One move goes after another; when one fails, it and those after it are taken back.

const moves = [], LATE = 1000; // within which what is told of them has come
let settling = 0;
const photoAt = (one) => (one?.matches("[data-photo]") ? one.dataset.photo : "");

async function keep(photo, home, beside) {
  const shelf = photo.parentElement;
  moves.push({ photo, home, body: new URLSearchParams(beside) });
  if (moves.length > 1) return;
  clearTimeout(settling);
  shelf.dataset.moving = "";
  while (moves.length) {
    if (await deed(`/photos/${moves[0].photo.dataset.photo}/place`, moves[0].body)) moves.shift();
    else for (const { photo: moved, home: to } of moves.splice(0).reverse()) back(moved, to);
  }
  settling = setTimeout(() => delete shelf.dataset.moving, LATE);
}

addEventListener("beforeunload", (event) => moves.length && event.preventDefault());

function back(photo, home) {
  if (!photo.isConnected) return;
  photo.parentElement.insertBefore(photo, home?.isConnected ? home : null);
  document.dispatchEvent(new CustomEvent("pictures:added", { detail: photo.parentElement }));
}

document.addEventListener("order:moved", ({ target, detail }) => {
  if (!target.matches("[data-photo]")) return;
  const before = photoAt(target.nextElementSibling);
  keep(target, detail, before ? { before } : { after: photoAt(target.previousElementSibling) });
});

// What has been added stands behind those that are loaded later, and comes again with them.
document.addEventListener("htmx:after:swap", () => {
  const seen = new Set();
  for (const one of document.querySelectorAll("[data-photo]")) seen.has(one.id) ? one.remove() : seen.add(one.id);
});
