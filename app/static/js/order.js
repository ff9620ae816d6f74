// The order of pictures: by their buttons, with the arrow keys on their handles, and by dragging them: by the handle,
// with a mouse anywhere, with a finger that rests on one. ``order:moved`` tells of one that has found another place.
import { find } from "./html.js";

const FAR = 6, LONG = 400, EDGE = 70; // pixels, milliseconds, pixels
const THING = "[data-order] > :not(.older)";
const shelfOf = (thing) => thing.closest("[data-order]");
const things = (shelf) => [...shelf.children].filter((one) => one.matches(THING));

// Every one is called by its place.
function name(shelf) {
  const all = things(shelf), words = shelf.closest("[data-place]").dataset.place;
  const count = find(":scope > .older", shelf) ? Math.max(all.length, shelf.dataset.count) : all.length;
  for (const [place, one] of all.entries()) one.ariaLabel = words.replace("{number}", place + 1).replace("{count}", count);
}

document.addEventListener("pictures:added", ({ detail: shelf }) => name(shelf));

// ``from`` is what it stood before.
function say(thing, from) {
  name(shelfOf(thing));
  find("[data-place-said]", thing.closest("[data-place]")).textContent = thing.ariaLabel;
  if (thing.nextElementSibling !== from) thing.dispatchEvent(new CustomEvent("order:moved", { bubbles: true, detail: from }));
}

function put(thing, to) {
  const all = things(shelfOf(thing)), from = thing.nextElementSibling;
  const other = all[Math.max(0, Math.min(to, all.length - 1))];
  if (other !== thing) to > all.indexOf(thing) ? other.after(thing) : other.before(thing);
  say(thing, from);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-order] [data-move]"), thing = button?.closest(THING);
  if (!thing) return;
  event.preventDefault(); // without this script the server does it
  put(thing, things(shelfOf(thing)).indexOf(thing) + Number(button.dataset.move));
  button.focus();
});

// Up and down lead to the row above and the row below.
function across(all, from, direction) {
  const middle = (one) => one.offsetLeft + one.offsetWidth / 2, here = all[from];
  const rows = all.filter((one) => direction < 0 ? one.offsetTop < here.offsetTop : one.offsetTop > here.offsetTop);
  const top = rows.at(direction < 0 ? -1 : 0)?.offsetTop;
  const near = (one) => Math.abs(middle(one) - middle(here));
  const row = rows.filter((one) => one.offsetTop === top).sort((one, other) => near(one) - near(other));
  return row.length ? all.indexOf(row[0]) : from;
}

document.addEventListener("keydown", (event) => {
  const grip = event.target.closest("button[data-grip]"), thing = grip?.closest(THING);
  if (!thing) return;
  const all = things(shelfOf(thing)), from = all.indexOf(thing);
  const to = { ArrowLeft: from - 1, ArrowRight: from + 1, ArrowUp: across(all, from, -1), ArrowDown: across(all, from, 1), Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  put(thing, to);
  grip.focus();
});

// --- Dragging.

let held = null, dragged = null, at = null, home = null, resting = 0, sliding = 0, released = -Infinity;

function lift() {
  dragged = held;
  home = dragged.nextElementSibling;
  dragged.classList.add("dragged");
  sliding = setInterval(() => {
    const edge = at.clientY < EDGE ? -1 : at.clientY > innerHeight - EDGE ? 1 : 0;
    if (edge) scrollBy(0, 8 * edge), drag();
  }, 16);
}

function drag() {
  const over = document.elementFromPoint(at.clientX, at.clientY)?.closest(THING);
  if (!over || over === dragged || shelfOf(over) !== shelfOf(dragged)) return;
  const after = dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
  // Pictures are of different sizes: they change places when the pointer is past the middle.
  const { left, top, width, height } = over.getBoundingClientRect();
  const across = (at.clientX - left) / width, down = (at.clientY - top) / height;
  const sameRow = Math.abs(top - dragged.getBoundingClientRect().top) < height / 2;
  if ((sameRow ? across : down) > 0.5 === Boolean(after)) after ? over.after(dragged) : over.before(dragged);
}

function release(back) {
  const thing = dragged, shelf = thing && shelfOf(thing);
  clearTimeout(resting);
  clearInterval(sliding);
  held = dragged = null;
  if (!shelf) return; // nothing was dragged, or what was is gone
  released = performance.now();
  thing.classList.remove("dragged");
  if (back) shelf.insertBefore(thing, home);
  else say(thing, home);
}

document.addEventListener("pointerdown", (event) => {
  released = -Infinity;
  const thing = event.target.closest?.(THING), grip = event.target.closest?.("[data-grip]");
  if (!thing || event.button || !(grip || event.target.matches("img"))) return;
  [held, at] = [thing, event];
  if (!grip && event.pointerType !== "mouse") resting = setTimeout(lift, LONG);
});
document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const far = Math.hypot(event.clientX - at.clientX, event.clientY - at.clientY) > FAR;
  if (!dragged && far) event.pointerType === "mouse" || event.target.closest("[data-grip]") ? lift() : release();
  if (!dragged) return;
  at = event;
  drag();
});
for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => release(kind === "pointercancel"));
document.addEventListener("keydown", (event) => event.key === "Escape" && dragged && release(true));

// What a browser would do with a link that is dragged, or under a finger that rests, is not meant here.
for (const kind of ["dragstart", "contextmenu"]) {
  document.addEventListener(kind, (event) => held && event.preventDefault());
}
document.addEventListener("click", (event) => {
  if (event.timeStamp - released > 50) return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
const stay = (event) => dragged && event.preventDefault();
function watch() {
  for (const shelf of document.querySelectorAll("[data-order]")) shelf.addEventListener("touchmove", stay, { passive: false });
}
watch();
document.addEventListener("htmx:after:swap", watch);
