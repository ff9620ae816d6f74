// A suggestion fills the field it was made for; without this script its button asks the server to.

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-fills]");
  if (!button) return;
  event.preventDefault();
  const field = document.getElementById(button.dataset.fills);
  field.value = button.value;
  field.focus();
});
