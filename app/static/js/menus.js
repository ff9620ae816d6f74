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
