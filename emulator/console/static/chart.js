// Draws what stands in data-chart with uPlot: bars of what was used beside what became of it. The words, the zones and
// the exact numbers are the server's; so is the table below, which says the same.
"use strict";

const HEIGHT = 240, ROW = 17, EDGE = 16, NARROW = 480;
const charts = new Map();

const style = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();
const colour = (chart, kind) => style(chart.closest("figure").querySelector(`.swatch.${kind}`), "background-color");

// Those of the second bar stand on each other: each reaches from the floor to its own top, the highest is drawn first.
function stacked(bars) {
  const { used, ...others } = bars;
  let below = used.map(() => 0);
  const tops = Object.entries(others).map(([kind, values]) => [kind, below = values.map((value, i) => value + below[i])]);
  return [["used", used], ...tops.reverse()];
}

// "11-29 06:00" as "06:00", and midnight as its day.
const shortened = (label) => (label.endsWith("00:00") ? label.slice(0, 5) : label.slice(-5));

// Where labels stand that do not run out of the chart.
function labelled(plot, drawn, row, step) {
  const wide = plot.bbox.width / devicePixelRatio;
  const fits = (label, i) => {
    const at = (i + 0.5) / row.length * wide, half = label.length * 3;
    return (i + drawn.phase) % step === 0 && half <= at && at <= wide - half + EDGE;
  };
  return row.flatMap((label, i) => (fits(label, i) ? [i] : []));
}

function options(chart, drawn, series) {
  const last = drawn.said.length - 1;
  const font = `11px ${style(chart, "font-family")}`;
  const line = { stroke: style(chart, "--line"), width: 1 };
  const bottom = (row, index) => ({
    scale: "x", side: 2, font, size: ROW, gap: 3, space: row[0].length * 6 + 24, incrs: drawn.steps, grid: { show: false }, ticks: { show: false },
    stroke: style(chart, index ? "--dim" : "--ink"),
    splits: (plot, _axis, _min, _max, step) => labelled(plot, drawn, row, step),
    values: (_plot, places) => places.map((i) => row[i]),
  });
  const left = {
    scale: "y", font, gap: 6, stroke: style(chart, "--ink"), grid: line, ticks: { show: false },
    size: (_plot, values) => Math.max(64, ...(values || []).map((each) => each.length * 7 + 14)),
  };
  return {
    width: chart.clientWidth,
    height: HEIGHT,
    padding: [8, EDGE, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, move: (plot, x, y) => [snapped(plot, x), y] },
    scales: {
      x: { time: false, range: [-0.5, last + 0.5] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? uPlot.rangeNum(0, max, 0.05, true)[1] : 1] },
    },
    axes: [bottom(drawn.rows[0], 0), left, ...drawn.rows.slice(1).map((row) => bottom(row, 1))],
    series: [{}, ...series.map(([kind]) => ({
      fill: colour(chart, kind),
      width: 0,
      points: { show: false },
      paths: uPlot.paths.bars({ size: [0.38], align: kind === "used" ? -1 : 1 }),
    }))],
    hooks: { setCursor: [(plot) => tell(chart, drawn, plot.cursor.idx)] },
  };
}

const snapped = (plot, x) => (x < 0 ? x : plot.valToPos(plot.posToIdx(x), "x"));

function tell(chart, drawn, index) {
  const read = chart.closest("figure").querySelector(".read");
  read.textContent = index == null ? read.dataset.hint : drawn.said[index];
  if (index == null) return;
  chart.setAttribute("aria-valuenow", index);
  chart.setAttribute("aria-valuetext", drawn.said[index]);
}

function draw(chart) {
  forget(chart);
  const drawn = JSON.parse(chart.dataset.chart);
  if (chart.clientWidth < NARROW) drawn.rows = drawn.rows.map((row) => row.map(shortened));
  const series = stacked(drawn.bars);
  const plot = new uPlot(options(chart, drawn, series), [drawn.said.map((_, i) => i), ...series.map(([, values]) => values)], chart);
  charts.set(chart, plot);
  chart.style.setProperty("--slot", `${plot.over.clientWidth / drawn.said.length}px`);
  const last = drawn.said.length - 1;
  const role = { role: "slider", tabindex: 0, "aria-label": chart.dataset.label, "aria-valuemin": 0, "aria-valuemax": last };
  for (const [name, value] of Object.entries(role)) chart.setAttribute(name, value);
  tell(chart, drawn, last);
  tell(chart, drawn, null);
}

function forget(chart) {
  if (charts.has(chart)) charts.get(chart).destroy();
  charts.delete(chart);
}

function step(event) {
  const plot = charts.get(event.target);
  if (!plot) return;
  const last = plot.data[0].length - 1;
  const at = plot.cursor.idx ?? last + 1;
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  plot.setCursor({ left: plot.valToPos(Math.min(Math.max(to, 0), last), "x"), top: 0 });
}

const widths = new ResizeObserver((all) => { for (const { target } of all) draw(target); });
function find(root) {
  for (const chart of root.querySelectorAll("[data-chart]")) {
    chart.hidden = false;
    widths.observe(chart);  // which draws it the first time
  }
}
document.addEventListener("keydown", step);
document.addEventListener("htmx:load", (event) => find(event.target));
document.addEventListener("htmx:beforeCleanupElement", (event) => { widths.unobserve(event.target); forget(event.target); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { for (const chart of charts.keys()) draw(chart); });
find(document);
