// The page's scripts. Each module looks after one thing and listens to the whole document, so that
// fragments swapped in later need no wiring.
import "./times.js";
import "./menus.js";
import "./toasts.js";
import "./code.js";
import "./names.js";
import "./pictures.js";
import "./posts.js";
import "./live.js";
import "./arrangement.js";
import "./chat.js";
import "./typing.js";
import "./counts.js";
import "./composer.js";
import "./messages.js";
import "./groups.js";
import "./search.js";
import "./panes.js";
import "./counted.js";

document.cookie = "scripted=1; path=/; max-age=31536000; SameSite=Lax"; // so reading is what comes into view
