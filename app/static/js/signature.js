// Drawing a signature. Strokes are kept as points of a box 600 wide and 200 high, and drawn anew for whatever size and
// density the canvas has, so that nothing is lost when a window turns and ink is where the pointer was.
const WIDTH = 600, HEIGHT = 200, PEN = 5, SAVED_WIDTH = 1800;

let steps = []; // strokes, and "clear" where the sheet was cleared: undo takes steps back
let ink = null, stroke = null, watched = null, ready = false, due = 0;

const pad = () => document.querySelector("[data-pad]");
const form = () => pad()?.closest("form");
const file = () => form()?.querySelector("[type=file]");
const drawn = () => steps.slice(steps.lastIndexOf("clear") + 1);

// A line through the middles between points, with the points to steer it, has no corners.
function trace(context, { ink, points }) {
  context.strokeStyle = context.fillStyle = ink;
  const [first] = points;
  if (points.length === 1) {
    context.beginPath();
    context.arc(first.x, first.y, first.wide / 2, 0, 7);
    return context.fill();
  }
  let from = first;
  for (let place = 1; place <= points.length; place++) {
    const [point, next] = [points[place - 1], points[place]];
    const to = next ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2, wide: next.wide } : point;
    if (place === 1 || from.wide !== to.wide) {
      if (place > 1) context.stroke();
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineWidth = to.wide;
    }
    context.quadraticCurveTo(point.x, point.y, to.x, to.y);
    from = to;
  }
  context.stroke();
}

function draw(canvas) {
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(canvas.width / WIDTH, 0, 0, canvas.height / HEIGHT, 0, 0);
  context.lineCap = context.lineJoin = "round";
  for (const one of drawn()) trace(context, one);
}

function show() {
  due ||= requestAnimationFrame(() => {
    due = 0;
    const canvas = pad()?.querySelector("canvas");
    if (!canvas) return;
    draw(canvas);
    for (const button of pad().querySelectorAll("[data-pad-undo], [data-pad-clear]")) button.disabled = !steps.length;
  });
}

// The bitmap has as many pixels as the screen gives the box; that changes with the zoom, too.
const sizes = new ResizeObserver(([{ target, contentRect: { width, height } }]) => {
  if (!width) return;
  [target.width, target.height] = [width, height].map((side) => Math.round(side * devicePixelRatio));
  show();
});

function watch() {
  const canvas = pad()?.querySelector("canvas") ?? null;
  if (canvas === watched) return;
  if (watched) sizes.unobserve(watched);
  watched = canvas;
  if (!canvas) return (steps = []), (stroke = null); // it was saved, or cancelled
  ink = pad().querySelector("[data-ink]").dataset.ink;
  try {
    sizes.observe(canvas, { box: "device-pixel-content-box" });
  } catch {
    sizes.observe(canvas);
  }
}

function point(event) {
  const box = watched.getBoundingClientRect();
  const pressed = event.pointerType === "pen" && event.pressure ? 0.4 + 1.2 * event.pressure : 1;
  return {
    x: ((event.clientX - box.left) * WIDTH) / box.width,
    y: ((event.clientY - box.top) * HEIGHT) / box.height,
    wide: Math.round(PEN * pressed * 2) / 2,
  };
}

function pick(chosen) {
  const picture = pad().querySelector("[data-picked]");
  URL.revokeObjectURL(picture.src);
  picture.hidden = !chosen;
  if (chosen) picture.src = URL.createObjectURL(chosen);
  else {
    picture.removeAttribute("src");
    file().value = "";
  }
}

function note(words) {
  const place = form().querySelector(".field-error");
  place.textContent = words;
  file().toggleAttribute("aria-invalid", Boolean(words));
}

function undo() {
  if (file().files.length) pick(null);
  steps.pop();
  show();
}

document.addEventListener("pointerdown", (event) => {
  if (event.target !== watched || !watched || event.button || stroke) return;
  event.preventDefault();
  watched.setPointerCapture(event.pointerId);
  if (file().files.length) pick(null);
  stroke = { ink, points: [point(event)], pointer: event.pointerId };
  steps.push(stroke);
  note("");
  show();
});
document.addEventListener("pointermove", (event) => {
  if (event.pointerId !== stroke?.pointer || !watched) return;
  const moves = event.getCoalescedEvents?.() ?? [];
  for (const move of (moves.length ? moves : [event]).map(point)) {
    const last = stroke.points.at(-1);
    if (move.x !== last.x || move.y !== last.y) stroke.points.push(move); // a curve of no length is not drawn
  }
  show();
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, (event) => event.pointerId === stroke?.pointer && (stroke = null));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pad] button");
  if (!button) return;
  if (button.matches("[data-pad-undo]")) undo();
  else if (button.matches("[data-pad-clear]")) {
    if (file().files.length) pick(null);
    else if (drawn().length) steps.push("clear");
    show();
  } else {
    ink = button.dataset.ink;
    for (const one of pad().querySelectorAll("[data-ink]")) one.ariaPressed = String(one === button);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  if (!watched || !steps.length || event.target.matches("textarea, [type=text], [type=email], [type=password]")) return;
  event.preventDefault();
  undo();
});
document.addEventListener("change", (event) => {
  if (!watched || event.target !== file()) return;
  const [chosen] = file().files;
  if (chosen && drawn().length) steps.push("clear"); // undo brings back what was drawn
  pick(chosen);
  note("");
  show();
});

// What was drawn travels as the picture that could have been chosen.
document.addEventListener("submit", async (event) => {
  const sent = event.target;
  if (!watched || sent !== form() || ready || sent.signs_by.value !== "drawing" || file().files.length) return;
  const blank = !drawn().length;
  if (blank && sent.querySelector("[data-has-one]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (blank) {
    note(sent.querySelector("[data-blank]").dataset.blank);
    return file().focus();
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SAVED_WIDTH, (SAVED_WIDTH * HEIGHT) / WIDTH];
  draw(canvas);
  const content = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const transfer = new DataTransfer();
  transfer.items.add(new File([content], "signature.png", { type: "image/png" }));
  file().files = transfer.files;
  ready = true;
  sent.requestSubmit(event.submitter);
  ready = false;
}, true);

document.addEventListener("htmx:after:swap", watch);
watch();
show();
