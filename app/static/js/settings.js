// The scripts of the screens about oneself.
import "./crop.js";
import "./writing.js";
import "./sections.js";
import "./signature.js";
