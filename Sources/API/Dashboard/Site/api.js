// Asking the node.

/** The node refused, and said why. */
export class Refusal extends Error {
  constructor(problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** Nobody answered. */
export class Away extends Error {}

const secondsMax = 15;

export const get = (path) => request(path, {});

/** A question that does not fit in an address. */
export const ask = (path, question) => request(path, { method: "POST", body: JSON.stringify(question) });

async function request(path, options) {
  let answer, text;
  try {
    const headers = { Accept: "application/json", ...(options.body && { "Content-Type": "application/json" }) };
    answer = await fetch(path, { ...options, headers, cache: "no-store", signal: AbortSignal.timeout(secondsMax * 1000) });
    text = await answer.text();
  } catch {
    throw new Away("The node does not answer.");
  }
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Away("What answers is no node.");
  }
  if (!answer.ok) throw new Refusal({ title: "The request was refused.", code: `http.${answer.status}`, status: answer.status, ...body });
  return body;
}

/** What a contract says; what is not there yet is nothing, and no refusal. */
export async function maybe(path) {
  try {
    return (await get(path)).value;
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 404) return undefined;
    throw error;
  }
}

/** A path's part from text of people or of the chain. */
export const part = encodeURIComponent;

const kept = new Map();
const keptMax = 200;

/** The same for what never changes, such as a final block's transactions. */
export async function getOnce(path) {
  if (!kept.has(path)) {
    if (kept.size >= keptMax) kept.delete(kept.keys().next().value);
    kept.set(path, await get(path));
  }
  return kept.get(path);
}

/** The schemas of contracts by address; one that cannot be had is left out. */
export async function schemas(addresses) {
  const found = new Map();
  for (const address of new Set(addresses)) {
    try {
      found.set(address, await getOnce(`/v1/contracts/${part(address)}/schema`));
    } catch (error) {
      if (error instanceof Away) throw error;
    }
  }
  return found;
}
