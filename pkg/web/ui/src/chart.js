import uPlot from "uplot";
import { every, get } from "./get.js";

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const two = (n) => String(n).padStart(2, "0");
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const utc = (date) => uPlot.tzDate(date, "Etc/UTC");

// shortTimes labels the time axis: the clock within a day, dates beyond.
function shortTimes(u, splits, axis, space, step) {
  return splits.map((s) => {
    const d = new Date(s * 1000);
    const clock = two(d.getUTCHours()) + ":" + two(d.getUTCMinutes());
    const date = d.getUTCDate() + " " + months[d.getUTCMonth()];
    if (step >= 86400) return date;
    return clock === "00:00" ? date : clock;
  });
}

// marks draws a line for each alert and each change of the measuring. A bar
// stands around the start of its step, so moments move back by half a step.
function marks(state) {
  return {
    hooks: {
      draw: (u) => {
        const { ctx, bbox } = u;
        ctx.save();
        for (const m of state.marks) {
          const x = Math.round(u.valToPos(Date.parse(m.time) / 1000 - state.step / 2, "x", true)) + 0.5;
          if (x < bbox.left || x > bbox.left + bbox.width) continue;
          const grave = m.kind === "alert" || m.kind === "gap";
          ctx.strokeStyle = color(grave ? "--bad" : "--soft");
          ctx.lineWidth = devicePixelRatio;
          ctx.setLineDash(grave ? [] : [3 * devicePixelRatio, 3 * devicePixelRatio]);
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
        }
        ctx.restore();
      },
    },
  };
}

// tip says what stands under the pointer, as text, below the chart.
function tip(state, where) {
  return {
    hooks: {
      setCursor: (u) => {
        const i = u.cursor.idx;
        if (i == null) {
          where.textContent = "";
          return;
        }
        const d = new Date(u.data[0][i] * 1000);
        const parts = [
          d.getUTCDate() + " " + months[d.getUTCMonth()] + (state.step < 86400 ? " " + two(d.getUTCHours()) + ":" + two(d.getUTCMinutes()) : ""),
          ...state.words(u.data, i),
        ];
        for (const m of state.marks) {
          const t = Date.parse(m.time) / 1000;
          if (t >= u.data[0][i] && t < u.data[0][i] + state.step) parts.push(m.kind + ": " + m.label);
        }
        where.textContent = parts.join(", ");
      },
    },
  };
}

const bars = (label, name) => ({ label, fill: color(name), stroke: color(name), width: 0, paths: uPlot.paths.bars({ size: [0.8, 60], align: 0 }), points: { show: false } });
const line = (label, name, scale) => ({ label, scale, stroke: color(name), width: 1.5, points: { show: false } });
const times = (steps) => steps.map((b) => Date.parse(b.time) / 1000);

// coverage is articles by step: originals before all, and their share.
const coverage = {
  steps: (answer) => answer.series[0].buckets,
  columns: (steps) => [times(steps), steps.map((b) => b.articles), steps.map((b) => b.originals), steps.map((b) => (b.ingested ? (100 * b.articles) / b.ingested : null))],
  series: () => [bars("articles", "--copies"), bars("originals", "--accent"), line("share", "--share", "share")],
  words: (steps) => (data, i) => [data[1][i] + " articles", data[2][i] + " originals", (data[3][i] || 0).toFixed(1) + " % of " + steps[i].ingested],
};

// feed is what one feed brought by step, beside what was expected of it.
const feed = {
  steps: (answer) => answer.steps,
  columns: (steps) => [times(steps), steps.map((b) => b.new_items), steps.map((b) => (b.polls ? b.expected_items : null))],
  series: () => [bars("new", "--accent"), { ...line("expected", "--share"), spanGaps: true }],
  words: (steps) => (data, i) => [data[1][i] + " new", (data[2][i] || 0).toFixed(1) + " expected", steps[i].polls + " polls"],
};

function options(plot, state, said) {
  const grid = { stroke: color("--line"), width: 1 };
  const axis = { stroke: color("--soft"), grid, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const shares = state.kind === coverage;
  return {
    width: plot.clientWidth,
    height: plot.clientHeight,
    tzDate: (ts) => utc(new Date(ts * 1000)),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { range: (u, min, max) => [min - state.step / 2, max + state.step / 2] },
      y: { range: (u, min, max) => [0, Math.max(4, max * 1.08)] },
      share: { range: (u, min, max) => [0, Math.min(100, Math.max(1, max * 1.25))] },
    },
    axes: [
      { ...axis, grid: { show: false }, values: (u, splits, a, space) => shortTimes(u, splits, a, space, state.step), space: 64, size: 28 },
      { ...axis, size: 44, values: (u, splits) => splits.map((v) => (Number.isInteger(v) ? v.toLocaleString("en") : "")) },
      ...(shares ? [{ ...axis, scale: "share", side: 1, size: 46, grid: { show: false }, values: (u, splits) => splits.map((v) => v + " %") }] : []),
    ],
    series: [{}, ...state.kind.series()],
    plugins: [marks(state), tip(state, said)],
  };
}

// draw fills one plot from the address it names, and again as time goes on.
export function draw(plot) {
  const said = document.createElement("p");
  said.className = "note said";
  said.setAttribute("aria-hidden", "true");
  plot.after(said);
  const state = { marks: [], step: 3600, kind: plot.dataset.kind === "feed" ? feed : coverage, words: null };
  let chart = null;
  const make = (data) => {
    if (chart) chart.destroy();
    chart = new uPlot(options(plot, state, said), data, plot);
  };
  const load = async () => {
    const c = await get(plot.dataset.src);
    const steps = state.kind.steps(c);
    state.marks = c.marks;
    state.step = c.step_s;
    state.words = state.kind.words(steps);
    const data = state.kind.columns(steps);
    if (chart) chart.setData(data);
    else make(data);
  };
  const failed = (err) => {
    said.textContent = "The chart could not be drawn: " + err.message;
  };
  load().catch(failed);
  every(15, load, failed);
  new ResizeObserver(() => {
    if (chart && plot.clientWidth) chart.setSize({ width: plot.clientWidth, height: plot.clientHeight });
  }).observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart && make(chart.data));
}
