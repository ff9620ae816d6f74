// Menus are <details class="menu">: the browser opens them; here they close when attention goes elsewhere.

const open = () => document.querySelectorAll("details.menu[open]");

function leave(event) {
  for (const menu of open()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

document.addEventListener("click", leave);
document.addEventListener("focusin", leave);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    event.preventDefault(); // a dialog around it stays
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// Where it says so, what is done in a menu closes it, and attention goes back to its button, to that of the menu which
// takes its place, or of the next one where the thing itself has gone. Others stay open, and show what has become of them.
let used, others = [];
const attend = (menu) => menu?.querySelector("summary").focus({ preventScroll: true });

document.addEventListener("submit", ({ target }) => {
  used = target.closest("details.menu[data-closes]");
  const alike = [...document.querySelectorAll("details.menu[data-closes]")], here = alike.indexOf(used);
  others = [...alike.slice(here + 1), ...alike.slice(0, here).reverse()];
});
document.addEventListener("htmx:after:request", () => {
  if (!used?.open) return;
  used.open = false;
  if (used.contains(document.activeElement) || document.activeElement === document.body) attend(used);
});
document.addEventListener("htmx:after:swap", () => {
  if (!used?.id || used.isConnected) return;
  if (document.activeElement === document.body) attend(document.getElementById(used.id) ?? others.find((menu) => menu.isConnected));
  used = null;
});
