// An open album: photos that come, go and change places, in this tab or elsewhere; the dialog about one of them.
import { overlay } from "./overlays.js";

const byId = (id) => document.getElementById(id);

document.addEventListener("live:album", ({ detail: element }) => {
  const { album, ids } = element.dataset;
  const present = byId(element.id);
  if (element.matches(".photo")) return place(element);
  if (ids) return arrange(byId(`photos-${album}`), ids.split(" "));
  if (present?.matches(".album")) return location.reload(); // it says what has become of it
  present?.remove();
  if (element.id === `album-${album}`) byId(`album-card-${album}`)?.remove();
});

// What belongs after the last one shown comes when somebody goes there.
function place(photo) {
  const present = byId(photo.id), shelf = byId(`photos-${photo.dataset.album}`);
  if (present?.matches(".dragged")) return setTimeout(place, 500, photo);
  const focused = document.activeElement;
  if (present) present.replaceWith(photo);
  else if (shelf && !shelf.querySelector(":scope > .older")) shelf.append(photo);
  else return;
  htmx.process(photo);
  if (present?.contains(focused)) byId(focused.closest(".menu")?.id ?? "")?.firstElementChild.focus();
  document.dispatchEvent(new CustomEvent("live:placed", { detail: photo }));
}

let later = 0;
function arrange(shelf, ids) {
  clearTimeout(later);
  // Not while somebody moves them here: what is told of the first move would undo the second.
  if (shelf?.matches("[data-moving], :has(.dragged)")) return (later = setTimeout(arrange, 500, shelf, ids));
  const photos = [...(shelf?.querySelectorAll(":scope > .photo") ?? [])];
  const rank = new Map(ids.map((id, place) => [id, place]));
  const wanted = photos.toSorted((one, other) => rank.get(one.dataset.photo) - rank.get(other.dataset.photo));
  if (wanted.every((photo, place) => photo === photos[place])) return;
  const focused = document.activeElement;
  shelf.prepend(...wanted);
  focused.focus({ preventScroll: true });
}

let opener = "";
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target?.id !== "photo-sheet") return;
  opener = ctx.sourceElement.closest(".menu").id;
  overlay(byId("photo-dialog"));
});
// The link it was opened by lies in a menu that has closed since.
document.addEventListener("close", ({ target }) => target.id === "photo-dialog" && byId(opener)?.firstElementChild.focus(), { capture: true });
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const dialog = ctx.sourceElement?.closest?.("#photo-dialog");
  if (dialog && ctx.response?.status === 200) dialog.close();
});
