// The scripts of the screens about posts and people.
import "./post.js";
import "./writing.js";
import "./tags.js";
import "./order.js";
import "./feed.js";
import "./photos.js";
import "./share.js";
import "./comments.js";
