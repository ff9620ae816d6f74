// What arrives is said aloud by screen readers, without taking anybody away from what they do.
export function announce(name, words) {
  const line = document.createElement("p");
  line.textContent = `${name}: ${words}`;
  const lines = document.getElementById("announcements");
  lines.append(line);
  if (lines.children.length > 5) lines.firstElementChild.remove();
}
