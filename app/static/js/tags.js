// One's own tags: each whole word becomes a chip that can be taken away, or ticks the preset that is called so.
import { offerNothing } from "./completion.js";
import { find } from "./html.js";

const named = (tag) => `#${tag.toLowerCase()}`;

function gather(input, whole = /[\s,]$/.test(input.value)) {
  const words = input.value.split(/[\s,#]+/).filter(Boolean);
  const rest = whole ? "" : words.pop() ?? "";
  words.forEach((word) => add(input, word));
  if (words.length) input.value = rest;
}

function add(input, word) {
  const all = input.closest("[data-tags]");
  const preset = [...all.querySelectorAll(".chip:has([type=checkbox])")].find((chip) => chip.textContent.trim() === named(word));
  if (preset) return (find("input", preset).checked = true);
  if ([...all.querySelectorAll(".tag-entry > .chip input")].some(({ value }) => named(value) === named(word))) return;
  const entry = input.parentElement;
  const chip = find("template", entry).content.firstElementChild.cloneNode(true);
  find("input", chip).value = word;
  find("span", chip).textContent = named(word);
  find("button", chip).ariaLabel = entry.dataset.remove.replace("{tag}", named(word));
  find("label", entry).before(chip);
}

function remove(chip) {
  const input = find("#own-tags", chip.parentElement);
  chip.remove();
  input.focus();
}

// Not while somebody types in it: what is swapped may have nothing to do with it.
const gatherAll = () => document.querySelectorAll("#own-tags:not(:focus)").forEach((input) => gather(input, true));
document.addEventListener("input", ({ target, isComposing }) => target.id === "own-tags" && !isComposing && gather(target));
document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (input.id !== "own-tags" || event.isComposing) return;
  const last = [...input.parentElement.querySelectorAll(".chip")].at(-1);
  if (event.key === "Backspace" && !input.value && last) remove(last);
  if (event.key !== "Enter" || !input.value.trim()) return;
  event.preventDefault(); // it would send the form
  gather(input, true);
  offerNothing(input);
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest(".chip-remove");
  if (button) remove(button.closest(".chip"));
  else if (target.matches(".tag-entry")) find("#own-tags", target).focus();
});
document.addEventListener("htmx:after:swap", gatherAll);
gatherAll();
