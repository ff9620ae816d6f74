// The photos of a person over their page: the list of them is fetched, and opened like a gallery of the page.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-portraits]");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const answer = await fetch(link.href).catch(() => null);
  const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
  const gallery = page.querySelector(".gallery");
  const newest = gallery?.querySelector("a[data-lightbox]");
  if (!newest) return location.assign(link.href);
  document.querySelector(".gallery[data-fetched]")?.remove();
  gallery.hidden = true;
  gallery.dataset.fetched = "";
  link.after(gallery);
  htmx.process(gallery); // it fetches more of many
  newest.click();
});
