// How a service was, as a picture: a line for each metric with what was promised, outages shaded, what does not count hatched, payments as marks.
import { clock, h, span, svg, trl, words } from "./dom.js";

const width = 1000, left = 64, right = 12, lane = 110, gap = 26, top = 30;
const inner = width - left - right;
const many = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
const states = ["up", "down", "unknown", "disputed", "excluded", "open"];

/** Runs of one state. */
export function runs(intervals) {
  const found = [];
  for (const one of intervals) {
    const last = found.at(-1);
    if (last?.state === one.state) { last.end = one.end; last.count++; } else found.push({ state: one.state, begin: one.begin, end: one.end, first: one.interval, count: 1 });
  }
  return found;
}

const number = (text) => (text === undefined ? undefined : Number(text));

/** From the smallest to the largest of what is drawn, with room; always more than nothing. */
function scale(metric, place, intervals) {
  if (metric.kind === "binary") return [-0.15, 1.15];
  const values = intervals.flatMap((one) => [number(one.metrics[place].value), ...one.metrics[place].reports.map((report) => number(report.value))]);
  const all = [...values, number(metric.lowest), number(metric.highest)].filter((value) => value !== undefined);
  const low = Math.min(...all), high = Math.max(...all), room = (high - low || Math.abs(high) || 1) * 0.1;
  return all.length === 0 ? [0, 1] : [low - room, high + room];
}

const shown = (metric, text) => (metric.kind === "binary" ? (text === "1" ? "up" : "down") : `${text}${metric.unit ? ` ${metric.unit}` : ""}`);

/** A lane's steps: one piece for each run of intervals with a value. */
function line(intervals, place, x, y) {
  let path = "", isOpen = false;
  for (const one of intervals) {
    const value = number(one.metrics[place].value);
    if (value === undefined) { isOpen = false; continue; }
    path += `${isOpen ? "L" : "M"}${x(one.begin).toFixed(1)} ${y(value).toFixed(1)}H${x(one.end).toFixed(1)}`;
    isOpen = true;
  }
  return path;
}

/** What is said of an interval, for readers and pointers alike. */
function told(timeline, one, monitors) {
  const metrics = timeline.metrics.map((metric, place) => {
    const { state, value, reports } = one.metrics[place];
    const each = reports.map((report) => `${monitors[report.monitor] ?? `monitor ${report.monitor}`} ${report.value === undefined ? "nothing to say" : shown(metric, report.value)}`).join(", ");
    return `${metric.name} ${words(state)}${value === undefined || metric.kind === "binary" ? "" : ` at ${shown(metric, value)}`}${each ? ` (${each})` : ""}`;
  });
  return `Interval ${one.interval}, ${clock(one.begin)}: ${one.state}. ${metrics.join("; ")}.`;
}

/** What the picture shows, in a few sentences. */
export function summary(timeline, violations, payments) {
  const { intervals } = timeline;
  if (intervals.length === 0) return "The period has no such intervals.";
  const numbers = states.map((state) => [intervals.filter((one) => one.state === state).length, state]).filter(([found]) => found > 0).map(([found, state]) => `${found} ${state}`).join(", ");
  const outages = violations.map((one) => `from ${clock(one.begin)} ${span(Date.parse(one.end) - Date.parse(one.begin))}, credit ${trl(one.credit)}`);
  return `Intervals ${intervals[0].interval} to ${intervals.at(-1).interval} of period ${timeline.period}, ${clock(intervals[0].begin)} to ${clock(intervals.at(-1).end)}: ${numbers}. `
    + (outages.length === 0 ? "No outage. " : `${many(outages.length, "outage")}: ${outages.join("; ")}. `)
    + (payments.length === 0 ? "No payment in this time." : `${many(payments.length, "payment")} in this time.`);
}

/** The picture. The arrow keys walk through its intervals. */
export function timelinePicture(timeline, violations, payments, monitors) {
  const { intervals, metrics } = timeline;
  if (intervals.length === 0) return h("p", {}, "The period has no such intervals.");
  const begin = Date.parse(intervals[0].begin), end = Date.parse(intervals.at(-1).end);
  const x = (time) => left + (Math.min(Math.max(Date.parse(time) - begin, 0), end - begin) / (end - begin)) * inner;
  const height = top + metrics.length * (lane + gap) + 32, bottom = height - 32;
  const isWithin = (time) => Date.parse(time) >= begin && Date.parse(time) <= end;
  const within = violations.filter((one) => Date.parse(one.end) > begin && Date.parse(one.begin) < end);
  const marks = payments.filter((one) => isWithin(one.time));

  const shades = runs(intervals).filter((run) => run.state !== "up").map((run) => svg("rect", {
    class: `span ${run.state}`, x: x(run.begin), y: top - 8, width: Math.max(1, x(run.end) - x(run.begin)), height: bottom - top + 8, ...(run.state === "excluded" && { fill: "url(#hatched)" }),
  }, svg("title", {}, `${words(run.state)}: ${many(run.count, "interval")} from ${clock(run.begin)}`)));
  const lanes = metrics.map((metric, place) => {
    const from = top + place * (lane + gap), [low, high] = scale(metric, place, intervals);
    const y = (value) => from + lane - ((value - low) / (high - low)) * lane;
    const bounds = metric.kind === "binary" ? [] : [metric.lowest, metric.highest].filter((bound) => bound !== undefined);
    const label = (at, text) => svg("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, text);
    return svg("g", { "aria-hidden": "true" },
      svg("text", { class: "name", x: left, y: from - 10 }, `${metric.name}${metric.unit ? ` in ${metric.unit}` : ""}`),
      svg("line", { class: "axis", x1: left, x2: width - right, y1: from + lane, y2: from + lane }),
      metric.kind === "binary" ? [label(y(1), "up"), label(y(0), "down")] : bounds.map((bound) => [label(y(Number(bound)), bound), svg("line", { class: "threshold", x1: left, x2: width - right, y1: y(Number(bound)), y2: y(Number(bound)) })]),
      metric.kind !== "binary" && intervals.flatMap((one) => one.metrics[place].reports.filter((report) => report.value !== undefined).map((report) => svg("circle", { class: "report", cx: (x(one.begin) + x(one.end)) / 2, cy: y(Number(report.value)), r: 1.8 }))),
      svg("path", { class: "metric", d: line(intervals, place, x, y) }));
  });
  const outages = within.map((one) => {
    const text = `Outage of ${many(one.count, "interval")} from ${clock(one.begin)} to ${clock(one.end)}: ${one.metrics.join(", ")}; credit ${trl(one.credit)}`;
    return svg("rect", { class: "outage", tabindex: "0", role: "img", "aria-label": text, "data-told": text, x: x(one.begin), y: top - 8, width: Math.max(2, x(one.end) - x(one.begin)), height: bottom - top + 8 }, svg("title", {}, text));
  });
  const paid = marks.map((one) => {
    const text = `${one.isIncoming ? "In" : "Out"}: ${trl(one.amount)}, ${words(one.purpose)}, ${clock(one.time)}`, at = x(one.time);
    return svg("path", { class: `payment ${one.purpose}`, tabindex: "0", role: "img", "aria-label": text, "data-told": text, d: `M${at.toFixed(1)} ${one.isIncoming ? bottom : bottom + 12}l5 ${one.isIncoming ? 12 : -12}h-10z` }, svg("title", {}, text));
  });
  const cursor = svg("line", { class: "cursor", x1: -9, x2: -9, y1: top - 8, y2: bottom, "aria-hidden": "true" });
  const said = summary(timeline, within, marks);
  const drawing = svg("svg", { class: "timeline", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": said, tabindex: "0" },
    svg("defs", {}, svg("pattern", { id: "hatched", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 7 }))),
    shades, lanes, cursor, outages, paid,
    svg("text", { x: left, y: height - 4, "aria-hidden": "true" }, clock(intervals[0].begin)), svg("text", { x: width - right, y: height - 4, "text-anchor": "end", "aria-hidden": "true" }, clock(intervals.at(-1).end)));
  const readout = h("p", { class: "readout", role: "status" }, "Point at the picture, or walk through it with the arrow keys.");
  follow(drawing, cursor, readout, timeline, monitors, x);
  return h("figure", {}, drawing, readout, h("figcaption", {}, said), legend());
}

/** The pointer and the arrow keys choose an interval, whose story is told below the picture. */
function follow(drawing, cursor, readout, timeline, monitors, x) {
  const { intervals } = timeline;
  let place;
  const choose = (next) => {
    place = Math.min(Math.max(next, 0), intervals.length - 1);
    const one = intervals[place], at = (x(one.begin) + x(one.end)) / 2;
    cursor.setAttribute("x1", at);
    cursor.setAttribute("x2", at);
    readout.textContent = told(timeline, one, monitors);
  };
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect(), at = ((event.clientX - box.left) / box.width) * width;
    if (at >= left && at <= width - right) choose(Math.floor(((at - left) / inner) * intervals.length));
  });
  drawing.addEventListener("keydown", (event) => {
    const next = { ArrowRight: (place ?? -1) + 1, ArrowLeft: (place ?? 1) - 1, Home: 0, End: intervals.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  });
  drawing.addEventListener("focusin", (event) => {
    if (event.target.dataset?.told) readout.textContent = event.target.dataset.told;
  });
}

const legend = () => h("ul", { class: "legend", "aria-hidden": "true" }, [["metric", "measured"], ["threshold", "promised"], ["down", "down"], ["excluded", "does not count"], ["unknown", "unknown"], ["disputed", "disputed"], ["open", "open"], ["payment", "payment"]]
  .map(([kind, text]) => h("li", {}, svg("svg", { class: "timeline", viewBox: "0 0 18 12", width: 18, height: 12 }, kind === "metric" || kind === "threshold" ? svg("line", { class: kind, x1: 0, x2: 18, y1: 6, y2: 6 })
    : kind === "payment" ? svg("path", { class: "payment credit", d: "M9 12l5 -12h-10z" }) : svg("rect", { class: `span ${kind}`, width: 18, height: 12, ...(kind === "excluded" && { fill: "url(#hatched)" }) })), ` ${text}`)));

/** The whole period as a bar: where its outages are, and which part the picture shows. */
export function overview(timeline, violations, exclusions) {
  const all = timeline.periodIntervals, first = timeline.intervals[0]?.interval ?? 0, at = (interval) => (Math.min(Math.max(interval, 0), all) / all) * width;
  const bar = (kind, from, to, text) => svg("rect", { class: `span ${kind}`, x: at(from), y: 0, width: Math.max(1.5, at(to) - at(from)), height: 16, ...(kind === "excluded" && { fill: "url(#hatched)" }) }, svg("title", {}, text));
  return svg("svg", { class: "timeline overview", viewBox: `0 -2 ${width} 20`, role: "img", "aria-label": `The whole period: ${many(violations.length, "outage")} among ${many(all, "interval")}` },
    svg("rect", { class: "whole", width, height: 16 }),
    exclusions.map((one) => bar("excluded", one.first, one.end, "does not count")),
    violations.map((one) => bar("down", one.first, one.first + one.count, `outage from ${clock(one.begin)}`)),
    svg("rect", { class: "window", x: at(first), y: -1, width: Math.max(2, at(first + timeline.intervals.length) - at(first)), height: 18 }));
}
