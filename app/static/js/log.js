// The log of the open chat, what is in it, and the composer below.
import { find } from "./html.js";

export const viewer = document.body.dataset.viewer;
export const log = () => find("[data-chat-id]");
export const chatId = () => log().dataset.chatId;
export const said = () => [...log().querySelectorAll(".message[data-seq]")];
export const seqOf = (message) => Number(message?.dataset.seq ?? 0);
export const mine = ({ dataset }) => (dataset.users ?? "").split(" ").includes(viewer);
export const composer = () => find("[data-composer]");
export const field = () => find("textarea", composer());
export const pendingFor = ({ dataset }) => find(`.pending[data-client-id="${CSS.escape(dataset.clientId)}"]`);

// Whether what comes into the open chat is being read is known to the script that scrolls it, on pages that have one.
export let reading = () => false;
export const attend = (knows) => (reading = knows);
