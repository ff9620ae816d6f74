// The square of a photo: chosen by dragging it, with two fingers, the wheel, a slider or keys, and sent with its progress.
import { find, parse } from "./html.js";
import { onDrop } from "./pictures.js";

const LEAST = 96; // pixels of its own that are to be seen
const STEP = 0.05, ZOOM = 1.1;

const fingers = new Map();
let crop = null; // the form, its stage, and in the photo's own pixels its size and the square that is seen

function begin(form, file) {
  const stage = find(".crop-stage", form), image = find("img", stage);
  const [room, unseen] = [find(".crop-room", form), find("[data-unseen]", form)];
  end();
  complain(form, "");
  room.hidden = unseen.hidden = true;
  for (const name of ["left", "top", "side"]) form.elements[name].value = "";
  if (!file) return;
  const url = URL.createObjectURL(file);
  image.onload = () => {
    if (!form.isConnected || image.src !== url) return;
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    const shorter = Math.min(width, height);
    if (!shorter) return image.onerror();
    const least = Math.min(shorter, Math.max(LEAST, shorter / 10));
    crop = { form, stage, image, url, width, height, shorter, least, length: shorter };
    [crop.x, crop.y] = [(width - shorter) / 2, (height - shorter) / 2];
    room.hidden = false;
    find("[type=range]", form).disabled = least === shorter;
    draw();
  };
  image.onerror = () => {
    URL.revokeObjectURL(url);
    if (image.src === url) unseen.hidden = false;
  };
  image.src = url;
  Object.assign(stage, { onpointerdown: take, onpointermove: move, onpointerup: leave, onpointercancel: leave, onwheel: turn, onkeydown: press });
}

function end() {
  if (crop) URL.revokeObjectURL(crop.url);
  crop = null;
  fingers.clear();
}

function draw() {
  const { form, width, height, shorter, least, length } = crop;
  crop.x = Math.min(Math.max(0, crop.x), width - length);
  crop.y = Math.min(Math.max(0, crop.y), height - length);
  const scale = crop.stage.clientWidth / length;
  crop.image.style.transform = `translate(${-crop.x * scale}px, ${-crop.y * scale}px) scale(${scale})`;
  const square = { left: crop.x / width, top: crop.y / height, side: length / shorter };
  for (const [name, share] of Object.entries(square)) form.elements[name].value = share.toFixed(6);
  const slider = find("[type=range]", form);
  slider.value = least === shorter ? 0 : Math.log(length / shorter) / Math.log(least / shorter);
}

// See a square of another length; what was at one place of the stage (from 0 to 1) is at another then.
function zoom(length, from = { x: 0.5, y: 0.5 }, to = from) {
  length = Math.min(crop.shorter, Math.max(crop.least, length));
  crop.x += from.x * crop.length - to.x * length;
  crop.y += from.y * crop.length - to.y * length;
  crop.length = length;
  draw();
}

function place({ clientX, clientY }) {
  const { left, top, width } = crop.stage.getBoundingClientRect();
  return { x: (clientX - left) / width, y: (clientY - top) / width };
}

function grip() {
  const [one, other = one] = fingers.values();
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, spread: Math.hypot(one.x - other.x, one.y - other.y) || 1 };
}

function take(event) {
  if (!crop || fingers.size > 1 || event.button) return;
  crop.stage.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, place(event));
}

function move(event) {
  if (!crop || !fingers.has(event.pointerId)) return;
  const before = grip();
  fingers.set(event.pointerId, place(event));
  const after = grip();
  zoom((crop.length * before.spread) / after.spread, before, after);
}

const leave = (event) => fingers.delete(event.pointerId);

function turn(event) {
  if (!crop) return;
  event.preventDefault();
  zoom(crop.length * ZOOM ** Math.sign(event.deltaY), place(event));
}

function press(event) {
  if (!crop || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = crop.length * STEP;
  const deeds = {
    ArrowLeft: () => (crop.x += step), ArrowRight: () => (crop.x -= step),
    ArrowUp: () => (crop.y += step), ArrowDown: () => (crop.y -= step),
    "+": () => zoom(crop.length / ZOOM), "=": () => zoom(crop.length / ZOOM), "-": () => zoom(crop.length * ZOOM),
  };
  if (!deeds[event.key]) return;
  event.preventDefault();
  deeds[event.key]();
  draw();
}

function complain(form, words) {
  const note = find(".field-error", form);
  const field = find("[type=file]", form);
  note.lastElementChild.textContent = words;
  note.hidden = !words;
  if (words) find("[data-unseen]", form).hidden = true; // nothing will be taken
  field.ariaInvalid = String(Boolean(words));
  if (words) field.focus(); // the button that was pressed could not keep it
}

function send(form) {
  const request = new XMLHttpRequest();
  const [bar, button] = [find("progress", form), find(".filled", form)];
  const failed = () => complain(form, find("[data-failed]", form).content.textContent);
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.upload.onprogress = ({ loaded, total }) => (bar.value = (100 * loaded) / total);
  request.onloadend = () => {
    bar.hidden = true;
    button.disabled = false;
    const elsewhere = request.getResponseHeader("HX-Redirect");
    if (elsewhere) return location.assign(elsewhere);
    if (request.status === 422) return complain(form, find(".field-error, .toast p", parse(request.responseText))?.textContent ?? "");
    if (request.status !== 200) return failed();
    end();
    htmx.swap({ text: request.responseText, sourceElement: form, target: form.dataset.swap, swap: "outerHTML" });
  };
  complain(form, "");
  bar.value = 0;
  bar.hidden = false;
  button.disabled = true;
  request.send(new FormData(form));
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-crop] [type=file]")) begin(target.form, target.files[0]);
});
document.addEventListener("input", ({ target }) => {
  if (crop && target.matches(".crop-zoom [type=range]")) zoom(crop.shorter * (crop.least / crop.shorter) ** target.value);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-crop]")) return;
  event.preventDefault();
  send(event.target);
});
onDrop((target) => target.closest?.("[data-crop]"), (files, form) => {
  find("[type=file]", form).files = files;
  begin(form, files[0]);
});
addEventListener("resize", () => crop?.form.isConnected && draw());
