// The search box of every page: what is found while one types is chosen with arrows, Enter and Escape; Ctrl+K leads to it.
const box = () => document.querySelector("#finder");
const field = () => box()?.elements.q;
const sheet = () => document.querySelector("#search-suggestions");
const options = () => [...sheet().querySelectorAll("a")];
const chosen = () => options().find((one) => one.ariaSelected === "true");
let asked = 0, waiting;

function show(open) {
  sheet().hidden = !open;
  field().ariaExpanded = String(open);
  if (!open) choose(-1);
}

function choose(place) {
  const all = options();
  for (const [at, one] of all.entries()) one.ariaSelected = String(at === place);
  all[place] ? field().setAttribute("aria-activedescendant", all[place].id) : field().removeAttribute("aria-activedescendant");
  all[place]?.scrollIntoView({ block: "nearest" });
}

function close() {
  clearTimeout(waiting);
  asked++;
  show(false);
}

async function suggest() {
  const words = field().value.trim(), number = ++asked;
  if (!words) return show(false);
  const answer = await fetch(`${box().dataset.suggestions}?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  const html = answer?.ok && (await answer.text());
  if (number !== asked || document.activeElement !== field()) return; // something newer was asked, or nobody waits
  if (!html) return show(false);
  const was = chosen()?.id;
  sheet().outerHTML = html;
  for (const one of options()) [one.role, one.tabIndex] = ["option", -1];
  show(true);
  choose(options().findIndex((one) => one.id === was));
}

document.addEventListener("input", (event) => {
  if (!box() || event.target !== field() || event.isComposing) return;
  clearTimeout(waiting);
  waiting = setTimeout(suggest, 180);
});

function step(by) {
  const all = options();
  choose((all.indexOf(chosen()) + by + (chosen() || by > 0 ? 0 : 1) + all.length) % all.length);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.code === "KeyK") return lead(event);
  if (!box() || event.target !== field() || event.isComposing) return;
  const open = !sheet().hidden;
  if (event.key === "Escape" && open) close();
  else if (event.key === "ArrowDown" && !open && field().value) suggest();
  else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && open) step(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" && open && chosen()) chosen().click();
  else return;
  event.preventDefault();
});

function lead(event) {
  if (document.querySelector("dialog[open]")) return;
  const place = [field(), document.querySelector("#search-words"), document.querySelector("[data-to-search]")].find((one) => one?.checkVisibility());
  if (!place) return;
  event.preventDefault();
  place.matches("a") ? place.click() : place.select();
  place.focus();
}

document.addEventListener("focusout", ({ target, relatedTarget }) => box()?.contains(target) && !box().contains(relatedTarget) && close());
// Pressing what was found, or a title between, takes nobody out of the field.
document.addEventListener("mousedown", (event) => event.target.closest("#search-suggestions") && event.preventDefault());
document.addEventListener("focusin", ({ target }) => target === field() && sheet().hidden && target.value && suggest());

// The page of what was found has the address of what was typed there, so that one comes back to it.
document.addEventListener("htmx:after:swap", () => {
  const form = document.activeElement?.id === "search-words" && document.querySelector("#search-form");
  if (form) history.replaceState(history.state, "", `?${new URLSearchParams([...new FormData(form)].filter(([, value]) => value))}`);
});
