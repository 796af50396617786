// Applications that documents describe: who may change them, what became of them, and who runs which node.
import { ask, get, getOnce, maybe, part, Refusal } from "./api.js";
import { quoted } from "./chain.js";
import { accountLink, badge, blockLink, card, count, facts, figures, h, link, mono, quiet, short, svg, table, time, trl, value, words } from "./dom.js";
import { assignmentDigest, bytesOf, compute, hexOf, readInput, sha256 } from "./mapper.js";

const root = "/v1/infrastructures";
const applicationLink = (name) => link(`#/infrastructure/${part(name)}`, name);
/** Nodes that a picture shows; the interface gives a hundred at a time. */
const nodesMax = 2000;
const pageSize = 100;

export function infrastructuresPage(_, query) {
  const from = query.get("from");
  const path = root + (from ? `?from=${part(from)}` : "");
  return {
    title: "Infrastructures", command: "trellis infra list", raw: [path], every: 5,
    load: async () => (await get(path)).value,
    view: (list) => [
      table("Applications", ["Name", "Revision", "Operators", "Assignment", "Owner"], list.map((one) => [
        applicationLink(one.name), one.revision === "0" ? quiet("no document") : count(one.revision), count(one.operators),
        one.mapping === "0" ? quiet("none yet") : [count(one.mapping), " ", one.isMappingDirty ? badge("changed since", "wait") : badge("up to date", "good")], holder(one.owner.current),
      ]), "Nobody has made an application."),
      list.length === 50 && link(`#/infrastructures?from=${part(list[49].name)}`, "More"),
    ],
  };
}

/** Who holds a permission. */
function holder(permission) {
  if (permission === "vote") return "a vote";
  const [[kind, address]] = Object.entries(permission);
  return [accountLink(address, true), kind === "group" && quiet(" (a group)")];
}

/** The nodes of the newest assignment, as they were when it was computed: that never changes, and is asked for once. */
async function nodesOf(path, mapping) {
  const slots = Math.min(nodesMax, mapping.outcome.summary.slots);
  const nodes = [];
  while (nodes.length < slots) {
    const target = `${path}/assignment?from=${nodes.length}`;
    let page;
    try {
      page = await getOnce(`${target}&height=${mapping.outcome.height}`);
    } catch (error) {
      // The state of that time is no longer kept; the assignment still is.
      if (!(error instanceof Refusal)) throw error;
      page = await get(target);
    }
    if (page.value.length === 0) break;
    nodes.push(...page.value);
  }
  return nodes.slice(0, slots);
}

/** The newest assignment with an outcome: the newest one may still wait for its beacon. */
async function newestMapping(path, application) {
  const newest = await maybe(`${path}/mapping`);
  if (newest?.outcome || application.mapping < 2) return { newest, mapped: newest?.outcome ? newest : undefined };
  return { newest, mapped: await maybe(`${path}/mapping?number=${application.mapping - 1}`) };
}

/** Computes an assignment again from what was frozen and the beacon, as the chain has it. */
async function recompute(name, path, mapped) {
  const pieces = [];
  for (let piece = 0, have = 0; have < mapped.inputBytes; piece++) {
    const { result } = await ask("/v1/contracts/infrastructure/view", { method: "mapping_input", arguments: { application: name, number: mapped.number, part: piece } });
    if (!result?.value) return { missing: "What was frozen is no longer kept." };
    pieces.push(...bytesOf(result.value));
    have = pieces.length;
  }
  const bytes = Uint8Array.from(pieces);
  const beacon = await get(`/v1/beacon?height=${part(mapped.beaconHeight)}`).then((given) => given.beacon, () => undefined);
  const isInput = hexOf(sha256(bytes)) === mapped.inputDigest;
  return {
    isInput, isBeacon: beacon === undefined ? undefined : beacon === mapped.outcome.beacon,
    digest: isInput && assignmentDigest(compute(readInput(bytes), bytesOf(mapped.outcome.beacon))),
  };
}

function verdict(mapped, found) {
  if (found.missing) return card(h("h2", {}, "Computed again"), quiet(found.missing));
  const said = (holds, yes, no) => badge(holds ? yes : no, holds ? "good" : "bad");
  return facts("Computed again in this browser", [
    ["What was frozen", said(found.isInput, "has the digest of the record", "has another digest than the record")],
    ["Beacon", found.isBeacon === undefined ? quiet("of a block that this node no longer keeps") : said(found.isBeacon, "is that of its block", "is not that of its block")],
    ["Assignment", said(found.digest === mapped.outcome.assignmentDigest, "the same for every node", "differs")], ["Its digest", found.digest && mono(found.digest)],
    ["This is worth", "as much as this node's word: the command believes none"]]);
}

export function infrastructurePage([name = "", act]) {
  const path = `${root}/${part(name)}`;
  return {
    title: name, command: `trellis mapper explain ${quoted(name)}`, every: 5,
    raw: ["", "/document", "/revisions", "/operators", "/mapping", "/assignment", "/spread"].map((rest) => path + rest),
    load: async () => {
      const application = (await get(path)).value;
      const [revisions, operators, spread, { newest, mapped }] = await Promise.all([
        get(`${path}/revisions`), get(`${path}/operators`), get(`${path}/spread`), newestMapping(path, application)]);
      return {
        application, revisions: revisions.value, operators: operators.value, spread: spread.value, newest, mapped,
        nodes: mapped ? await nodesOf(path, mapped) : [], found: mapped && act === "recompute" ? await recompute(name, path, mapped) : undefined,
      };
    },
    view: ({ application, revisions, operators, spread, newest, mapped, nodes, found }) => [
      figures([
        ["Revision", count(application.revision)], ["Operators", count(application.operators)], ["Stake", trl(spread.stake)],
        ["Nodes", mapped ? `${count(mapped.outcome.summary.assigned)} of ${count(mapped.outcome.summary.slots)}` : "none yet"],
      ]),
      found && verdict(mapped, found),
      assignment(application, newest, mapped, nodes),
      table("Operators", ["Number", "Name", "Account", "Stake", "Place", "Reputation", "Nodes"], operators.map((one) => [
        String(one.number), one.name, accountLink(one.account, true), trl(one.stake),
        [words(one.place.continent), ", ", one.place.region, one.place.provider && quiet(` at ${one.place.provider}`)],
        [`${(one.reputation / 10000).toFixed(1)} %`, one.isBarred && [" ", badge("blacklisted", "bad")]], count(nodes.filter((node) => node.operatorNumber === one.number).length),
      ]), "Nobody has joined."),
      application.operators > operators.length && card(quiet(`The first ${operators.length} of ${count(application.operators)}.`)),
      table("Revisions, newest first", ["Number", "When", "Who", "Why", "Objects", "Added, changed, removed", "Digest"], revisions.map((one) => [
        link(`${path}/document?revision=${part(one.number)}`, count(one.number)), [time(new Date(Number(one.time)).toISOString()), " ", blockLink(one.height)], accountLink(one.author, true),
        one.reason, count(one.objects), `${one.added}, ${one.changed}, ${one.removed}`, short(one.digest),
      ]), "There is no document yet."),
      facts("Who may change what", [["governance", holder(application.owner.current)],
        ...["core", "names", "artifacts", "topology", "templates", "mapper", "security"].map((module, place) => [module, holder(application.modes.list[place] ?? application.owner.current)])]),
      facts("What operators need", [
        ["Stake", `${trl(application.settings.stakeThreshold)} or more`], ["Stake of one node", trl(application.settings.unitStake)], ["Operators at most", count(application.settings.operatorsMax)],
        ["Epoch", `${count(application.settings.epochBlocks)} blocks`], ["Least reputation", `${(application.settings.reputationMin / 10000).toFixed(1)} %`]]),
      spreadTable(spread),
    ],
  };
}

function spreadTable(spread) {
  const rows = [["Continent", spread.continents], ["Region", spread.regions], ["Cloud provider", spread.providers]].flatMap(([kind, list]) => list.map((one) => [kind, one.name, count(one.nodes)]));
  return rows.length > 0 && table("How nodes are spread", ["Of", "Name", "Nodes"], rows.concat(spread.outsideClouds ? [["Cloud provider", quiet("none"), count(spread.outsideClouds)]] : []));
}

// ── The assignment ──

const ruleHelp = {
  slots: "groups that are full have no room", units: "operators have no more units of stake", perOperatorInGroup: "operators have as many nodes of a group as they may",
  regionShare: "regions have their share of a group", providerShare: "cloud providers have their share", cloudShare: "clouds have their share", coalition: "units are withheld from large operators",
};

function assignment(application, newest, mapped, nodes) {
  const waits = newest && !newest.outcome && card(badge("frozen", "wait"), ` Assignment ${newest.number} waits for the beacon of `, blockLink(newest.beaconHeight), ".");
  if (!mapped) return [waits, !newest && card(h("h2", {}, "Assignment"), quiet("Nothing was assigned yet: ", mono(`trellis mapper freeze ${quoted(application.name)}`)))];
  const { outcome } = mapped;
  const { summary } = outcome;
  return [
    waits,
    facts(`Assignment ${mapped.number}`, [
      ["State", application.isMappingDirty ? badge("changed since", "wait") : badge("up to date", "good")], ["Of revision", count(mapped.revision)],
      ["Frozen in", blockLink(mapped.frozen)], ["Beacon of", [blockLink(mapped.beaconHeight), " ", short(outcome.beacon)]], ["Computed in", blockLink(outcome.height)],
      ["Nodes with an operator", `${count(summary.assigned)} of ${count(summary.slots)}`], ["Moved, added, emptied", `${count(summary.moved)}, ${count(summary.added)}, ${count(summary.emptied)}`],
      ["Most of one operator", count(summary.largest)], ["Operators for a majority", count(summary.majority)],
      ["What binds", summary.binding.length > 0 && h("ul", { class: "values" }, summary.binding.map((one) => h("li", {}, words(one.rule), quiet(`: ${ruleHelp[one.rule] ?? ""}; room for ${one.allows}`))))],
      ["Check it", mono(`trellis mapper verify ${quoted(application.name)} --genesis genesis.bcs`)], ["Or here", link(`#/infrastructure/${part(application.name)}/recompute`, "Compute it again in this browser")], ["What decided it", mono(mapped.inputDigest)], ["The result", mono(outcome.assignmentDigest)]]),
    pictures(mapped, nodes),
  ];
}

/** Groups, copies one by one, with the nodes that are known of each. */
function groupsOf(topology, nodes) {
  const groups = [];
  let slot = 0;
  for (const group of topology.groups) {
    const size = group.parts.reduce((sum, one) => sum + one.count, 0);
    for (let copy = 1; copy <= group.copies; copy++) {
      groups.push({ name: group.isShard ? `${group.name} ${copy}` : group.name, size, nodes: nodes.slice(slot, slot + size) });
      slot += size;
    }
  }
  return groups;
}

const operatorName = (node) => (node.operatorNumber === 0 ? "nobody" : node.operatorName ?? `operator ${node.operatorNumber}`);

/** One square for each node, in the colour of its operator. Readers of the page hear the caption, and the table of nodes. */
function picture(group) {
  const side = 12, across = Math.min(25, group.nodes.length);
  const operators = new Set(group.nodes.map((node) => node.operatorNumber).filter((number) => number !== 0));
  const empty = group.nodes.filter((node) => node.operatorNumber === 0).length;
  const said = `${group.name}: ${group.nodes.length} nodes, ${operators.size} operators${empty ? `, ${empty} without one` : ""}`;
  const drawing = svg("svg", { viewBox: `0 0 ${across * side} ${Math.ceil(group.nodes.length / across) * side}`, width: across * side, "aria-hidden": "true" }, group.nodes.map((node, place) => svg("rect", {
    x: (place % across) * side + 1, y: Math.floor(place / across) * side + 1, width: side - 2, height: side - 2, rx: 2, stroke: "currentColor", "stroke-width": node.operatorNumber === node.previous ? 0 : 0.8,
    fill: node.operatorNumber === 0 ? "none" : `hsl(${(node.operatorNumber * 137) % 360} 55% 50%)`,
  }, [svg("title", {}, [`${node.instance}: ${operatorName(node)}`])])));
  return h("figure", {}, h("figcaption", {}, said), drawing);
}

function pictures(mapped, nodes) {
  if (nodes.length === 0) return [];
  const groups = groupsOf(mapped.topology, nodes).filter((group) => group.nodes.length > 0);
  const rest = mapped.outcome.summary.slots - nodes.length;
  return [
    card(h("h2", {}, "Who runs which node"), h("div", { class: "groups" }, groups.map(picture)),
      h("p", {}, quiet("A square is a node, a colour an operator; a border says that the node is new or went to another operator.", rest > 0 ? ` The first ${nodes.length} of ${mapped.outcome.summary.slots}.` : ""))),
    nodes.length <= pageSize && table("Nodes", ["Node", "Operator", "Account"], nodes.map((node) => [
      node.instance, node.operatorNumber === 0 ? badge("nobody", "bad") : value(operatorName(node)), node.account ? accountLink(node.account, true) : "",
    ])),
  ];
}
