import { draw } from "./chart.js";
import { every, get } from "./get.js";

const two = (n) => String(n).padStart(2, "0");

function el(tag, className, text) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  if (text != null) e.textContent = text;
  return e;
}

function clock(iso, now) {
  const d = new Date(iso);
  if (now - d < 20 * 3600e3) return two(d.getUTCHours()) + ":" + two(d.getUTCMinutes()) + ":" + two(d.getUTCSeconds());
  const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][d.getUTCMonth()];
  return d.getUTCDate() + " " + month + " " + two(d.getUTCHours()) + ":" + two(d.getUTCMinutes());
}

// line is one arriving article, the same as the server writes it.
function line(a, now) {
  const li = el("li");
  li.dataset.key = a.id + "/" + a.revision;
  const time = el("time", "", clock(a.seen_at, now));
  time.dateTime = a.seen_at;
  const what = el("span", "what");
  const link = el("a", "", a.title || "(no title)");
  link.href = "/article/" + a.id;
  what.append(link);
  if (a.copy_of) what.append(" ", el("span", "tag", "copy"));
  if (a.revision) what.append(" ", el("span", "tag", "revision " + a.revision));
  if (a.backlog) what.append(" ", el("span", "tag", "history"));
  li.append(time, what, el("span", "from", a.source));
  return li;
}

const lag = (ms) => (ms < 1000 ? Math.round(ms) + " ms" : ms < 60000 ? Math.floor(ms / 1000) + " s" : Math.floor(ms / 60000) + " min");

// renew takes the parts of the page that change slowly from a newer copy of the
// page itself. A part that somebody reads closely or works in stays as it is,
// and so does a chart, which renews itself.
async function renew(page) {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.statusText);
  const newer = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of page.querySelectorAll("[data-fresh]")) {
    const fresh = newer.querySelector('[data-fresh="' + old.dataset.fresh + '"]');
    if (!fresh || old.contains(page.activeElement) || old.querySelector("details[open], .plot")) continue;
    old.replaceWith(fresh);
    fresh.querySelectorAll(".plot").forEach(draw);
  }
}

// follow keeps the figures and the list of arriving articles up to date.
export function follow(page) {
  const at = (name) => page.querySelector('[data-live="' + name + '"]');
  let known = null;
  const refresh = async () => {
    const l = await get("/api/v1/live");
    const count = (n) => n.toLocaleString("en");
    at("minute").textContent = count(l.rates.minute);
    at("hour").textContent = count(l.rates.hour);
    at("day").textContent = count(l.rates.day);
    at("copies").textContent = count(l.rates.copies);
    at("p95").textContent = l.rates.hour ? lag(l.rates.p95_ms) : "-";
    at("state").textContent = l.rates.minute ? "Articles are arriving." : l.rates.day ? "No article in the last minute." : "No live article in the last 24 hours.";
    at("dot").className = l.rates.minute ? "dot on" : "dot";
    if (l.recent.length && at("empty")) at("empty").remove();
    const lines = l.recent.map((a) => line(a, Date.parse(l.at)));
    for (const li of lines) if (known && !known.has(li.dataset.key)) li.className = "new";
    known = new Set(lines.map((li) => li.dataset.key));
    const focused = at("recent").contains(page.activeElement);
    if (!focused) at("recent").replaceChildren(...lines);
  };
  const lost = () => {
    at("state").textContent = "The server does not answer; these figures are old.";
    at("dot").className = "dot lost";
  };
  refresh().catch(lost);
  every(2, refresh, lost);
  every(10, () => renew(page), lost);
}
