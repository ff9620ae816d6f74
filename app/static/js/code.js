// The code that was mailed: six boxes instead of one field, and a countdown until another may be asked for.

const LENGTH = 6;

class CodeField extends HTMLElement {
  connectedCallback() {
    if (this.boxes) return;
    const single = this.querySelector("input");
    this.boxes = Array.from({ length: LENGTH }, (_, place) => this.box(single, place));
    // What the form sends. Not the single field made hidden: htmx gives swapped elements their attributes back.
    this.field = document.createElement("input");
    this.field.type = "hidden";
    this.field.name = single.name;
    this.className = "code-boxes";
    this.role = "group";
    this.ariaLabel = single.labels[0].textContent;
    this.replaceChildren(this.field, ...this.boxes);
    this.show(0, single.value);
    this.addEventListener("input", this);
    this.addEventListener("paste", this);
    this.addEventListener("keydown", this);
    this.addEventListener("focusin", (event) => event.target.select());
    if (single.autofocus) this.boxes[0].focus();
  }

  box(single, place) {
    const box = document.createElement("input");
    box.type = "text";
    box.inputMode = "numeric";
    box.autocomplete = place ? "off" : "one-time-code";
    if (place === 0) box.id = single.id;
    box.ariaLabel = this.dataset.label.replace("{n}", place + 1);
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (single.hasAttribute(name)) box.setAttribute(name, single.getAttribute(name));
    }
    return box;
  }

  handleEvent(event) {
    const place = this.boxes.indexOf(event.target);
    if (event.type === "input") this.show(place, event.target.value);
    if (event.type === "paste") {
      event.preventDefault();
      const digits = event.clipboardData.getData("text");
      // A whole code starts at the first box, wherever it was dropped.
      this.show(digits.replace(/\D/g, "").length < this.boxes.length ? place : 0, digits);
    }
    if (event.type === "keydown") this.move(event, place);
  }

  // Write digits from a box on, and go to the box after them.
  show(place, text) {
    const digits = text.replace(/\D/g, "").slice(0, this.boxes.length - place);
    if (this.boxes[place]) this.boxes[place].value = "";
    [...digits].forEach((digit, i) => { this.boxes[place + i].value = digit; });
    this.field.value = this.boxes.map((box) => box.value).join("");
    if (digits) this.boxes[Math.min(place + digits.length, this.boxes.length - 1)].focus();
  }

  move(event, place) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Backspace: event.target.value ? 0 : -1 };
    const next = this.boxes[place + steps[event.key]];
    if (!steps[event.key] || !next) return;
    event.preventDefault();
    if (event.key === "Backspace") {
      next.value = "";
      this.show(place - 1, "");
    }
    next.focus();
  }
}

class CountDown extends HTMLElement {
  connectedCallback() {
    this.end = Date.now() + Number(this.dataset.seconds) * 1000;
    this.button = this.closest("form").querySelector("button");
    this.tick();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  tick() {
    const left = Math.ceil((this.end - Date.now()) / 1000);
    this.button.disabled = left > 0;
    this.textContent = left > 0 ? this.dataset.text.replace("{n}", left) : "";
    if (left > 0) this.timer = setTimeout(() => this.tick(), 500);
  }
}

customElements.define("code-field", CodeField);
customElements.define("count-down", CountDown);
