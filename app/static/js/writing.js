// What helps to write in a field: signs of formatting, and how many characters are left.
import { tell } from "./announcements.js";
import { fieldFor, write } from "./emoji.js";

// The signs go around each line of what is selected; where they stand already, they go away.
function wrap(field, sign) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const words = value.slice(start, end), size = sign.length;
  const stars = Math.min(value.slice(0, start).match(/\**$/)[0].length, value.slice(end).match(/^\**/)[0].length);
  const there = sign === "`" ? value[start - 1] === sign && value[end] === sign : stars === 3 || stars === size;
  if (there) {
    write(field, words, start - size, end + size);
    return field.setSelectionRange(start - size, end - size);
  }
  if (sign === "`" && words.includes("\n")) return write(field, `\`\`\`\n${words.replace(/\n?$/, "\n")}\`\`\``);
  const wrapped = words.split("\n").map((line) => line.replace(/^(\s*)(.*?)(\s*)$/, (_, before, inner, after) => (inner || !words ? before + sign + inner + sign + after : line)));
  write(field, wrapped.join("\n"));
  if (!words) field.setSelectionRange(start + size, start + size);
  else if (wrapped.length === 1) {
    const [inner, from] = [words.trim(), start + size + words.search(/\S|$/)];
    field.setSelectionRange(from, from + inner.length);
  }
}

function begin(field, sign) {
  const { value } = field;
  const start = value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const end = value.indexOf("\n", Math.max(field.selectionEnd, start)) < 0 ? value.length : value.indexOf("\n", Math.max(field.selectionEnd, start));
  const lines = value.slice(start, end).split("\n");
  const all = lines.every((line) => line.startsWith(sign));
  write(field, lines.map((line) => (all ? line.slice(sign.length) : sign + line)).join("\n"), start, end);
}

document.addEventListener("click", ({ target }) => {
  const tool = target.closest("[data-writes] button");
  if (!tool) return;
  const field = fieldFor(tool);
  if (tool.dataset.wraps) wrap(field, tool.dataset.wraps);
  else if (tool.dataset.begins) begin(field, tool.dataset.begins);
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !event.target.id) return;
  // By the place of the key too: on a Ukrainian keyboard B and I are other letters.
  const keys = [event.key, event.code.replace("Key", "")].map((key) => `[data-key="${CSS.escape(key.toLowerCase())}"]`);
  const tool = document.querySelector(`#tools-${CSS.escape(event.target.id)} :is(${keys})`);
  if (!tool) return;
  event.preventDefault();
  tool.click();
});

// --- How many characters are left, once there are few.

const MILESTONES = [100, 20, 0, -1]; // are said aloud: each character would be too much

function count(field) {
  const counter = document.getElementById(`${field.id}-left`);
  const limit = Number(field.dataset.limit);
  const left = limit - [...field.value.trim()].length;
  counter.hidden = left > Math.min(200, limit / 5);
  counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.words).replace("{count}", Math.abs(left));
  counter.classList.toggle("too-many", left < 0);
  if (MILESTONES.includes(left) && field === document.activeElement) tell(counter.textContent);
}

const countAll = () => document.querySelectorAll("[data-limit]").forEach(count);
document.addEventListener("input", ({ target }) => target.dataset.limit && count(target));
document.addEventListener("htmx:after:swap", countAll);
countAll();
