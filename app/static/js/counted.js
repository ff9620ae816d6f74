// How many characters there is still room for, told beside the field.
document.addEventListener("input", ({ target }) => {
  const note = document.getElementById(target.dataset?.counted);
  if (note) note.textContent = target.maxLength - target.value.length;
});
