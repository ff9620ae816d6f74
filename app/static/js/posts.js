// The scripts of the screens about posts and people.
import "./post.js";
import "./feed.js";
import "./share.js";
