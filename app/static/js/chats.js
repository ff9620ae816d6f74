// The scripts of the screens about chats.
import "./arrangement.js";
import "./chat.js";
import "./typing.js";
import "./composer.js";
import "./emoji.js";
import "./messages.js";
import "./groups.js";
import "./search.js";
import "./panes.js";
