// Links with data-opens show their page in the place of this one, at its own address; the way back leads to where one
// was.
const here = () => location.pathname + location.search;
let shown = here(), to = null;

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (!ctx.sourceElement?.matches?.("[data-opens]")) return;
  history.scrollRestoration = "manual";
  history.replaceState({ ...history.state, scroll: scrollY }, "");
  history.pushState({}, "", ctx.request.action);
  arrive(0);
});
addEventListener("popstate", ({ state }) => {
  if (here() === shown) return; // only what lay over the page has been closed
  arrive(state?.scroll ?? 0);
  htmx.ajax("GET", shown, { target: "#main", select: "#main > *", swap: "innerHTML" });
});

function arrive(scroll) {
  [shown, to] = [here(), scroll];
  for (const next of document.querySelectorAll(".header [name=next]")) next.value = shown; // where choosing a theme leads
}

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (to === null || ctx.target?.id !== "main") return;
  document.getElementById("main").focus({ preventScroll: true });
  scrollTo(0, to);
  to = null;
});
