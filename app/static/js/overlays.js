// What lies over the page closes with the browser's way back, as on a phone, instead of leaving the page.
export function overlay(dialog) {
  dialog.showModal();
  history.pushState({ ...history.state, over: dialog.id }, "");
}

document.addEventListener("close", ({ target }) => history.state?.over === target.id && history.back(), { capture: true });
// A page that was left, or loaded anew, with something over it has nothing over it when one comes back.
addEventListener("pageshow", () => history.state?.over && !document.querySelector("dialog[open]") && history.back());
addEventListener("popstate", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) if (history.state?.over !== dialog.id) dialog.close();
});
