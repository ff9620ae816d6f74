// Naming members: what begins with an @ is offered to be completed.
import { composer, field, find } from "./log.js";

const list = () => composer() && find(".mention-list", composer());
export const choosing = () => Boolean(list() && !list().hidden && list().children.length);
let asked = 0;

function word() {
  const before = field().value.slice(0, field().selectionStart);
  return before.match(/(?:^|[^\p{L}\w@./])@([\p{L}\w.]{0,30})$/u);
}

export async function complete() {
  if (!list()) return;
  const found = word();
  if (!found) return offer("");
  const number = ++asked;
  const answer = await fetch(`${composer().dataset.mentions}?q=${encodeURIComponent(found[1])}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.ok && number === asked && list() && word()) offer(await answer.text());
}

export function offer(html) {
  if (!list()) return;
  list().innerHTML = html;
  list().hidden = !list().children.length;
  pick(0);
}

function pick(step) {
  const all = [...(list()?.children ?? [])];
  const was = all.findIndex((one) => one.ariaSelected === "true");
  const is = (Math.max(was, 0) + step + all.length) % (all.length || 1);
  for (const [place, one] of all.entries()) one.ariaSelected = String(place === is);
  all.length ? field().setAttribute("aria-activedescendant", all[is].id) : field().removeAttribute("aria-activedescendant");
  all[is]?.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const name = word()?.[1];
  if (name === undefined) return offer("");
  const end = field().selectionStart;
  field().setRangeText(`${option.dataset.name} `, end - name.length, end, "end");
  field().focus();
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  if (event.target !== (composer() && field()) || !choosing()) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") pick(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" || event.key === "Tab") take([...list().children].find((one) => one.ariaSelected === "true"));
  else if (event.key === "Escape") offer("");
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
document.addEventListener("focusout", ({ target }) => list() && target === field() && offer(""));
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest(".mention-list [role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
