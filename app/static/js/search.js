// The words that were looked for in a chat are marked where they stand in what was found.
const field = () => document.querySelector("#pane-search");

function mark() {
  if (!field() || !globalThis.CSS?.highlights) return;
  const words = field().value.toLowerCase().split(/\s+/).filter(Boolean);
  const ranges = [];
  for (const body of document.querySelectorAll(".found-message .message-body")) {
    const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()); ) {
      for (const word of words) {
        const within = text.data.toLowerCase();
        for (let at = within.indexOf(word); at >= 0; at = within.indexOf(word, at + word.length)) {
          const range = new Range();
          range.setStart(text, at);
          range.setEnd(text, Math.min(at + word.length, text.length));
          ranges.push(range);
        }
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

document.addEventListener("htmx:after:swap", mark);
mark();
