// The scripts of the screens about posts and people.
import "./post.js";
import "./comments.js";
