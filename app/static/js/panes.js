// Lists beside the page are where they were left; a page's own list is so for who comes back to it.
const came = performance.getEntriesByType("navigation")[0]?.type;
const here = location.pathname + location.search;
const panes = [[".inbox-pane .pane-scroll", "inbox"], [".contacts-pane .pane-scroll", "contacts"], [".pane-body", here]]
  .map(([selector, name]) => [document.querySelector(selector), `pane-${name}`])
  .filter(([pane]) => pane);

for (const [pane, key] of panes) {
  if (!pane.matches(".pane-body") || came !== "navigate") pane.scrollTop = sessionStorage.getItem(key) ?? 0;
}
document.querySelector(".inbox-pane [aria-current]")?.scrollIntoView({ block: "nearest" });
addEventListener("pagehide", () => {
  for (const [pane, key] of panes) sessionStorage.setItem(key, pane.scrollTop);
});
