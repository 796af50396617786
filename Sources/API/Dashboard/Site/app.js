// Which page is shown, and how it stays true: each is loaded, shown, and loaded again after a while.
import { agreementPage, agreementsPage } from "./agreements.js";
import { Away, get, Refusal } from "./api.js";
import { blockPage, blocksPage, transactionPage } from "./chain.js";
import { card, facts, h, mono, tick } from "./dom.js";
import { infrastructurePage, infrastructuresPage } from "./infrastructure.js";
import { offerPage, offersPage } from "./offers.js";
import { accountPage, homePage, networkPage, searchPage, validatorsPage } from "./pages.js";

const pages = {
  "": homePage, blocks: blocksPage, block: blockPage, transaction: transactionPage, account: accountPage, validators: validatorsPage, network: networkPage, search: searchPage,
  infrastructures: infrastructuresPage, infrastructure: infrastructurePage, offers: offersPage, offer: offerPage, agreements: agreementsPage, agreement: agreementPage,
};
const waitMax = 15;
const main = document.getElementById("main");
const connection = document.getElementById("connection");

/** `#/block/12?cursor=…` as a page. */
function pageAt(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  if (!Object.hasOwn(pages, name)) return { title: "No such page", raw: [], every: 0, load: async () => ({}), view: () => [card("There is no such page. ", h("a", { href: "#/" }, "Home"))] };
  try {
    return pages[name](rest.map(decodeURIComponent), new URLSearchParams(query));
  } catch {
    return searchPage([path]);
  }
}

let turn = 0;
/** Whether somebody went from one page to another: then the focus goes along. */
let hasMoved = false;
let wake = () => {};

/** Waits some seconds, and as long as nobody looks. */
async function pause(seconds) {
  await new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, seconds * 1000);
  });
  if (document.hidden) await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
}

async function follow() {
  const own = ++turn;
  wake();
  const page = pageAt(location.hash);
  frame(page);
  let failures = 0;
  let shown;
  while (own === turn) {
    let wait;
    try {
      const data = await page.load();
      if (own !== turn) return;
      failures = 0;
      say();
      const text = JSON.stringify(data, (_, value) => (value instanceof Map ? [...value.keys()] : value));
      if (text !== shown && !(shown !== undefined && isInUse())) {
        show(page, page.view(data), shown === undefined);
        shown = text;
      }
      wait = typeof page.every === "function" ? page.every(data) : page.every;
      if (wait === 0) return;
    } catch (error) {
      if (own !== turn) return;
      wait = Math.min(waitMax, 2 ** failures++);
      if (error instanceof Away) {
        say(`The node is away: ${error.message} Trying again every ${wait} s${shown === undefined ? "" : "; below is what it said last"}.`);
        if (shown === undefined) show(page, [], false);
      } else if (error instanceof Refusal) {
        say();
        show(page, [problem(error.problem)], shown === undefined);
        shown = "";
        // What is not there yet may come; a malformed request stays one.
        if (error.problem.status === 400) return;
      } else throw error;
    }
    await pause(wait);
  }
}

/** Whether somebody types into the page, or walks through a picture: then it stays as it is. */
const isInUse = () => main.contains(document.activeElement) && document.activeElement.matches("input, select, svg, svg *");

/** What surrounds the page: title, place in the menu, command, raw documents. */
function frame(page) {
  document.title = `${page.title} · Trellis`;
  for (const item of document.querySelectorAll("nav a")) {
    const isCurrent = item.getAttribute("href") === `#/${location.hash.replace(/^#\/?/, "").split(/[/?]/)[0]}`;
    if (isCurrent) item.setAttribute("aria-current", "page"); else item.removeAttribute("aria-current");
  }
  document.querySelector(".command").hidden = !page.command;
  document.getElementById("command").textContent = page.command ? `${page.command} --node ${location.origin}` : "";
  document.getElementById("copied").textContent = "";
  document.getElementById("raw").replaceChildren(...page.raw.flatMap((path) => [h("a", { href: path }, path), " "]));
  document.getElementById("raw").parentElement.hidden = page.raw.length === 0;
  main.setAttribute("aria-busy", "true");
}

/** Puts the page's content in place; whoever has gone to a link with the keyboard stays there. */
function show(page, content, isFirst) {
  const focused = main.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  main.replaceChildren(h("h1", {}, page.title), ...content.flat(9).filter((part) => part instanceof Node));
  main.removeAttribute("aria-busy");
  if (focused) [...main.querySelectorAll("a")].find((item) => item.getAttribute("href") === focused)?.focus();
  else if (isFirst && hasMoved) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

const problem = (given) => facts("The node refuses", [["Code", mono(given.code)], ["What", given.title], ["Here", given.detail], ["Where", given.location], ["What to do", given.hint],
  ["Oldest height", given.oldestHeight === undefined ? undefined : String(given.oldestHeight)]]);

function say(text) {
  connection.hidden = !text;
  if (connection.textContent !== (text ?? "")) connection.textContent = text ?? "";
}

/** The chain's name beside ours, as soon as the node says it. */
async function name() {
  try {
    const chain = await get("/v1/chain");
    document.getElementById("chain").textContent = `${chain.name} (${chain.network})`;
  } catch {
    setTimeout(name, 5000);
  }
}

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = document.getElementById("query").value.trim();
  if (text) location.hash = `#/search/${encodeURIComponent(text)}`;
});
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
document.getElementById("copy").addEventListener("click", async () => {
  const command = document.getElementById("command");
  const said = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(command.textContent);
    said.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(command);
    said.textContent = "Selected: copy it with the keyboard.";
  }
});
addEventListener("hashchange", () => {
  hasMoved = true;
  follow();
});
setInterval(tick, 1000);
name();
follow();
