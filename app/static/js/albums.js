// The scripts of the screens about albums.
import "./writing.js";
