// The scripts of the screens about albums.
import "./writing.js";
import "./opening.js";
import "./album.js";
import "./order.js";
import "./photos.js";
