// The scripts of every page; chats.js and posts.js bring what their screens need besides. Each module looks after one
// thing and listens to the whole document, so that fragments swapped in later need no wiring.
import "./times.js";
import "./menus.js";
import "./toasts.js";
import "./code.js";
import "./names.js";
import "./pictures.js";
import "./completion.js";
import "./live.js";
import "./outbox.js";
import "./counts.js";
import "./drafts.js";
import "./finder.js";

document.cookie = "scripted=1; path=/; max-age=31536000; SameSite=Lax"; // so reading is what comes into view
