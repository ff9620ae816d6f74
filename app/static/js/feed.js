// Feeds: how many posts have come since, and where one was in a list of posts.
import { isOpen } from "./live.js";
import { notDone } from "./toasts.js";

const pill = () => document.getElementById("new-posts");
const feed = () => document.querySelector(".feed");
const posts = () => [...document.querySelectorAll(".feed > .post")];
const viewer = document.body.dataset.viewer;
const LONG = 5 * 60e3;

async function fetched(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  return answer?.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

function placed() {
  htmx.process(feed());
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
}

// --- New posts: hints are counted; after an absence the server is asked.

const came = new Set();
let base = 0, opened = isOpen(), hiddenAt = 0;

function show() {
  const count = base + came.size;
  const { dataset, firstElementChild: link } = pill();
  const words = dataset[new Intl.PluralRules(document.documentElement.lang).select(count)] ?? dataset.many;
  if (count) link.lastElementChild.textContent = words.replace(/\d+/, count > 99 ? "99+" : count);
  link.hidden = !count;
}

async function count() {
  if (!pill()) return;
  const known = [...came];
  const newest = Math.max(0, ...posts().map(({ id }) => id.slice(5)));
  const page = await fetched(`${pill().dataset.news}&after=${newest}`);
  if (!page) return;
  base = Number(page.querySelector("#new-posts")?.dataset.count ?? 0);
  for (const post of known) came.delete(post);
  show();
  if (came.size) count(); // whether they were counted already is not known
}

document.addEventListener("live:placed", ({ detail }) => {
  const { post, by } = detail.dataset;
  if (detail.id !== "feed-news" || !pill() || by === viewer || document.getElementById(`post-${post}`)) return;
  came.add(post);
  show();
});
document.addEventListener("live:open", () => {
  if (opened) count();
  opened = true;
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = Date.now();
  else if (Date.now() - hiddenAt > LONG) count();
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("#new-posts a");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const known = [...came];
  const page = feed() && (await fetched(link.href));
  if (!page && !navigator.onLine) return notDone();
  const fresh = page?.querySelector(".feed");
  if (!fresh) return location.assign(link.href);
  const all = [...fresh.querySelectorAll(":scope > .post")];
  const news = all.filter(({ id }) => !document.getElementById(id));
  // As many as a page holds: there may be more between them and what is shown.
  if (news.length === all.length) feed().replaceWith(fresh);
  else feed().prepend(...news);
  base = 0;
  for (const post of known) came.delete(post);
  show();
  placed();
  const first = news[0];
  first?.setAttribute("tabindex", -1);
  first?.focus({ preventScroll: true });
  scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
});

// --- Where one was: the entry of the browser's history knows how far the list went and which post stood where.

const SLACK = 40; // so many posts may have come since, or have been deleted
let settled = false, timer;

function remember() {
  if (!settled || !feed()) return;
  const list = posts();
  const top = document.querySelector(".header").getBoundingClientRect().bottom;
  const first = list.find((post) => post.getBoundingClientRect().bottom > top);
  const place = { first: first?.id, offset: first?.getBoundingClientRect().top, y: scrollY, last: list.at(-1)?.id, count: list.length };
  history.replaceState({ ...history.state, place }, "");
}

async function stretch() {
  const older = feed().querySelector(":scope > .older");
  const link = older?.querySelector("a");
  const more = link && (await fetched(link.href))?.querySelector(".feed");
  if (!more || !older.isConnected) return false;
  older.replaceWith(...more.children);
  placed();
  return true;
}

async function comeBack() {
  const was = history.state?.place;
  if (was) {
    while (!document.getElementById(was.last) && posts().length < was.count + SLACK && (await stretch()));
    const first = document.getElementById(was.first);
    scrollTo({ top: first ? scrollY + first.getBoundingClientRect().top - was.offset : was.y, behavior: "instant" });
  }
  settled = true;
}

if (feed()) {
  history.scrollRestoration = "manual";
  comeBack();
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(remember, 200);
  }, { passive: true });
  document.addEventListener("click", remember, { capture: true });
  addEventListener("pagehide", remember);
}
