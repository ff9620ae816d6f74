// What is done to a message without leaving the page: the server answers with the message as it is then.
import { receive } from "./live.js";

// Post, and show the answer: a message, or a toast that says why not. Tells whether it was done.
export async function deed(address, body) {
  const headers = { "HX-Request": "true" };
  const answer = await fetch(address, { method: "POST", body, headers }).catch(() => null);
  if (answer?.headers.get("HX-Redirect")) location.assign(answer.headers.get("HX-Redirect"));
  const html = (await answer?.text()) ?? "";
  if (answer?.ok) receive(html);
  else toast(html || document.getElementById("not-done").innerHTML);
  return Boolean(answer?.ok);
}

function toast(html) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html || "";
  const inner = parsed.content.querySelector("hx-partial, template");
  const notice = (inner?.content ?? inner ?? parsed.content).firstElementChild;
  if (notice) document.getElementById("toasts").append(notice);
}
