// Moments in the device's own zone, and how long ago. The server wrote them in the instance's zone.
const language = document.documentElement.lang;
const formats = {
  time: new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  day: new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { day: "numeric", month: "long", year: "numeric" }),
  month: new Intl.DateTimeFormat(language, { month: "long", year: "numeric" }),
  date: new Intl.DateTimeFormat("uk", { day: "2-digit", month: "2-digit", year: "numeric" }),
};
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const steps = [[60, "minute"], [24, "hour"], [7, "day"]];

export function dayOf(moment) {
  return `${moment.getFullYear()}-${moment.getMonth()}-${moment.getDate()}`;
}

function inWords(moment) {
  const now = new Date();
  if (dayOf(moment) === dayOf(now)) return relative.format(0, "day");
  if (dayOf(moment) === dayOf(new Date(now - 864e5))) return relative.format(-1, "day");
  return formats.day.format(moment).replace(/\s*р\.$/, "");
}

function ago(moment) {
  let passed = Math.round((Date.now() - moment) / 6e4);
  if (passed < 1) return null;
  for (const [size, unit] of steps) {
    if (passed < size) return relative.format(-passed, unit);
    passed = Math.floor(passed / size);
  }
  return formats.day.format(moment).replace(/\s*р\.$/, "");
}

function written(moment, style) {
  if (style === "time") return formats.time.format(moment);
  if (style === "day") return inWords(moment);
  if (style === "month") return formats.month.format(moment).replace(/\s*р\.$/, "");
  if (style === "short") return dayOf(moment) === dayOf(new Date()) ? formats.time.format(moment) : formats.date.format(moment);
  if (style === "ago") return ago(moment);
  return `${formats.day.format(moment).replace(/\s*р\.$/, "")}, ${formats.time.format(moment)}`;
}

export function localise(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const words = written(new Date(element.dateTime), element.dataset.style);
    if (words && words !== element.textContent) element.textContent = words;
  }
}

document.documentElement.classList.add("scripted");
localise(document);
document.addEventListener("htmx:after:swap", () => localise(document));
setInterval(() => localise(document), 60e3);
