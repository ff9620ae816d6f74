// The scripts of the screens about oneself.
import "./writing.js";
import "./sections.js";
