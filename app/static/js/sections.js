// Sections of the settings open and close in their place, and attention goes with them: into the first field of one that
// opens, to what is wrong in one that is not taken, and back to the button when it closes. Escape closes it as well.
const FIELDS = ":is(input:not([type=hidden], [type=file], [type=radio]:not(:checked)), textarea, select):not(:disabled)";
const sectionOf = (element) => element.closest?.(".section");
let moving;

function move(event) {
  moving = sectionOf(event.target);
}

document.addEventListener("click", (event) => event.target.closest?.(".opens, .opens-photo, .closes") && move(event));
document.addEventListener("submit", move);

document.addEventListener("htmx:after:swap", () => {
  const section = moving && document.getElementById(moving.id);
  if (!section || section === moving) return;
  moving = null;
  const place = section.querySelector("[aria-invalid=true]") ?? section.querySelector(".opens") ?? section.querySelector(`form ${FIELDS}, form [type=file]`);
  if (!place) section.tabIndex = -1; // such as among devices
  (place ?? section).focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || event.target.closest("dialog")) return;
  const closes = sectionOf(event.target)?.querySelector(".closes");
  if (!closes) return;
  event.preventDefault();
  closes.click();
});

// Another theme or language loads the page anew: whoever is still writing in a section is asked first.
const written = (field) => field.value !== field.defaultValue || field.matches("[aria-invalid=true]");

addEventListener("beforeunload", (event) => {
  const fields = document.querySelectorAll(".section form:has(.closes) :is(textarea, input:not([type=password], [type=file]))");
  if ([...fields].some(written)) event.preventDefault();
});

// The menu tells where one is.
const links = [...document.querySelectorAll(".settings-menu a[href^='#']")];
let waiting;

function mark() {
  waiting = 0;
  const end = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
  const place = (link) => document.querySelector(link.hash)?.getBoundingClientRect().top ?? 0;
  const here = end && scrollY ? links.at(-1) : (links.findLast((link) => place(link) < 160) ?? links[0]);
  for (const link of links) link === here ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
}

addEventListener("scroll", () => (waiting ||= requestAnimationFrame(mark)), { passive: true });
mark();
