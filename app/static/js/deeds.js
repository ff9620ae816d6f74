// What is done to a message without leaving the page: the server answers with the message as it is then.
import { refused } from "./html.js";
import { receive } from "./live.js";

// Post, and show the answer: what came of it, or why nothing did, as a toast or where ``explain`` puts a refused form.
// Tells whether it was done.
export async function deed(address, body, explain = toast) {
  const headers = { "HX-Request": "true" };
  const answer = await fetch(address, { method: "POST", body, headers }).catch(() => null);
  const elsewhere = answer?.headers.get("HX-Redirect");
  if (elsewhere) location.assign(elsewhere); // signed out, or the thing has gone: nothing has been done
  const html = (await answer?.text()) ?? "";
  if (answer?.ok) receive(html);
  else if (answer?.status === 422 && !html.startsWith("<hx-partial")) explain(html);
  else toast(html || document.getElementById("not-done").innerHTML);
  return Boolean(answer?.ok && !elsewhere);
}

function toast(html) {
  const notice = refused(html).firstElementChild;
  if (notice) document.getElementById("toasts").append(notice);
}
