// Blocks, transactions, and what contracts told.
import { get, getOnce, part, schemas } from "./api.js";
import { accountLink, badge, blockLink, card, count, facts, h, link, mono, outcome, quiet, short, since, table, time, transactionLink, trl, validator, value } from "./dom.js";

const contractName = (item) => item.contractName ?? short(item.contract);

/** `accounts.transfer` and its payment. */
export const callText = (call) => [contractName(call), ".", call.method, call.value !== "0" && [" ", quiet(trl(call.value))]];

const blockRows = (blocks) => blocks.map((block) => [blockLink(block.height), [since(block.time), " ago"], count(block.transactionCount), count(block.gasUsed), validator(block.proposer), short(block.hash)]);
const blockHeads = ["Height", "Age", "Transactions", "Gas", "Proposer", "Hash"];

export const more = (next, target) => next && link(`${target}?cursor=${part(next)}`, "Older");

function withLink(section, next, target) {
  const older = more(next, target);
  if (older) { older.className = "more"; section.append(older); }
  return section;
}

export function blocksPage(_, query) {
  const cursor = query.get("cursor");
  const path = `/v1/blocks?limit=25${cursor ? `&cursor=${part(cursor)}` : ""}`;
  return {
    title: "Blocks", command: "trellis block list --limit 25" + (cursor ? ` --cursor ${quoted(cursor)}` : ""), raw: [path], every: cursor ? 0 : 1,
    load: () => get(path),
    view: (page) => [withLink(table("Final blocks, newest first", blockHeads, blockRows(page.items)), page.next, "#/blocks")],
  };
}

/** Text as one word of a shell. */
export const quoted = (text) => (/^[\w.:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const typeOf = (fields, name) => fields?.find((field) => field.name === name)?.type;

/** Arguments or fields by their names, or the bytes when no schema fits them. */
function named(values, fields, data) {
  if (values === undefined) return [quiet("no schema fits these bytes: "), mono(data)];
  const entries = Object.entries(values);
  if (entries.length === 0) return quiet("none");
  return h("ul", { class: "values" }, entries.map(([name, item]) => h("li", {}, quiet(name, ": "), value(item, typeOf(fields, name)))));
}

const eventRows = (events, book) => events.map((event) => [
  mono(event.id), [contractName(event), ".", event.name], named(event.fields, book.get(event.contract)?.events?.find((known) => known.name === event.name)?.fields, event.data),
  event.transaction ? transactionLink(event.transaction) : event.hook ? quiet("hook ", event.hook.method) : "", link(`/v1/proofs/events/${part(event.id)}`, "proof"),
]);
const eventHeads = ["Event", "What", "Fields", "Transaction", "Proof"];

export function blockPage([name]) {
  const path = `/v1/blocks/${part(name)}`;
  return {
    title: `Block ${name}`, command: `trellis block show ${quoted(name)}`, raw: ["", "/transactions", "/receipts", "/events"].map((rest) => path + rest), every: name === "head" ? 1 : 0,
    load: async () => {
      const block = await get(path);
      const at = `/v1/blocks/${block.hash}`;
      const [transactions, receipts, events] = await Promise.all(["transactions", "receipts", "events"].map((list) => getOnce(`${at}/${list}?limit=200`)));
      return { block, transactions, receipts, events, book: await schemas(events.items.map((event) => event.contract)) };
    },
    view: ({ block, transactions, receipts, events, book }) => {
      const byID = new Map(receipts.items.filter((receipt) => receipt.transaction).map((receipt) => [receipt.transaction, receipt]));
      const hooks = receipts.items.filter((receipt) => receipt.hook);
      const note = (page, whole) => page.items.length < whole && card(quiet(`The first ${page.items.length} of ${whole}; the raw JSON has the rest by pages.`));
      return [
        facts(`Block ${count(block.height)}`, [
          ["Hash", mono(block.hash)], ["Time", [time(block.time), " ", quiet(since(block.time), " ago")]], ["Epoch, view", `${block.epoch}, ${block.view}`],
          ["Proposer", validator(block.proposer)], ["Signed by", block.signers?.map((place) => validator(place)).join(", ")],
          ["Parent", block.height > 0 && link(`#/block/${block.height - 1}`, mono(block.parentHash))], ["Gas used", count(block.gasUsed)], ["State root", mono(block.stateRoot)],
          ["Transactions root", mono(block.transactionsRoot)], ["Receipts root", mono(block.receiptsRoot)], ["Events root", mono(block.eventsRoot)],
          ["Validators", mono(block.validatorsHash)], ["Random value", mono(block.beacon)], ["Protocol", String(block.protocolVersion)],
          ["Next", link(`#/block/${block.height + 1}`, count(block.height + 1))]]),
        table("Transactions", ["Transaction", "Calls", "Sender", "Outcome", "Gas", "Fee"], transactions.items.map((transaction) => {
          const receipt = byID.get(transaction.id);
          return [transactionLink(transaction.id), transaction.calls.map((call) => h("div", {}, callText(call))), accountLink(transaction.sender, true),
            receipt && [outcome(receipt.outcome), receipt.failure && [" ", failureName(receipt.failure)]], receipt && count(receipt.gasUsed), receipt && trl(receipt.fee)];
        })),
        note(transactions, block.transactionCount),
        hooks.length > 0 && table("Hooks", ["Contract", "Hook", "Outcome", "Gas"], hooks.map((receipt) => [accountLink(receipt.hook.contract, true), receipt.hook.method, outcome(receipt.outcome), count(receipt.gasUsed)])),
        table("Events", eventHeads, eventRows(events.items, book)), note(events, block.eventCount),
      ];
    },
  };
}

const failureName = (failure) => failure.name ?? `code ${failure.code}`;

export function transactionPage([id]) {
  const path = `/v1/transactions/${part(id)}`;
  return {
    title: "Transaction", command: `trellis tx show ${quoted(id)}`, raw: [path, `/v1/proofs/transactions/${part(id)}`, `/v1/proofs/receipts/${part(id)}`],
    every: (data) => (data.report.state === "pending" ? 1 : 0),
    load: async () => {
      const report = await get(path);
      const contracts = [...(report.transaction?.calls ?? []), ...(report.receipt?.events ?? [])].map((item) => item.contract);
      return { report, book: await schemas(contracts) };
    },
    view: ({ report, book }) => {
      const { transaction, receipt, pending } = report;
      const failure = receipt?.failure;
      return [
        facts("Status", [
          ["State", [outcome(report.state), receipt && [" ", outcome(receipt.outcome)]]], ["Identifier", mono(report.id)], ["Dropped because", report.code && mono(report.code)],
          ["Block", report.height !== undefined && [blockLink(report.height), quiet(`, place ${report.index}`)]], ["Time", report.time && [time(report.time), " ", quiet(since(report.time), " ago")]],
          ["Waits", pending && (pending.isExecutable ? "for the next block" : "for earlier nonces or for balance")], ["Nonce", String(pending?.nonce ?? transaction?.nonce ?? "")],
          ["Sender", transaction && accountLink(transaction.sender)], ["Memo", transaction?.memo && h("pre", {}, transaction.memo)],
          ["Fee", receipt && trl(receipt.fee)], ["Gas", receipt && [count(receipt.gasUsed), quiet(` of ${count(transaction.gasLimit)} at ${transaction.gasPrice} base units`)]],
          ["Valid until", transaction && `height ${count(transaction.validUntilHeight)}`], ["Signatures", transaction && String(transaction.signatureCount)],
          ["Proof", receipt && [link(`/v1/proofs/transactions/${part(report.id)}`, "that the block contains it"), ", ", link(`/v1/proofs/receipts/${part(report.id)}`, "what came of it")]]]),
        failure && facts("Why it failed", [
          ["Error", [badge(failureName(failure), "bad"), quiet(` code ${failure.code} of `), contractName(failure), quiet(`, call ${failure.callIndex}`)]], ["Meaning", failure.text], ["Message", failure.message],
          ["What to do", failure.hint]]),
        transaction?.calls.map((call, place) => facts(`Call ${place}`, [
          ["Contract", [accountLink(call.contract), call.contractName && quiet(" ", call.contractName)]], ["Method", mono(call.method)], ["Value", call.value !== "0" && trl(call.value)],
          ["Arguments", named(call.arguments, book.get(call.contract)?.methods?.find((method) => method.name === call.method)?.arguments, call.data)],
          ["Result", receipt?.results[place]?.value !== undefined && value(receipt.results[place].value)]])),
        receipt && table("Events", eventHeads, eventRows(receipt.events ?? [], book)),
      ];
    },
  };
}
