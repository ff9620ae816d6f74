// What begins with an @ or a #, and a word in a field of tags, is offered to be completed. A field says by
// data-completes and data-completes-tags (its form may) where the server finds people and tags, and by
// aria-controls which list shows them.
const listOf = (field) => {
  const list = document.getElementById(field?.getAttribute?.("aria-controls"));
  return list?.matches(".mention-list") ? list : null;
};
const fieldOf = (list) => document.querySelector(`[aria-controls="${list.id}"]`);
export const choosing = (field) => Boolean(listOf(field)?.children.length);
let asked = 0, timer;

// Of names the first is chosen at once; a tag may be a new one, so none is until an arrow is pressed.
function word(field) {
  const before = field.value.slice(0, field.selectionStart);
  const find = (what) => field.closest(`[data-${what}]`)?.getAttribute(`data-${what}`);
  const [people, tags] = [find("completes"), find("completes-tags")];
  const name = people && before.match(/(?:^|[^\p{L}\w@./])@([\p{L}\w.]{0,30})$/u);
  if (name) return { address: people, typed: name[1], eager: true };
  const tag = tags && before.match(field.role === "combobox" ? /([^\s,#]+)$/ : /(?:^|[^\p{L}\w&#/])#([\p{L}\w'’ʼ-]+)$/u);
  return tag ? { address: tags, typed: tag[1] } : null;
}

async function complete(field) {
  const found = word(field);
  if (!found) return offer(field, "");
  const number = ++asked;
  const answer = await fetch(`${found.address}?q=${encodeURIComponent(found.typed)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.ok && number === asked && word(field)?.typed === found.typed) offer(field, await answer.text());
}

function offer(field, html) {
  const list = listOf(field);
  if (!list) return;
  list.innerHTML = html;
  list.hidden = !list.children.length;
  if (field.role === "combobox") field.ariaExpanded = String(!list.hidden);
  pick(field, word(field)?.eager ? 0 : null);
  if (!list.hidden) list.scrollIntoView({ block: "nearest" });
}

export const offerNothing = (field) => (asked++, offer(field, ""));

function pick(field, step) {
  const all = [...listOf(field).children];
  const was = all.findIndex((one) => one.ariaSelected === "true");
  const is = step === null ? -1 : was < 0 && step < 0 ? all.length - 1 : (was < 0 ? Math.max(step - 1, 0) : was + step + all.length) % (all.length || 1);
  for (const [place, one] of all.entries()) one.ariaSelected = String(place === is);
  all[is] ? field.setAttribute("aria-activedescendant", all[is].id) : field.removeAttribute("aria-activedescendant");
  all[is]?.scrollIntoView({ block: "nearest" });
}

function take(field, option) {
  const typed = word(field)?.typed;
  if (typed === undefined) return offer(field, "");
  const end = field.selectionStart;
  field.setRangeText(`${option.dataset.name} `, end - typed.length, end, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", ({ target }) => {
  clearTimeout(timer);
  if (!listOf(target)) return;
  word(target) ? (timer = setTimeout(complete, 80, target)) : offerNothing(target);
});
const withModifier = (event) => event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!choosing(field) || event.isComposing) return;
  const chosen = [...listOf(field).children].find((one) => one.ariaSelected === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") pick(field, event.key === "ArrowDown" ? 1 : -1);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen && !withModifier(event)) take(field, chosen);
  else if (event.key === "Escape") offerNothing(field);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
document.addEventListener("focusout", ({ target }) => {
  clearTimeout(timer);
  if (listOf(target)) offerNothing(target);
});
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.(".mention-list [role=option]");
  if (!option) return;
  event.preventDefault();
  take(fieldOf(option.parentElement), option);
});
