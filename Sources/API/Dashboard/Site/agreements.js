// Agreements: what was promised, how the service was, who was paid.
import { get, part } from "./api.js";
import { quoted } from "./chain.js";
import { accountLink, badge, blockLink, card, clock, count, facts, figures, h, link, moment, mono, percent, quiet, short, span, table, time, transactionLink, trl, words } from "./dom.js";
import { levelFacts } from "./offers.js";
import { overview, timelinePicture } from "./timeline.js";

const root = "/v1/agreements";
const agreementLink = (number, text) => link(`#/agreement/${part(number)}`, text);
/** Intervals of one picture; the interface gives no more than 256 at a time. */
const shownMax = 240;

/** A phase by its name, and until when if it says so. */
function phase(given) {
  const name = typeof given === "string" ? given : Object.keys(given)[0];
  return badge(words(name), { active: "good", closing: "wait", settled: "quiet", lapsed: "quiet" }[name] ?? "wait");
}

const isActive = (given) => given === "active";

/** The chain's time, to the minute: what is paid for ends by it and not by this computer's. */
const chainTime = async () => Math.floor(Date.parse((await get("/v1/chain/head")).time) / 60_000) * 60_000;

/** How long the paid periods last from now on, and whether more are to come. */
function runway(paidUntil, isWhole, now) {
  const rest = paidUntil - now;
  if (rest <= 0) return badge(isWhole ? "over" : "unpaid", isWhole ? "quiet" : "bad");
  return [h("span", { class: isWhole || rest > 3 * 86_400_000 ? "" : "wait" }, span(rest)), isWhole && quiet(" to the end")];
}

const health = (current) => (current ? h("span", { class: current.availability === 1_000_000 ? "good" : "bad" }, percent(current.availability)) : quiet("not begun"));

const dueText = (due, now) => (due === null || due === undefined ? quiet("never again") : Number(due) <= now ? badge("now", "wait") : h("time", { datetime: moment(due), title: clock(moment(due)) }, `in ${span(Number(due) - now)}`));

export function agreementsPage(_, query) {
  const account = query.get("account");
  const path = `${root}${query.size ? `?${query}` : ""}`;
  return {
    title: "Agreements", command: account ? `trellis sla list ${quoted(account)}` : "trellis sla list --all", raw: [path], every: 5,
    load: async () => {
      const [found, now] = await Promise.all([get(path), chainTime()]);
      return { found: found.value, now };
    },
    view: ({ found, now }) => [
      account && facts("Of one account", [["Account", accountLink(account)], ["All", link("#/agreements", "agreements of everybody")]]),
      table("Agreements, newest first", ["Number", "Service", "Phase", "Availability", "Credit", "Runway", "Closed, paid, of", "Consumer", "Providers", "Settle due", ...(account ? ["Role"] : [])],
        found.map((one) => [one.summary ?? one, one.role]).map(([one, role]) => [
          agreementLink(one.number, count(one.number)), agreementLink(one.number, one.service), phase(one.phase), health(one.current), one.current ? trl(one.current.credit) : "",
          isActive(one.phase) ? runway(Number(one.paidUntil), one.funded >= one.ends, now) : "", `${one.closed}, ${one.funded}, ${one.ends}`, accountLink(one.consumer, true),
          one.providers.map((provider) => h("div", {}, accountLink(provider, true))), dueText(one.due, now), role && words(role),
        ]), "Nobody has agreed on anything."),
      found.length === 50 && link(`#/agreements?${new URLSearchParams({ ...Object.fromEntries(query), before: (found[49].summary ?? found[49]).number })}`, "Older"),
    ],
  };
}

/** The newest intervals that have ended, as far as one picture goes. */
function newest(terms, period, now) {
  const each = Number(terms.schedule.intervalMilliseconds), all = terms.schedule.periodIntervals;
  const ended = Math.floor((now - Number(terms.schedule.start)) / each) - period * all;
  return Math.max(0, Math.min(ended, all) - shownMax);
}

export function agreementPage([number = ""], query) {
  const path = `${root}/${part(number)}`;
  const chosen = (name) => (/^\d{1,10}$/.test(query.get(name) ?? "") ? Number(query.get(name)) : undefined);
  return {
    title: `Agreement ${number}`, command: `trellis sla show ${quoted(number)}`, every: 5,
    raw: ["", "/periods", "/timeline", "/violations", "/evidence", "/payments"].map((rest) => path + rest),
    load: async () => {
      const [{ value: view }, now] = await Promise.all([get(path), chainTime()]);
      const asked = chosen("period"), isKnown = view.agreement.ends > 0;
      const { schedule } = view.terms;
      const running = Math.floor((now - Number(schedule.start)) / (Number(schedule.intervalMilliseconds) * schedule.periodIntervals));
      const nearby = Math.max(0, (asked ?? Math.min(running, view.agreement.ends)) - 10);
      const of = asked === undefined ? "" : `period=${asked}&`;
      const [periods, violations, payments, evidence] = await Promise.all([
        get(`${path}/periods?from=${nearby}`), isKnown ? get(`${path}/violations?${of}`) : undefined, get(`${path}/payments?limit=100`), get(`${path}/evidence?limit=25`)]);
      const period = violations?.value.period.period ?? 0;
      const from = chosen("from") ?? newest(view.terms, period, now);
      const timeline = isKnown ? (await get(`${path}/timeline?period=${period}&from=${from}&limit=${shownMax}`)).value : undefined;
      return { view, now, periods: periods.value, violations: violations?.value, payments, evidence, timeline };
    },
    view: ({ view: { agreement, terms, due }, now, periods, violations, payments, evidence, timeline }) => {
      const each = Number(terms.schedule.intervalMilliseconds) * terms.schedule.periodIntervals;
      const paidUntil = Number(terms.schedule.start) + Math.min(agreement.funded, agreement.ends) * each;
      return [
        figures([
          ["Phase", phase(agreement.phase)], ["Availability", violations ? health(violations.period) : "–"], ["Credit in this period", violations ? trl(violations.period.credit) : "–"],
          ["Runway", isActive(agreement.phase) ? runway(paidUntil, agreement.funded >= agreement.ends, now) : "–"], ["Periods closed", `${agreement.closed} of ${agreement.ends}`], ["Settle due", dueText(due, now)]]),
        timeline && picture(number, timeline, violations, payments.items, agreement, terms),
        violations && outages(number, violations),
        parties(agreement, terms),
        books(agreement.escrow),
        table("Billing periods", ["Period", "Begins", "Ends", "State", "Availability", "Up, down, excluded, unknown", "Due", "Credit paid"], periods.items.map((one) => [
          link(`#/agreement/${part(number)}?period=${one.period}`, String(one.period)), time(one.begin), time(one.end),
          one.isClosed ? badge("closed", "quiet") : one.isPaid ? badge("paid", "good") : badge("not paid", "wait"), health(one), `${count(one.up)}, ${count(one.down)}, ${count(one.excluded)}, ${count(one.unknown)}`, trl(one.due), trl(one.credit),
        ])),
        periods.next !== undefined && card(quiet("Further periods are in the raw JSON.")),
        levelFacts("What is promised", terms.level), termFacts(agreement, terms),
        paymentTable(payments), evidenceTable(evidence),
      ];
    },
  };
}

// ── The timeline ──

function picture(number, timeline, violations, payments, agreement, terms) {
  const all = timeline.periodIntervals, base = timeline.period * all, first = timeline.intervals[0]?.interval ?? 0, behind = first + timeline.intervals.length;
  const exclusions = agreement.exclusions.map((one) => ({ first: Number(one.first) - base, end: one.end === null || one.end === undefined ? all : Number(one.end) - base })).filter((one) => one.end > 0 && one.first < all);
  const at = (from) => `#/agreement/${part(number)}?period=${timeline.period}&from=${from}`;
  return card(h("h2", {}, `Timeline of period ${timeline.period}`), overview(timeline, violations.items, exclusions),
    timelinePicture(timeline, violations.items, payments, terms.monitors.map((monitor) => monitor.source)),
    h("p", {}, first > 0 && link(at(Math.max(0, first - shownMax)), "Earlier"), " ", behind < all && link(at(behind), "Later"), " ",
      timeline.period > 0 && link(`#/agreement/${part(number)}?period=${timeline.period - 1}`, "Previous period"), " ", timeline.period + 1 < agreement.ends && link(`#/agreement/${part(number)}?period=${timeline.period + 1}`, "Next period")));
}

function outages(number, { period, items, unknownCredit, next }) {
  return [
    table(`Outages of period ${period.period}`, ["From", "To", "Lasted", "Intervals", "Metrics", "At fault", "Credit"], items.map((one) => [
      link(`#/agreement/${part(number)}?period=${period.period}&from=${Math.max(0, one.first - 40)}`, clock(one.begin)), time(one.end), span(Date.parse(one.end) - Date.parse(one.begin)), count(one.count),
      one.metrics.join(", "), one.providers.map((provider) => h("div", {}, accountLink(provider, true))), trl(one.credit),
    ]), "None."),
    (next !== undefined || unknownCredit !== "0") && card(quiet(next !== undefined && "More are in the raw JSON. ", unknownCredit !== "0" && `${trl(unknownCredit)} more are due for what is unknown.`)),
  ];
}

// ── Who, and for how much ──

function parties(agreement, terms) {
  const { escrow } = agreement;
  return table("Who takes part", ["Role", "Account", "Share or weight", "Held", "State"], [
    ["consumer", accountLink(terms.consumer), "", trl(escrow.advance), (agreement.acceptances & 1) === 0 ? badge("not signed", "wait") : badge("signed", "good")],
    ...terms.providers.map((one, place) => ["provider", accountLink(one.account), percent(one.sharePartsPerMillion), [trl(escrow.collateral[place]), quiet(` of ${trl(one.collateral)}`)],
      ((agreement.acceptances >> (place + 1)) & 1) === 0 ? badge("not signed", "wait") : badge("signed", "good")]),
    ...terms.monitors.map((one, place) => ["monitor", [accountLink(one.account), quiet(` ${one.source}`)], count(one.weight), trl(escrow.bonds[place]),
      agreement.monitors[place].isExpelled ? badge("expelled", "bad") : agreement.monitors[place].isEnlisted ? badge("enlisted", "good") : badge("awaited", "wait")]),
    ...(terms.arbiter ? [["arbiter", accountLink(terms.arbiter), "", "", ""]] : []),
  ]);
}

const sum = (amounts) => String(amounts.reduce((total, one) => total + BigInt(one), 0n));

function books(escrow) {
  return facts("Escrow", [
    ["Came in", trl(escrow.paidIn)], ["Went out", trl(escrow.paidOut)], ["Advance of the consumer", trl(escrow.advance)], ["Collateral", trl(sum(escrow.collateral))],
    ["Held back of what was earned", trl(sum(escrow.heldBack))], ["Bonds of monitors", trl(sum(escrow.bonds))],
    ["The books", BigInt(escrow.paidIn) === BigInt(escrow.paidOut) + BigInt(sum([escrow.advance, ...escrow.collateral, ...escrow.heldBack, ...escrow.bonds])) ? badge("balance", "good") : badge("do not balance", "bad")]]);
}

const lasting = (milliseconds) => Number(milliseconds) > 0 && span(Number(milliseconds));

function ending(given) {
  if (typeof given === "string") return { complete: undefined, unpaid: "the next period was not paid for" }[given];
  const [[kind, party]] = Object.entries(given);
  return [kind === "terminated" ? "terminated by " : "collateral not filled up by ", accountLink(party, true)];
}

function termFacts(agreement, terms) {
  const { schedule, payment, windows } = terms;
  return facts("Terms", [
    ["Service", mono(terms.service)], ["Offer", terms.offer !== null && terms.offer !== undefined && link(`#/offer/${part(terms.offer)}`, terms.offer)], ["Starts", time(moment(schedule.start))],
    ["An interval lasts", span(Number(schedule.intervalMilliseconds))], ["Intervals of a period", count(schedule.periodIntervals)], ["Periods", `${schedule.periods} agreed, ${agreement.ends} to be`], ["Ends early because", ending(agreement.ending)],
    ["Fee of a period", trl(payment.fee)], ["Held back of it", payment.holdBackPartsPerMillion > 0 && percent(payment.holdBackPartsPerMillion)], ["For each monitor", trl(payment.monitorFee)], ["For whoever settles", trl(payment.keeperFee)],
    ["Sources settle for", lasting(windows.settleMilliseconds)], ["Reported within", lasting(windows.lateMilliseconds)], ["Ruled within", lasting(windows.rulingMilliseconds)], ["Challenged within", lasting(windows.challengeMilliseconds)],
    ["Notice", lasting(windows.noticeMilliseconds)], ["Paid before a period", lasting(windows.graceMilliseconds)], ["Kept to themselves", terms.confidential && mono(terms.confidential)], ["Digest", mono(agreement.digest)]]);
}

// ── What the chain remembers ──

const proof = (id) => link(`/v1/proofs/events/${part(id)}`, "proof");

function paymentTable(page) {
  return [
    table("Payments, newest first", ["When", "Way", "What", "Amount", "Account", "Block", "Transaction", "Proof"], page.items.map((one) => [
      time(one.time), one.isIncoming ? "in" : "out", words(one.purpose), trl(one.amount), one.account ? accountLink(one.account, true) : quiet("destroyed"), blockLink(one.height), transactionLink(one.transaction), proof(one.id)])),
    page.next !== undefined && card(quiet("Older ones are in the raw JSON.")),
  ];
}

/** `3 to 7`, or each by itself. */
const places = (list) => (list.length > 1 && list.at(-1) - list[0] === list.length - 1 ? `${list[0]} to ${list.at(-1)}` : list.join(", "));

function readings(list) {
  const found = [];
  for (const one of list) {
    if (found.at(-1)?.[0] === one) found.at(-1)[1]++; else found.push([one, 1]);
  }
  return found.map(([one, many]) => (many > 1 ? `${many} × ${one}` : one)).join(", ");
}

function evidenceTable(page) {
  return [
    table("Evidence, newest first", ["When", "What", "Who", "Of", "Intervals", "Said", "Evidence", "Transaction", "Proof"], page.items.map((one) => [
      time(one.time), one.kind === "expelled" || one.kind === "violated" ? badge(one.kind, "bad") : words(one.kind), one.account && [accountLink(one.account, true), one.source && quiet(` ${one.source}`)], one.metric,
      one.intervals.length > 0 && [`${places(one.intervals)} of period ${one.period}`, h("div", {}, quiet(clock(one.begin)))], one.readings ? readings(one.readings) : one.ruling ?? (one.bond && `lost ${trl(one.bond)}`),
      one.evidence && short(one.evidence), transactionLink(one.transaction), proof(one.id)]), "None yet."),
    card(quiet("The evidence of a measurement is the SHA-256 of query, time window and answers; the monitor keeps what it is of.", page.next !== undefined && " Older pieces are in the raw JSON.")),
  ];
}
