// Making a group: who shall be in it, as chips above the list, then what it is called.
import { find } from "./html.js";

const form = () => find("[data-group-form]");
const chips = () => find("[data-chosen]", form());
const chip = (id) => find(`input[value="${id}"]`, chips())?.closest(".chip");

function count() {
  const all = chips().querySelectorAll("input");
  find("[data-count]", form()).textContent = all.length;
  const who = find("[data-who]", form());
  if (who) who.textContent = [...chips().querySelectorAll(".chip")].map((one) => one.textContent.trim()).join(", ");
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-photo]")) return preview(target);
  if (!form()?.contains(target) || target.name !== "member_ids") return;
  if (chips().contains(target)) {
    const box = find(`.friend-choices input[value="${target.value}"]`, form());
    if (box) box.checked = false;
    target.closest(".chip").remove();
  } else if (!target.checked) chip(target.value)?.remove();
  else if (!chip(target.value)) {
    const made = find("template[data-chip]", form()).content.firstElementChild.cloneNode(true);
    find("input", made).value = target.value;
    find("span", made).textContent = find(".row-name", target.closest(".row")).textContent;
    chips().append(made);
  }
  count();
});

function preview(input) {
  const [file] = input.files;
  if (!file) return;
  const face = find("[data-photo-preview] .avatar", input.form);
  const image = new Image();
  image.alt = "";
  image.src = URL.createObjectURL(file);
  face.replaceChildren(image);
}

// After a search those who are chosen are ticked in the list that came.
document.addEventListener("htmx:after:swap", () => {
  if (!form()) return;
  for (const box of form().querySelectorAll(".friend-choices input")) box.checked = Boolean(chip(box.value));
});

function step(name) {
  for (const part of form().querySelectorAll("[data-stage]")) part.hidden = part.dataset.stage !== name;
  count();
  find(name === "face" ? "[name=name]" : "[name=q]", form()).focus();
}

// The browser's way back leads from the second step to the first.
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-next]")) {
    history.pushState({ step: "face" }, "");
    step("face");
  }
  if (target.closest("[data-back]")) history.state?.step ? history.back() : step("people");
});
addEventListener("popstate", () => form() && find("[data-stage]", form()) && step(history.state?.step ?? "people"));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-group-form] [name=q]")) return;
  event.preventDefault(); // it would send the form
});

if (form() && find("[data-stage]", form())) step(find("[data-first]", form()) ? "face" : "people");
