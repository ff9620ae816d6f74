// The scripts of the screens about posts and people.
import "./post.js";
import "./previews.js";
import "./writing.js";
import "./tags.js";
import "./order.js";
import "./feed.js";
import "./avatars.js";
import "./share.js";
import "./comments.js";
