// The order of a post's pictures: by their buttons, and by dragging them by the handle or, with a mouse, anywhere.
const find = (selector, root = document) => root.querySelector(selector);
const shelfOf = (picture) => picture.closest(".post-pictures");

// Every picture is called by its place.
function name(shelf) {
  const all = [...shelf.children], words = shelf.closest("[data-place]").dataset.place;
  for (const [place, one] of all.entries()) one.ariaLabel = words.replace("{number}", place + 1).replace("{count}", all.length);
}

document.addEventListener("pictures:added", ({ detail: shelf }) => name(shelf));

function say(picture) {
  name(shelfOf(picture));
  find("[data-place-said]", picture.closest("[data-place]")).textContent = picture.ariaLabel;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".post-picture [name=move]");
  if (!button) return;
  event.preventDefault(); // without this script the server does it
  const picture = button.closest(".post-picture");
  if (button.value.endsWith(":-1")) picture.previousElementSibling?.before(picture);
  else picture.nextElementSibling?.after(picture);
  button.focus();
  say(picture);
});

let dragged = null;
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-grip]") ?? (event.pointerType === "mouse" && event.target.matches(".post-picture img") && event.target);
  if (!grip || event.button) return;
  event.preventDefault();
  dragged = grip.closest(".post-picture");
  dragged.classList.add("dragged");
});
document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const over = document.elementFromPoint(event.clientX, event.clientY)?.closest(".post-picture");
  if (!over || over === dragged || shelfOf(over) !== shelfOf(dragged)) return;
  const after = dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
  // Pictures are of different sizes: they change places when the pointer is past the middle.
  const { left, top, width, height } = over.getBoundingClientRect();
  const across = (event.clientX - left) / width, down = (event.clientY - top) / height;
  const sameRow = Math.abs(top - dragged.getBoundingClientRect().top) < height / 2;
  if ((sameRow ? across : down) > 0.5 === Boolean(after)) after ? over.after(dragged) : over.before(dragged);
});
for (const kind of ["pointerup", "pointercancel"]) {
  document.addEventListener(kind, () => {
    dragged?.classList.remove("dragged");
    if (dragged) say(dragged);
    dragged = null;
  });
}
