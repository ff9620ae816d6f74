// Comments under a post: they come to where they belong, and are written without leaving the page.
import { announce } from "./announcements.js";
import { deed } from "./deeds.js";
import { keep, kept } from "./drafts.js";
import { find, parse } from "./html.js";
import { isOpen } from "./live.js";
import { viewer } from "./log.js";
import { newId } from "./outbox.js";
import { localise } from "./times.js";

const form = () => find("[data-comment]");
const key = ({ id }) => Number(id.replace(/\D+/g, ""));
const children = (list, kind) => [...list.children].filter((one) => one.matches(`.${kind}`));
const part = (comment, kind) => [...comment.children].find((one) => one.matches(kind));

// --- Arriving.

// Lists show a stretch: what belongs before or after it is fetched when somebody asks for it. Tells whether it stands.
function insert(comment, list = document.getElementById(comment.dataset.list)) {
  if (!list) return false;
  const shown = children(list, "comment");
  const next = shown.find((one) => key(one) > key(comment));
  if (next ? next === shown[0] && children(list, "earlier")[0] : children(list, "later")[0]) return false;
  localise(comment);
  next ? next.before(comment) : list.append(comment);
  htmx.process(comment);
  return true;
}

// What is being read stays where it is, whatever comes above it; the style sheet keeps browsers from seeing to that too.
function keepingPlace(change) {
  const tops = [...document.querySelectorAll(".comment-said")].map((said) => [said, said.getBoundingClientRect().top]);
  const [first, top] = tops.find(([, top]) => top > find(".header").offsetHeight && top < innerHeight) ?? [];
  change();
  if (first?.isConnected) scrollBy({ top: first.getBoundingClientRect().top - top, behavior: "instant" });
}

document.addEventListener("live:comment", ({ detail: comment }) => keepingPlace(() => {
  const own = document.getElementById(comment.id);
  if (comment.matches("i")) return drop(own);
  if (own) return; // what changes of a comment comes by itself
  const said = find(".comment-said:not(.comment-deleted)", comment);
  const placed = insert(comment);
  if (said.dataset.author !== viewer) {
    if (placed) announce(find(".comment-author", said).textContent, find(".comment-body", said).textContent);
  } else if (form().ariaBusy) placed ? said.scrollIntoView({ block: "nearest" }) : location.assign(find(".comment-time", said).href);
}));

// Words that somebody is changing stay, whatever becomes of the comment.
function drop(comment) {
  if (comment && !find(".comment-edit", comment)) comment.remove();
}

// --- Coming back: what changed while the page was away.

async function renew(list) {
  const since = key(children(list, "comment")[0] ?? { id: "0" });
  const address = `${list.dataset.from}?since=${since}`;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  const content = parse(await answer.text());
  localise(content);
  for (const one of content.querySelectorAll(":not(li, li *)")) document.getElementById(one.id)?.replaceWith(one);
  keepingPlace(() => merge(list, content, since));
}

function merge(list, fresh, since) {
  const here = children(list, "comment"), there = children(fresh, "comment");
  const from = since ?? key(there[0] ?? { id: "0" });
  if (since === undefined && here[0] && key(here[0]) < from) return renew(list); // more is shown than has come
  for (const one of here) if (key(one) >= from && !there.some(({ id }) => id === one.id)) drop(one);
  for (const side of since ? ["later"] : ["later", "earlier"]) {
    children(list, side)[0]?.remove();
    const loader = children(fresh, side)[0];
    if (loader) side === "later" ? list.append(loader) : list.prepend(loader);
  }
  for (const one of there) {
    const own = document.getElementById(one.id);
    if (!own) {
      const next = children(list, "comment").find((other) => key(other) > key(one)) ?? children(list, "later")[0];
      next ? next.before(one) : list.append(one);
      continue;
    }
    part(own, ".comment-said").replaceWith(part(one, ".comment-said"));
    if (part(own, ".replies")) merge(part(own, ".replies"), part(one, ".replies"));
  }
  htmx.process(list);
}

let before = isOpen();
document.addEventListener("live:open", () => {
  const list = find(".comments[data-from]") ?? find(".replies");
  if (before && list) renew(list);
  before = true;
});

// --- Writing.

function answer(link) {
  const { parent_id: parent, body } = form().elements;
  const said = link.closest(".comment-said");
  parent.value = link.dataset.replyTo;
  find("[data-answered-name]", form()).textContent = find(".comment-author", said).textContent;
  find("[data-answered]", form()).hidden = false;
  const mention = said.dataset.author !== viewer && link.dataset.mention;
  if (mention && !body.value.includes(mention)) body.setRangeText(`${mention} `, 0, 0, "end");
  body.focus({ preventScroll: true });
  said.scrollIntoView({ block: "nearest" });
}

function answerNoOne() {
  form().elements.parent_id.value = "";
  find("[data-answered]", form()).hidden = true;
}

function note(html) {
  find("#comment-note").replaceWith(find("#comment-note", parse(html)));
  form().elements.body.focus();
}

document.addEventListener("submit", async (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  if (form().ariaBusy) return;
  form().ariaBusy = "true";
  const { body, client_id: id } = form().elements;
  const words = body.value;
  const done = await deed(form().action, new URLSearchParams(new FormData(form())), note);
  form().removeAttribute("aria-busy");
  if (!done) return;
  if (body.value.startsWith(words)) body.value = body.value.slice(words.length); // and what was typed meanwhile stays
  id.value = newId();
  find("#comment-note").hidden = true;
  answerNoOne();
  body.dispatchEvent(new Event("input", { bubbles: true })); // for those who count
});

// Words that are being changed already need no second form.
document.addEventListener("click", (event) => {
  const edit = event.target.closest("[data-edit-comment]")?.closest(".comment").querySelector(":scope > .comment-edit textarea");
  if (!edit) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  edit.focus();
}, { capture: true });

// What is written and not sent stays in this browser.
document.addEventListener("input", ({ target }) => target.id === "comment-body" && keep("comment", target.value, form().dataset.comment));
if (form() && !form().elements.body.value) form().elements.body.value = kept("comment", form().dataset.comment);

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-reply-to], [data-answer-no-one], [data-edit-no-more]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const edited = link.matches("[data-edit-no-more]") && link.closest(".comment > .comment-edit");
  if (link.matches("[data-edit-no-more]") ? !edited : !form()) return;
  event.preventDefault();
  if (edited) {
    edited.parentElement.querySelector(".comment-tools summary")?.focus();
    edited.remove();
  }
  else if (link.dataset.replyTo) answer(link);
  else answerNoOne();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches(".comment-form textarea, .comment-edit textarea")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
