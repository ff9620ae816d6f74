// Emoji are written into the field that their picker names.
const touch = matchMedia("(pointer: coarse)").matches;
export const fieldFor = (tool) => document.getElementById(tool.closest("[data-writes]").dataset.writes);

// As if it were typed, so that the browser can undo it; with a finger not so, since a keyboard would come up.
export function write(field, words, start = field.selectionStart, end = field.selectionEnd, typed = true) {
  if (typed) {
    field.focus();
    field.setSelectionRange(start, end);
    if (document.execCommand("insertText", false, words)) return;
  }
  field.setRangeText(words, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-writes] [data-emoji]");
  if (button) write(fieldFor(button), button.dataset.emoji, undefined, undefined, !touch);
});
