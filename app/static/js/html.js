// Pieces of pages: found where they stand, and made of what the server answers.
export const find = (selector, root = document) => root.querySelector(selector);

export function parse(html) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  return parsed.content;
}

// What it said instead of doing what was asked: in a toast, or by itself.
export function refused(html) {
  const content = parse(html), inner = content.querySelector("hx-partial, template");
  return inner?.content ?? inner ?? content;
}
