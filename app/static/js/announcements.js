// What arrives is said aloud by screen readers, without taking anybody away from what they do.
export const announce = (name, words) => tell(`${name}: ${words}`);

export function tell(words) {
  const line = document.createElement("p");
  line.textContent = words;
  const lines = document.getElementById("announcements");
  lines.append(line);
  if (lines.children.length > 5) lines.firstElementChild.remove();
}
