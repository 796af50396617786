// What providers offer, and what fits somebody's wishes.
import { get, part } from "./api.js";
import { quoted } from "./chain.js";
import { accountLink, badge, card, count, facts, figures, h, link, moment, mono, percent, quiet, table, time, trl, words } from "./dom.js";

const root = "/v1/offers";
const offerLink = (number, name) => link(`#/offer/${part(number)}`, name);
const price = (units) => [trl(units), quiet(" an hour")];
const power = (milliwatts) => (milliwatts === null || milliwatts === undefined ? quiet("unknown") : `${count(Math.round(milliwatts / 100) / 10)} W`);

// ── Filters ──

/** Decimal digits as whole units of `scale` digits behind the point, exactly; anything else as it is, for the node to refuse. */
function scaled(text, scale) {
  const match = /^(\d{1,20})(?:[.,](\d+))?$/.exec(text);
  if (!match || (match[2] ?? "").length > scale) return text;
  return String(BigInt(match[1] + (match[2] ?? "").padEnd(scale, "0")));
}

function unscaled(text, scale) {
  if (!/^\d+$/.test(text)) return text;
  const padded = text.padStart(scale + 1, "0");
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`.replace(/\.?0+$/, "");
}

const same = (text) => text;
/** Names of the interface's keys, what people call them, and how they are written. */
const fields = [
  ["regions", "Regions", "DE,US-CA"], ["priceMax", "At most, TRL an hour", "0.5", 6], ["units", "Free units", "1"], ["hardware", "Hardware", "gpu.h200"],
  ["processorMillicores", "Millicores", "2000"], ["memoryMebibytes", "MiB of memory", "4096"], ["attributes", "Attributes", "disk=ssd"], ["availabilityMin", "Availability, %", "99.9", 4],
];

function filters(kinds, query) {
  const input = ([name, label, sample, scale]) => h("label", {}, label, h("input", {
    name, placeholder: sample, autocomplete: "off", value: (scale ? (text) => unscaled(text, scale) : same)(query.get(name) ?? ""),
  }));
  const options = [["", "all kinds"], ...[...new Set([...kinds, query.get("kind")].filter(Boolean))].map((kind) => [kind, kind])];
  const form = h("form", { class: "filters", "aria-label": "What is looked for" },
    h("label", {}, "Kind", h("select", { name: "kind" }, options.map(([given, shown]) => h("option", { value: given, selected: given === (query.get("kind") ?? "") }, shown)))),
    fields.map(input),
    h("label", {}, "First", h("select", { name: "order" }, ["cheapest", "thriftiest", "newest"].map((word) => h("option", { value: word, selected: word === query.get("order") }, word)))),
    h("button", {}, "Find"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = new URLSearchParams();
    const scales = Object.fromEntries(fields.map(([name, , , scale]) => [name, scale]));
    for (const [name, given] of new FormData(form)) {
      const text = given.trim();
      if (text && (name !== "order" || text !== "cheapest")) wanted.set(name, scales[name] ? scaled(text, scales[name]) : text);
    }
    // Constraints are those of a kind.
    location.hash = wanted.get("kind") ? `#/offers?${wanted}` : "#/offers";
  });
  return card(form, h("p", { class: "quiet" }, "Name a kind, and whatever must hold; each offer that does not fit is shown with every reason."));
}

/** A reason as the contract gives it: a word, or a word with what the offer has instead. */
function reason(given) {
  if (typeof given === "string") return { paused: "it is paused", power: "it does not say what it draws", availability: "it vouches for no availability" }[given] ?? words(given);
  const [[name, has]] = Object.entries(given);
  const said = {
    units: () => `only ${has} free`, kind: () => `it is ${has}`, region: () => `it is in ${has}`, provider: () => `it is ${has}'s`, option: () => `no option ${has}`, price: () => `it costs ${trl(has)}`,
    processor: () => `only ${has} millicores`, memory: () => `only ${has} MiB of memory`, storage: () => `only ${has} GiB of storage`, network: () => `only ${has} Mbit/s`,
    hardware: () => `no ${has}`, power: () => (has === null ? "it does not say what it draws" : `it draws ${has / 1000} W`), attribute: () => `${has} is not as wanted`,
    availability: () => (has === null ? "it vouches for no availability" : `it vouches for ${percent(has)}`),
  };
  return Object.hasOwn(said, name) ? said[name]() : words(name);
}

/** The same on the command line. */
function command(query) {
  const kind = query.get("kind"), provider = query.get("provider"), before = query.get("before");
  if (!kind) return ["trellis mesh list", provider && quoted(provider), before && `--before ${quoted(before)}`].filter(Boolean).join(" ");
  const each = (key, option) => (query.get(key) ?? "").split(",").filter(Boolean).map((text) => `--${option} ${quoted(text)}`);
  const one = (key, option, shown = same) => (query.get(key) ? [`--${option} ${quoted(shown(query.get(key)))}`] : []);
  return ["trellis mesh search", quoted(kind), ...each("regions", "region"), ...(provider ? [`--provider ${quoted(provider)}`] : []), ...one("priceMax", "price-max", (text) => unscaled(text, 6)), ...each("options", "option"),
    ...one("processorMillicores", "processor"), ...one("memoryMebibytes", "memory"), ...one("storageGibibytes", "storage"), ...one("networkMegabits", "network"), ...each("hardware", "hardware"),
    ...one("powerMilliwattsMax", "power-max"), ...each("attributes", "attribute"), ...one("units", "units"), ...one("availabilityMin", "availability", (text) => `${unscaled(text, 4)}%`), ...one("order", "order"), "--why"].join(" ");
}

export function offersPage(_, query) {
  const kind = query.get("kind");
  const path = `${root}${query.size ? `?${query}` : ""}`;
  return {
    title: "Offers", command: command(query), raw: [path, `${root}/kinds`], every: 5,
    load: async () => {
      const [kinds, found] = await Promise.all([get(`${root}/kinds`), get(path)]);
      return { kinds: kinds.value, found: found.value };
    },
    view: ({ kinds, found }) => [filters(kinds, query), kind ? results(found, query) : list(found, query)],
  };
}

function list(found, query) {
  return [
    table("Offers, newest first", ["Number", "Name", "Kind", "Region", "Price", "Free", "Power", "Provider", "Changed"], found.map((one) => [
      count(one.number), offerLink(one.number, one.name), link(`#/offers?kind=${part(one.kind)}`, one.kind), one.region, price(one.price),
      one.status === "open" ? count(one.free) : badge("paused", "wait"), power(one.powerMilliwatts), accountLink(one.provider, true), time(moment(one.updated)),
    ]), "Nobody offers anything."),
    found.length === 50 && link(`#/offers?${new URLSearchParams({ ...Object.fromEntries(query), before: found[49].number })}`, "Older"),
  ];
}

function results(found, query) {
  return [
    table("What fits", ["Number", "Name", "Region", "Price with options", "Free", "Power", "Provider", "Changed"], found.hits.map((one) => [
      count(one.listing), offerLink(one.listing, one.name), one.region, price(one.price), count(one.free), power(one.powerMilliwatts), accountLink(one.provider, true), time(moment(one.updated)),
    ]), "Nothing that was looked at fits."),
    found.misses.length > 0 && table("Left out, and why", ["Number", "Reasons"], found.misses.map((one) => [
      offerLink(one.listing, count(one.listing)), h("ul", { class: "values" }, one.reasons.map((given) => h("li", {}, reason(given))))])),
    found.next !== null && found.next !== undefined && link(`#/offers?${new URLSearchParams({ ...Object.fromEntries(query), from: found.next })}`, "More"),
  ];
}

// ── One offer ──

export const objective = (given, unit) => {
  const [[kind, bound]] = Object.entries(given);
  const of = unit ? ` ${unit}` : "";
  return kind === "between" ? `from ${bound.lowest} to ${bound.highest}${of}` : kind === "atLeast" ? `${bound}${of} or more` : `${bound}${of} or less`;
};

const rule = (given) => (typeof given === "string" ? { all: "all metrics", any: "any metric" }[given] ?? given : Object.entries(given).map(([kind, bound]) => (kind === "atLeast" ? `${bound} of the metrics` : `metrics of weight ${bound}`))[0]);

const attribute = (given) => { const [[kind, of]] = Object.entries(given); return kind === "flag" ? (of ? "yes" : "no") : String(of); };

/** What a service promises. */
export function levelFacts(title, level) {
  return facts(title, [
    ["Measured", h("ul", { class: "values" }, level.metrics.map((metric) => h("li", {}, h("b", {}, metric.name), ` (${words(metric.kind)}): ${objective(metric.objective, metric.unit)}`,
      metric.window > 1 && quiet(` over ${metric.window} intervals`), quiet(metric.missing === "breach" ? "; no data counts as a failure" : "; no data counts as unknown"))))],
    ["Up, if these hold", rule(level.rule)],
    ["Credits", h("ul", { class: "values" }, level.tiers.map((tier) => h("li", {}, `below ${percent(tier.belowPartsPerMillion)}: ${percent(tier.creditPartsPerMillion)} of the fee`)))],
    ["For each outage", level.incident && `${percent(level.incident.ratePartsPerMillion)} of the fee for each interval behind the first ${level.incident.graceIntervals}`],
    ["At most", `${percent(level.capPartsPerMillion)} of the fee in a period`], ["Unknown that nobody answers for", percent(level.unknownPartsPerMillion)],
    ["Maintenance", level.maintenanceIntervalsMax > 0 && `${count(level.maintenanceIntervalsMax)} intervals of a period`]]);
}

export function offerPage([number = ""]) {
  const path = `${root}/${part(number)}`;
  return {
    title: `Offer ${number}`, command: `trellis mesh show ${quoted(number)}`, raw: [path], every: 5,
    load: async () => (await get(path)).value,
    view: (listing) => {
      const { offer } = listing;
      const { resources } = offer;
      return [
        figures([["Price", price(offer.price)], ["Free", listing.status === "open" ? count(listing.free) : badge("paused", "wait")], ["Region", offer.region], ["Revision", count(listing.revision)]]),
        facts("What is offered", [
          ["Name", offer.name], ["Kind", link(`#/offers?kind=${part(offer.kind)}`, offer.kind)], ["Provider", [accountLink(listing.provider), " ", link(`#/offers?provider=${part(listing.provider)}`, "its other offers")]],
          ["Processor", `${count(resources.processorMillicores)} millicores`], ["Memory", `${count(resources.memoryMebibytes)} MiB`], ["Storage", `${count(resources.storageGibibytes)} GiB`],
          ["Network", `${count(resources.networkMegabits)} Mbit/s`], ["Hardware", offer.hardware.length > 0 && offer.hardware.join(", ")], ["Power", power(offer.powerMilliwatts)],
          // An address of somebody else's choice is shown, and not followed.
          ["More is written at", offer.documentation && mono(offer.documentation)], ["Deposit", trl(listing.deposit)], ["Changed", time(moment(listing.updated))]]),
        offer.options.length > 0 && table("Options", ["Name", "Price besides"], offer.options.map((one) => [one.name, price(one.price)])),
        offer.attributes.length > 0 && table("Attributes", ["Name", "Value"], offer.attributes.map((one) => [one.name, attribute(one.value)])),
        offer.levels.map((level, place) => levelFacts(`Service level ${place + 1}`, level)),
      ];
    },
  };
}
