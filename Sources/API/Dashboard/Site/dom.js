// Elements, and how values look. Nothing here or elsewhere makes HTML of text: whatever the chain says becomes text nodes.

/** An element. Children are elements, text, lists of these, or nothing. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== undefined && child !== null && child !== false).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

/** An element of a picture; children as of ``h``. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, given] of Object.entries(attributes)) if (given !== undefined && given !== false) element.setAttribute(name, given);
  element.append(...children.flat(9).filter((child) => child !== undefined && child !== null && child !== false).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

export const link = (target, ...children) => h("a", { href: target }, ...children);
export const validator = (place) => `validator\u00a0${place}`;
export const quiet = (...children) => h("span", { class: "quiet" }, ...children);
export const mono = (text) => h("code", {}, text);

/** The two ends of a long text; the whole is in the title. */
export function short(text, head = 10, tail = 6) {
  return text.length <= head + tail + 1 ? mono(text) : h("code", { class: "short", title: text }, `${text.slice(0, head)}…${text.slice(-tail)}`);
}

export const blockLink = (height) => link(`#/block/${encodeURIComponent(height)}`, count(height));
export const transactionLink = (id, isShort = true) => link(`#/transaction/${encodeURIComponent(id)}`, isShort ? short(id) : mono(id));
export const accountLink = (address, isShort = false) => link(`#/account/${encodeURIComponent(address)}`, isShort ? short(address, 12, 6) : mono(address));

export const card = (...children) => h("section", { class: "card" }, ...children);

/** A table of rows of cells, which are children or lists of them. */
export function table(caption, heads, rows, empty = "None.") {
  if (rows.length === 0) return card(h("h2", {}, caption), quiet(empty));
  return card(h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell)))))));
}

/** A table of names and values; pairs without a value are left out. */
export function facts(title, pairs) {
  const rows = pairs.filter(([, value]) => ![undefined, null, false, ""].includes(value));
  return card(h("table", { class: "facts" }, h("caption", {}, title), h("tbody", {}, rows.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value))))));
}

export const figures = (pairs) => h("dl", { class: "figures" }, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));

export const badge = (text, kind) => h("span", { class: `badge ${kind}` }, text);

/** How a transaction stands, in colour and in words. */
export function outcome(word) {
  const kinds = { succeeded: "good", committed: "good", pending: "wait" };
  return badge(words(word), kinds[word] ?? "bad");
}

// ── Numbers, times and words ──

export const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u2009");

/** Base units as TRL: exact, whatever their size. */
export function trl(units) {
  const text = String(units);
  if (!/^\d+$/.test(text)) return text;
  const padded = text.padStart(7, "0");
  const fraction = padded.slice(-6).replace(/0+$/, "");
  return `${count(padded.slice(0, -6))}${fraction && "."}${fraction}\u00a0TRL`;
}

export function clock(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : `${at.toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

export const time = (text) => h("time", { datetime: text, title: text }, clock(text));

/** Milliseconds since 1970, as contracts tell times. */
export const moment = (milliseconds) => new Date(Number(milliseconds)).toISOString();

/** How long something is ago; `tick` keeps it true. */
export function since(text) {
  const element = h("span", { "data-since": text });
  showSince(element);
  return element;
}

/** How long something lasts, roughly. */
export function span(milliseconds) {
  const seconds = Math.max(0, milliseconds / 1000);
  return seconds < 90 ? `${Math.round(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
}

function showSince(element) {
  const text = span(Date.now() - Date.parse(element.dataset.since));
  if (element.textContent !== text) element.textContent = text;
}

export const tick = () => document.querySelectorAll("[data-since]").forEach(showSince);

/** Parts per million as per cent. */
export const percent = (parts) => `${(parts / 10000).toFixed(4).replace(/\.?0+$/, "")}\u00a0%`;

/** `awaitingProposal` as `awaiting proposal`. */
export const words = (name) => String(name).replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();

/** A decoded value; its type of the contract's schema tells amounts from numbers. */
export function value(given, type) {
  if (given === null || given === undefined) return quiet("none");
  const inner = type?.of;
  if (Array.isArray(given)) return given.length === 0 ? quiet("empty") : h("ol", { class: "values" }, given.map((item) => h("li", {}, value(item, inner))));
  if (typeof given === "object") {
    return h("ul", { class: "values" }, Object.entries(given).map(([name, item]) => h("li", {}, quiet(name, ": "), value(item, type?.fields?.find((field) => field.name === name)?.type ?? inner))));
  }
  if (type?.type === "option") return value(given, inner);
  if (type?.type === "amount") return trl(given);
  const text = String(given);
  if (/^t?trl1[02-9ac-hj-np-z]{38}$/.test(text)) return accountLink(text);
  return text.startsWith("0x") ? mono(text) : text;
}
