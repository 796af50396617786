// Home, accounts, validators, the network, and what the search box finds.
import { Away, get, getOnce, part } from "./api.js";
import { callText, more, quoted } from "./chain.js";
import { accountLink, badge, blockLink, card, count, facts, figures, h, link, mono, outcome, quiet, short, since, table, transactionLink, trl, validator, words } from "./dom.js";

// ── Home ──

const transactionsShown = 10;

/** The newest transactions, with what came of them, from the blocks at hand. */
async function newest(blocks) {
  const rows = [];
  for (const block of blocks.filter((block) => block.transactionCount > 0)) {
    const [transactions, receipts] = await Promise.all(["transactions", "receipts"].map((list) => getOnce(`/v1/blocks/${block.hash}/${list}?limit=${transactionsShown}`)));
    rows.push(...transactions.items.map((transaction, place) => ({ transaction, receipt: receipts.items[place], height: block.height })).reverse());
    if (rows.length >= transactionsShown) break;
  }
  return rows.slice(0, transactionsShown);
}

/** Seconds for a block, over the blocks at hand. */
function pace(blocks) {
  if (blocks.length < 2) return "–";
  const seconds = (Date.parse(blocks[0].time) - Date.parse(blocks.at(-1).time)) / 1000 / (blocks.length - 1);
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}

/** Who takes part in the height under way, and whose messages are missing. */
function agreement(consensus) {
  const idle = consensus.awaiting === "work";
  return card(
    h("h2", {}, "Agreement on height ", count(consensus.height)),
    h("div", {}, idle ? "It rests until there is something to do." : ["It waits for: ", h("b", {}, words(consensus.awaiting)), quiet(", for ", since(consensus.since)), "."],
      quiet(` View ${consensus.view}; this node: ${words(consensus.progress)}.`)),
    consensus.refusal && h("p", { class: "wait" }, "This node has not voted for the newest proposal: ", words(consensus.refusal)),
    consensus.alarm && h("p", { class: "bad", role: "alert" }, consensus.alarm),
    h("ul", { class: "strip", "aria-label": "Validators in this height" }, consensus.validators.map((voter, place) => h("li", { class: voter.isMissing ? "missing" : "here" },
      h("b", {}, validator(place)), place === consensus.primary && quiet(" proposes"), h("br"),
      voter.isMissing ? h("span", { class: "bad" }, "✗ message missing") : h("span", { class: "good" }, idle ? "✓ nothing awaited" : "✓ not awaited")))));
}

export function homePage() {
  return {
    title: "Home", command: "trellis status --why", raw: ["/v1/status", "/v1/blocks?limit=20"], every: 1,
    load: async () => {
      const [status, page] = await Promise.all([get("/v1/status"), get("/v1/blocks?limit=20")]);
      delete status.uptimeMilliseconds;
      return { status, blocks: page.items, transactions: await newest(page.items) };
    },
    view: ({ status, blocks, transactions }) => [
      figures([
        ["Height", blockLink(status.head.height)], ["Last block", [since(status.head.time), " ago"]], ["A block every", pace(blocks)], ["Pool", count(status.pool.count)],
        ["Peers", link("#/network", count(status.peerCount))], ["Epoch", count(status.epoch)], ["This node", status.isReady ? h("span", { class: "good" }, "ready") : h("span", { class: "bad" }, "not ready")]]),
      !status.isReady && card(h("h2", {}, "Why this node is not ready"), h("ul", { id: "obstacles" }, status.obstacles.map((obstacle) => h("li", {}, mono(obstacle.code), " ", obstacle.text))),
        status.sync.phase !== "idle" && h("p", {}, `Catching up: ${words(status.sync.phase)}, ${count(status.sync.have)} of ${count(status.sync.total)}.`)),
      agreement(status.consensus),
      h("div", { class: "columns" },
        table("Newest blocks", ["Height", "Age", "Transactions", "Proposer"], blocks.slice(0, 10).map((block) => [blockLink(block.height), [since(block.time), " ago"], count(block.transactionCount), validator(block.proposer)])),
        table("Newest transactions", ["Transaction", "Calls", "Sender", "Outcome", "Height"], transactions.map(({ transaction, receipt, height }) => [
          transactionLink(transaction.id), transaction.calls.slice(0, 3).map((call) => h("div", {}, callText(call))), accountLink(transaction.sender, true), receipt && outcome(receipt.outcome), blockLink(height)]),
        "None in the newest blocks.")),
    ],
  };
}

// ── Accounts ──

export function accountPage([name], query) {
  const cursor = query.get("cursor");
  const path = `/v1/accounts/${part(name)}`;
  const history = `${path}/transactions?limit=25${cursor ? `&cursor=${part(cursor)}` : ""}`;
  return {
    title: "Account", command: `trellis account show ${quoted(name)}`, raw: [path, `${path}/pending`, history], every: cursor ? 0 : 2,
    load: async () => {
      const [account, pending, page] = await Promise.all([get(path), get(`${path}/pending`), get(history)]);
      delete account.height;
      delete page.height;
      return { account, pending, page };
    },
    view: ({ account, pending, page }) => {
      const older = more(page.next, `#/account/${part(name)}`);
      return [
        facts("Account", [["Address", mono(account.address)], ["Balance", h("b", {}, trl(account.balance))], ["Transactions", count(account.nonce)], ["Next nonce", count(account.nextNonce)],
          ["Standing", account.exists ? undefined : "It never had anything."]]),
        pending.items.length > 0 && table("Waiting", ["Transaction", "Nonce", "Gas price", "Waits for"], pending.items.map((item) => [transactionLink(item.id), count(item.nonce), item.gasPrice, item.isExecutable ? "the next block" : "earlier nonces or balance"])),
        table("History, newest first", ["Transaction", "Height", "Age", "Calls", "Sender", "Outcome"], page.items.map((report) => [
          transactionLink(report.id), blockLink(report.height), report.time && [since(report.time), " ago"], report.transaction?.calls.map((call) => h("div", {}, callText(call))),
          report.transaction && (report.transaction.sender === account.address ? badge("sent", "quiet") : accountLink(report.transaction.sender, true)), report.receipt && outcome(report.receipt.outcome)])),
        older && h("p", {}, older),
      ];
    },
  };
}

// ── Validators and peers ──

export function validatorsPage() {
  return {
    title: "Validators", command: "trellis validator list --voting", raw: ["/v1/validators", "/v1/status"], every: 1,
    load: async () => {
      const [set, status] = await Promise.all([get("/v1/validators"), get("/v1/status")]);
      return { set, consensus: status.consensus, own: status.consensusKey };
    },
    view: ({ set, consensus, own }) => [
      facts("Set", [["Epoch", count(set.epoch)], ["Validators", count(set.validators.length)], ["Weight", [count(set.totalWeight), quiet(" whole TRL at stake; more than two thirds decide")]], ["Hash", mono(set.hash)]]),
      table(`Voting on height ${count(consensus.height)}`, ["Place", "Now", "Weight", "Share", "Consensus key"], set.validators.map((member, place) => {
        const share = Number((BigInt(member.weight) * 10000n) / (BigInt(set.totalWeight) || 1n)) / 100;
        const voter = consensus.validators.find((voter) => voter.consensusKey === member.consensusKey);
        const now = !voter ? quiet("not voting") : voter.isMissing ? badge("missing", "bad") : badge("voting", "good");
        return [validator(place), [now, consensus.primary === place && quiet(" proposes"), member.consensusKey === own && quiet(" (this node)")], count(member.weight),
          [h("progress", { value: share, max: 100, "aria-label": `share of validator ${place}` }), ` ${share}\u00a0%`], mono(member.consensusKey)];
      })),
    ],
  };
}

export function networkPage() {
  return {
    title: "Network", command: "trellis peers list", raw: ["/v1/peers", "/v1/status"], every: 2,
    load: async () => {
      const [{ peers }, status] = await Promise.all([get("/v1/peers"), get("/v1/status")]);
      return { peers, key: status.nodeKey, version: status.version, role: status.role, voters: status.consensus.validators.map((voter) => voter.consensusKey) };
    },
    view: ({ peers, key, version, role, voters }) => [
      facts("This node", [["Key", mono(key)], ["Version", version], ["Role", role]]),
      table("Peers", ["Key", "Direction", "Address", "Listens at", "Agent", "Round trip", "Validator"], peers.map((peer) => {
        const place = voters.indexOf(peer.consensusKey);
        return [short(peer.nodeKey), peer.isInbound ? "inbound" : "outbound", peer.remoteAddress, peer.listenAddress, peer.agent,
          peer.roundTripMicroseconds === undefined ? quiet("unknown") : `${(peer.roundTripMicroseconds / 1000).toFixed(2)} ms`, peer.consensusKey ? (place < 0 ? short(peer.consensusKey) : validator(place)) : quiet("no")];
      }), "No peer is connected."),
    ],
  };
}

// ── Search ──

/** Where a height, a hash, a transaction or an address leads. */
async function find(text) {
  const plain = text.replace(/[\s_\u2009]/g, "");
  if (/^\d+$/.test(plain)) return `#/block/${plain}`;
  if (/^t?trl1/i.test(plain)) return `#/account/${part(plain.toLowerCase())}`;
  if (/^(0x)?[0-9a-f]{64}$/i.test(plain)) {
    const hash = plain.toLowerCase();
    try {
      await get(`/v1/blocks/${hash}`);
      return `#/block/${hash}`;
    } catch (error) {
      if (error instanceof Away) throw error;
      return `#/transaction/${hash}`;
    }
  }
  return undefined;
}

export function searchPage([text = ""]) {
  return {
    title: "Search", command: undefined, raw: [], every: 0,
    load: async () => ({ target: await find(text) }),
    view: ({ target }) => {
      if (target) { location.replace(target); return []; }
      return [card(h("h2", {}, "Nothing to look for"), h("p", {}, mono(text), " is no height, no hash of 64 hexadecimal digits and no address."))];
    },
  };
}
