// Pictures: how they are brought, their colour until they have come, and the lightbox.
import { find } from "./html.js";
import { overlay } from "./overlays.js";

export function colour(root) {
  for (const image of root.querySelectorAll("img[data-colour]")) image.style.backgroundColor = image.dataset.colour;
}
colour(document);
document.addEventListener("htmx:after:swap", () => colour(document));
document.addEventListener("live:message", (event) => colour(event.detail.element));
document.addEventListener("live:placed", ({ detail }) => colour(detail));

export const isPicture = ({ type, name }) => type.startsWith("image/") || /\.(heic|heif|avif)$/i.test(name);

// Have those dropped somewhere taken to the place that belongs to it, which is marked while they are over it.
export function onDrop(placeOf, take, mark = "dropping") {
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const place = event.dataTransfer.types.includes("Files") && placeOf(event.target);
      if (!place) return;
      event.preventDefault();
      if (kind !== "dragleave" || !place.contains(event.relatedTarget)) place.classList.toggle(mark, kind === "dragover");
      if (kind === "drop") take(event.dataTransfer.files, place);
    });
  }
}

// --- The lightbox: a strip that scrolls from picture to picture, so that a finger moves it as it moves anything.

const lightbox = find("#lightbox"), strip = find(".lightbox-strip");
let around = null, shown = [], place = 0;

const older = () => find(".older [hx-get]", around);
const full = (link) => link.dataset.full ?? link.href;

// As large as there is room for, and no larger than it is.
function fit(image, width, height) {
  Object.assign(image, { width, height });
  image.style.setProperty("--fit", `min(100cqw, ${width}px, ${(100 * width) / height}cqh)`);
}

function slide(link) {
  const small = find("img", link), one = document.createElement("div"), image = new Image();
  const [width, height] = ["width", "height"].map((side) => small.getAttribute(side) * (small.srcset ? 1 : 3));
  fit(image, width, height); // without a srcset it tells the size of the small one
  image.alt = small.alt;
  image.draggable = false;
  image.style.backgroundColor = small.dataset.colour ?? "";
  one.append(image);
  return one;
}

// Every picture around it that is here by now; one that was told of anew meanwhile keeps its place.
function gather() {
  for (const link of around.querySelectorAll("a[data-lightbox]")) {
    if (shown.includes(link)) continue;
    const before = shown.findIndex((one) => !one.isConnected && one.href === link.href);
    if (before < 0) strip.append(slide(shown[shown.push(link) - 1]));
    else shown[before] = link;
  }
}

// The small one stands there, enlarged, until the large one has come.
function load(at) {
  const image = strip.children[at]?.firstChild;
  if (!image || image.dataset.asked) return;
  const large = new Image();
  image.dataset.asked = "";
  image.src = find("img", shown[at]).currentSrc || full(shown[at]);
  large.src = full(shown[at]);
  large.decode().then(() => {
    fit(image, large.naturalWidth, large.naturalHeight);
    image.src = large.src;
  }, () => delete image.dataset.asked);
}

function arrive(to) {
  place = to;
  for (const [at, one] of [...strip.children].entries()) {
    one.inert = at !== place;
    one.classList.toggle("zoomed", !one.inert && one.matches(".zoomed"));
  }
  for (const at of [place, place + 1, place - 1]) load(at);
  if (place > shown.length - 4) older()?.click();
  tell(shown[place]);
}

function tell(link) {
  const part = (name) => find(`.lightbox-${name}`, lightbox);
  const count = older() ? Math.max(shown.length, around.dataset.count || 0) : shown.length, page = link.dataset.full && link.href;
  part("count").textContent = count > 1 ? `${place + 1} / ${count}` : "";
  part("alt").textContent = find("img", link).alt;
  part("caption").textContent = page ? find("figcaption", link.parentElement)?.textContent.trim() : "";
  for (const [name, address] of [["from", link.closest("[data-from]")?.dataset.from], ["page", page]]) {
    part(name).hidden = !address;
    if (address) part(name).href = address;
  }
  for (const step of lightbox.querySelectorAll("[data-step]")) step.hidden = shown.length < 2;
  // A picture that has a page has an address, which can be passed on.
  if (page) history.replaceState({ ...history.state, page: true }, "", page);
}

function show(to) {
  if (!shown[to] && older()) return; // not all of them are here yet
  to = (to + shown.length) % shown.length;
  strip.scrollTo({ left: to * strip.clientWidth, behavior: "instant" });
  arrive(to);
}

function open(link) {
  around = link.closest(".gallery") ?? link.parentElement;
  shown = [];
  strip.replaceChildren();
  gather();
  overlay(lightbox);
  show(shown.indexOf(link));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-lightbox]"), step = event.target.closest("[data-step]");
  if (link && !event.metaKey && !event.ctrlKey && lightbox) {
    event.preventDefault();
    open(link);
  }
  if (step) show(place + Number(step.dataset.step));
  if (event.target.parentElement === strip) lightbox.close();
});
lightbox?.addEventListener("keydown", (event) => {
  const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: shown.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  show(to);
});
lightbox?.addEventListener("close", () => (gather(), shown[place]?.focus()));

let resting = 0;
strip?.addEventListener("scroll", () => {
  clearTimeout(resting);
  resting = setTimeout(() => {
    const to = Math.round(strip.scrollLeft / strip.clientWidth);
    if (lightbox.open && to !== place && shown[to]) arrive(to);
  }, 80);
});
addEventListener("resize", () => lightbox?.open && show(place));
document.addEventListener("htmx:after:swap", () => {
  if (!lightbox?.open) return;
  gather();
  load(place + 1);
});

// Twice on a picture brings it near, and away again.
strip?.addEventListener("dblclick", ({ target: image, clientX, clientY }) => {
  const one = image.parentElement, { left, top, width, height } = image.getBoundingClientRect();
  if (one === strip) return;
  one.classList.toggle("zoomed");
  const [across, down] = [(clientX - left) / width, (clientY - top) / height];
  one.scrollTo(across * image.width - one.clientWidth / 2, down * image.height - one.clientHeight / 2);
});
strip?.addEventListener("pointermove", ({ buttons, pointerType, movementX, movementY }) => {
  if (buttons && pointerType === "mouse") find(".zoomed", strip)?.scrollBy(-movementX, -movementY);
});

// Loaded anew, that address leads to the page of the picture, over which nothing lies.
if (history.state?.page) history.replaceState(null, "");
