// Files go up one by one and three at a time, in the order in which they were chosen. Whoever shows one of them is told
// how it fares: going(share), kept(html), failed(sentence, whether it may go again), and dropped() when it must not go.
import { refused } from "./html.js";
import { isPicture } from "./pictures.js";
const AT_ONCE = 3, LARGEST = 15 * 2 ** 20, PATIENCE = 300e3;

const line = new Set();

// Sentences about a file have NAME in the place of what it is called: those of the page, and those of the server, to
// which every file goes up by this name. So what is said of a file is told from what is said of all.
const NAME = "{name}";

function named(sentence, file) {
  const letters = [...file.name];
  const name = letters.length > 40 ? [...letters.slice(0, 24), "…", ...letters.slice(-12)].join("") : file.name;
  return sentence.replace(NAME, () => name);
}

// The server's sentence about a file that need not go up to be refused.
const refusal = (file, words) => (file.size > LARGEST ? words.tooLarge : isPicture(file) ? "" : words.unreadable);

// ``words`` are the sentences of partials/upload_words.html.
export function upload(file, address, words, face) {
  const reason = refusal(file, words);
  if (reason) return face.failed(named(reason, file), false);
  line.add(Object.assign(face, { file, address, words, request: null, stuck: false }));
  pump();
}

export function cancel(one) {
  line.delete(one);
  one.request?.abort();
  pump();
}

export function again(one) {
  one.stuck = false;
  pump();
}

function pump() {
  let going = [...line].filter((one) => one.request).length;
  for (const one of line) {
    if (going >= AT_ONCE || !navigator.onLine) return;
    if (one.request || one.stuck) continue;
    send(one);
    going++;
  }
}

function send(one) {
  const form = new FormData(), request = (one.request = new XMLHttpRequest());
  form.append("images", one.file, NAME);
  request.open("POST", one.address);
  request.setRequestHeader("HX-Request", "true");
  request.timeout = PATIENCE;
  request.upload.onprogress = ({ loaded, total }) => one.going(loaded / total);
  request.onload = request.onerror = request.ontimeout = () => answered(one, request);
  one.going(0);
  request.send(form);
}

function answered(one, request) {
  const { status } = request, elsewhere = status && request.getResponseHeader("HX-Redirect");
  one.request = null;
  one.stuck = !status || status === 429 || status >= 500;
  if (!one.stuck) line.delete(one);
  if (elsewhere) {
    line.clear(); // signed out: nothing that waits would be taken
    location.assign(elsewhere);
  } else if (status === 200) {
    one.kept(request.responseText);
  } else {
    const words = (status && refused(request.responseText).querySelector("p")?.textContent) || one.words.broken;
    one.failed(named(words, one.file), one.stuck);
    // That there is no room, say, holds for the others too.
    if (!one.stuck && !words.includes(NAME)) for (const other of line) other.dropped();
  }
  pump();
}

for (const [target, name] of [[window, "online"], [document, "live:open"]]) {
  target.addEventListener(name, () => {
    for (const one of line) one.stuck = false;
    pump();
  });
}
addEventListener("beforeunload", (event) => line.size && event.preventDefault());
