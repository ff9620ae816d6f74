// The scripts of the screens about albums.
import "./writing.js";
import "./order.js";
import "./photos.js";
