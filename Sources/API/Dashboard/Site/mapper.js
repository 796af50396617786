// The mapper once more, in the browser: who runs which node follows from what was frozen and a beacon. The room Contracts has the rule; written a
// second time in another language, it is a check of the first.

// ── Bytes ──

/** `0x…` as bytes. */
export function bytesOf(hex) {
  const digits = hex.replace(/^0x/, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, place) => parseInt(digits.slice(2 * place, 2 * place + 2), 16));
}

export const hexOf = (bytes) => `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

const primes = (() => {
  const found = [];
  for (let number = 2; found.length < 64; number++) if (found.every((prime) => number % prime)) found.push(number);
  return found;
})();
const fraction = (number) => Math.floor((number - Math.floor(number)) * 2 ** 32);
const start = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
// Cube roots by integers: a double has too few digits for some.
const rounds = primes.map((prime) => {
  const wanted = BigInt(prime) << 96n;
  let low = 0n, high = 1n << 36n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** 3n <= wanted) low = middle; else high = middle;
  }
  return Number(low & 0xffffffffn);
});

/** SHA-256 (FIPS 180-4), at once: browsers offer theirs on some pages only. */
export function sha256(bytes) {
  const length = bytes.length, padded = new Uint8Array(((length + 72) >> 6) << 6);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(length / 2 ** 29));
  view.setUint32(padded.length - 4, (length << 3) >>> 0);
  const state = new Uint32Array(start), words = new Uint32Array(64);
  const turn = (word, by) => (word >>> by) | (word << (32 - by));
  for (let block = 0; block < padded.length; block += 64) {
    for (let place = 0; place < 16; place++) words[place] = view.getUint32(block + 4 * place);
    for (let place = 16; place < 64; place++) {
      const early = words[place - 15], late = words[place - 2];
      words[place] = words[place - 16] + (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) + words[place - 7] + (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let place = 0; place < 64; place++) {
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + rounds[place] + words[place]) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, place) => { state[place] += word; });
  }
  const digest = new Uint8Array(32);
  state.forEach((word, place) => new DataView(digest.buffer).setUint32(4 * place, word));
  return digest;
}

/** Reads Binary Canonical Serialization. */
class Reader {
  constructor(bytes) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }
  u8() { return this.view.getUint8(this.at++); }
  u32() { this.at += 4; return this.view.getUint32(this.at - 4, true); }
  u64() { this.at += 8; return this.view.getBigUint64(this.at - 8, true); }
  bool() { return this.u8() === 1; }
  length() {
    let value = 0, factor = 1;
    for (let byte = 0x80; byte >= 0x80; factor *= 128) {
      byte = this.u8();
      value += (byte & 0x7f) * factor;
    }
    return value;
  }
  bytes(count) { this.at += count; return new Uint8Array(this.view.buffer, this.view.byteOffset + this.at - count, count); }
  text() { return new TextDecoder("utf-8", { fatal: true }).decode(this.bytes(this.length())); }
  option(read) { return this.bool() ? read() : undefined; }
  list(read) { return Array.from({ length: this.length() }, read); }
}

/** What was frozen, from its bytes. */
export function readInput(bytes) {
  const from = new Reader(bytes), u32 = () => from.u32();
  const input = {
    application: from.text(), number: from.u64(), revision: from.u64(),
    groups: from.list(() => ({ name: from.text(), isShard: from.bool(), copies: from.u32(), parts: from.list(() => ({ template: from.text(), count: from.u32() })) })),
    policy: {
      perOperatorInGroup: from.option(u32), regionShare: from.option(u32), providerShare: from.option(u32), cloudShare: from.option(u32), coalition: from.option(u32),
      continentCoalition: from.option(u32),
    },
    reputationMin: from.u32(), rotation: from.u32(),
    operators: from.list(() => ({
      number: from.u32(), units: from.u32(), reputation: from.u32(), continent: from.u8(), region: from.text(), provider: from.option(() => from.text()), isBarred: from.bool(),
    })),
    previous: from.list(u32), exclusions: from.list(() => ({ group: from.u32(), number: from.u32() })),
  };
  if (from.at !== bytes.length) throw new RangeError("bytes are left over");
  return input;
}

/** `list` of operator numbers as they are hashed. */
function encoded(list) {
  const head = [];
  for (let rest = list.length; ; rest >>= 7) {
    head.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  const bytes = new Uint8Array(head.length + 4 * list.length), view = new DataView(bytes.buffer);
  bytes.set(head);
  list.forEach((number, place) => view.setUint32(head.length + 4 * place, number, true));
  return bytes;
}

export const assignmentDigest = (slots) => hexOf(sha256(encoded(slots)));

// ── Draws ──

const joined = (...parts) => Uint8Array.from(parts.flatMap((piece) => [...piece]));
const text = (string) => new TextEncoder().encode(string);
const u64 = (number) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number), true);
  return bytes;
};

/** Numbers from SHA-256 of the seed and a counter, four of each hash. */
class Draw {
  constructor(input, beacon) {
    const name = text(input.application);
    this.seed = sha256(joined(text("trellis/mapping/1"), beacon, [name.length], name, u64(input.number)));
    this.counter = 0;
    this.words = [];
  }
  next() {
    if (this.words.length === 0) {
      const view = new DataView(sha256(joined(this.seed, u64(this.counter++))).buffer);
      // The last one is taken first.
      this.words = [24, 16, 8, 0].map((place) => view.getBigUint64(place, true));
    }
    return this.words.pop();
  }
  /** From 0 up to `bound`, which is not reached (Lemire). */
  below(bound) {
    const range = BigInt(bound), mask = (1n << 64n) - 1n;
    let product = this.next() * range;
    if ((product & mask) < range) {
      const threshold = ((1n << 64n) - range) % range;
      while ((product & mask) < threshold) product = this.next() * range;
    }
    return Number(product >> 64n);
  }
  shuffled(items) {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [items[last], items[other]] = [items[other], items[last]];
    }
    return items;
  }
}

const sum = (list) => list.reduce((total, one) => total + one, 0);

/** Units of the operators `among`, lowered so that no `members` of them hold more than half of `slots`. */
function limited(units, members, slots, order, among) {
  const half = Math.floor(slots / 2), own = among.map((place) => units[place]);
  if (among.length === 0 || sum([...own].sort((a, b) => b - a).slice(0, members)) <= half) return units;
  let best = 0, bestTotal = -1;
  const most = Math.floor(half / members);
  const having = new Array(most + 2).fill(0);
  for (const count of own) having[Math.min(count, most + 1)]++;
  for (let level = most; level >= 0; level--) having[level] += having[level + 1];
  const all = sum(own);
  for (let level = 0, base = 0; level <= most; level++) {
    if (level > 0) base += having[level];
    const total = Math.min(slots, base + Math.min(half - members * level, all - base));
    if (total >= bestTotal) [best, bestTotal] = [level, total];
  }
  const result = [...units], isAmong = new Set(among);
  let beyond = half - members * best;
  for (const place of among) result[place] = Math.min(units[place], best);
  for (const place of order) {
    if (beyond === 0) break;
    if (!isAmong.has(place)) continue;
    const extra = Math.min(beyond, units[place] - result[place]);
    result[place] += extra;
    beyond -= extra;
  }
  return result;
}

// ── Placing ──

const workMost = 35_000_000;
/** What it takes to come to a place of a search, beside looking at its neighbours. */
const placeSteps = 8;
class TooMuch extends Error {}

/** Nodes in groups as a flow of units through the shares of providers, clouds and regions. */
class Flow {
  constructor(given) {
    Object.assign(this, given, { total: 0, clouds: 0, work: 0, reached: [] });
    const { operators, sizes, regionOf, regionCount, providerOf, providerCount } = given;
    this.placed = operators.map(() => new Int32Array(sizes.length));
    this.used = new Int32Array(operators.length);
    this.filled = new Int32Array(sizes.length);
    this.inRegion = Array.from({ length: regionCount }, () => new Int32Array(sizes.length));
    this.atProvider = new Int32Array(providerCount);
    this.membersOf = (of, count) => Array.from({ length: count }, (_, place) => operators.map((_, one) => one).filter((one) => of[one] === place));
    this.ofRegion = this.membersOf(regionOf, regionCount);
    this.ofProvider = this.membersOf(providerOf, providerCount);
  }
  charge(steps) {
    if (steps > workMost - this.work) throw new TooMuch("more work than the contract does");
    this.work += steps;
  }
  hasUnit(one) {
    const provider = this.providerOf[one];
    return this.used[one] < this.allowance[one] && (provider < 0 || (this.clouds < this.cloudMax && this.atProvider[provider] < this.providerMax));
  }
  fits(one, group) {
    return this.filled[group] < this.sizes[group] && this.placed[one][group] < this.placeMax[one][group] && this.inRegion[this.regionOf[one]][group] < this.regionMax[group];
  }
  place(one, group) {
    this.placed[one][group]++;
    this.inRegion[this.regionOf[one]][group]++;
    this.filled[group]++;
    this.used[one]++;
    this.total++;
    if (this.providerOf[one] >= 0) { this.atProvider[this.providerOf[one]]++; this.clouds++; }
  }
  /** One unit more by the shortest chain of exchanges; whether there was one. */
  augment() {
    const operators = this.operators.length, groups = this.sizes.length, regions = this.regionCount, providers = this.providerCount;
    const region0 = operators, group0 = region0 + regions * groups, provider0 = group0 + groups, clouds = provider0 + providers;
    this.origins ??= new Int32Array(clouds + 1).fill(-2);
    for (const place of this.reached) this.origins[place] = -2;
    this.reached = [];
    const visit = (place, origin) => {
      if (this.origins[place] !== -2) return;
      this.origins[place] = origin;
      this.reached.push(place);
    };
    this.charge(operators);
    if (this.clouds < this.cloudMax && providers > 0) visit(clouds, -1);
    for (let one = 0; one < operators; one++) if (this.providerOf[one] < 0 && this.used[one] < this.allowance[one]) visit(one, -1);
    for (let next = 0; next < this.reached.length; next++) {
      const place = this.reached[next];
      if (place < region0) {
        this.charge(placeSteps + groups);
        for (let group = 0; group < groups; group++) if (this.placed[place][group] < this.placeMax[place][group]) visit(region0 + this.regionOf[place] * groups + group, place);
        if (this.providerOf[place] >= 0 && this.used[place] > 0) visit(provider0 + this.providerOf[place], place);
      } else if (place < group0) {
        const region = Math.floor((place - region0) / groups), group = (place - region0) % groups;
        this.charge(placeSteps + this.ofRegion[region].length);
        if (this.inRegion[region][group] < this.regionMax[group]) visit(group0 + group, place);
        for (const one of this.ofRegion[region]) if (this.placed[one][group] > 0) visit(one, place);
      } else if (place < provider0) {
        const group = place - group0;
        if (this.filled[group] < this.sizes[group]) {
          this.apply(place, region0, group0, provider0, clouds);
          this.filled[group]++;
          this.total++;
          return true;
        }
        this.charge(placeSteps + regions);
        for (let region = 0; region < regions; region++) if (this.inRegion[region][group] > 0) visit(region0 + region * groups + group, place);
      } else if (place < clouds) {
        const provider = place - provider0;
        this.charge(placeSteps + this.ofProvider[provider].length);
        for (const one of this.ofProvider[provider]) if (this.used[one] < this.allowance[one]) visit(one, place);
        if (this.atProvider[provider] > 0) visit(clouds, place);
      } else {
        this.charge(placeSteps + providers);
        for (let provider = 0; provider < providers; provider++) if (this.atProvider[provider] < this.providerMax) visit(provider0 + provider, place);
      }
    }
    return false;
  }
  /** Walks a chain back from its end: each step takes a unit forth, or one back that had gone the other way. */
  apply(end, region0, group0, provider0, clouds) {
    const groups = this.sizes.length;
    const count = (low, high, change) => {
      const group = (high - region0) % groups;
      if (high === clouds) this.atProvider[low - provider0] -= change;
      else if (high >= provider0) this.used[low] -= change;
      else if (high >= group0) this.inRegion[Math.floor((low - region0) / groups)][(low - region0) % groups] += change;
      else this.placed[low][group] += change;
    };
    let place = end;
    for (; this.origins[place] >= 0; place = this.origins[place]) {
      const origin = this.origins[place];
      if (origin < place) count(origin, place, 1);
      else count(place, origin, -1);
    }
    if (place < region0) this.used[place]++;
    else this.clouds++;
  }
}

/** Weights that change, and whose unit stands at a position (Fenwick). */
class Weights {
  constructor(weights) {
    this.weights = weights.map(() => 0);
    this.sums = new Array(weights.length + 1).fill(0);
    this.total = 0;
    weights.forEach((weight, place) => this.set(place, weight));
  }
  set(index, weight) {
    const change = weight - this.weights[index];
    this.weights[index] = weight;
    this.total += change;
    for (let place = index + 1; place < this.sums.length; place += place & -place) this.sums[place] += change;
  }
  at(position) {
    let place = 0, step = 1;
    while (step * 2 < this.sums.length) step *= 2;
    for (; step >= 1; step = Math.floor(step / 2)) {
      if (place + step < this.sums.length && this.sums[place + step] <= position) {
        place += step;
        position -= this.sums[place];
      }
    }
    return place;
  }
}

const whole = 1_000_000;
const byBytes = (left, right) => {
  const [a, b] = [text(left), text(right)];
  for (let place = 0; place < Math.min(a.length, b.length); place++) if (a[place] !== b[place]) return a[place] - b[place];
  return a.length - b.length;
};

/** The operator's number for each slot, 0 for nobody. */
export function compute(input, beacon) {
  const draw = new Draw(input, beacon), { policy } = input;
  const sizes = input.groups.flatMap((group) => new Array(group.copies).fill(sum(group.parts.map((one) => one.count))));
  const slotCount = sum(sizes), groupOf = sizes.flatMap((size, group) => new Array(size).fill(group));
  const operators = input.operators.filter((one) => !one.isBarred && one.reputation >= input.reputationMin && one.units > 0);
  const places = new Map(operators.map((one, place) => [one.number, place]));
  const before = groupOf.map((_, slot) => (input.previous.length === slotCount ? places.get(input.previous[slot]) ?? -1 : -1));
  const held = operators.map(() => 0);
  for (const place of before) if (place >= 0) held[place]++;

  const indices = operators.map((_, place) => place);
  // Whoever holds more is asked first; sorting keeps the drawn order among equals.
  const order = draw.shuffled([...indices]).sort((a, b) => held[b] - held[a]);
  let allowance = operators.map((one) => Math.min(one.units, slotCount));
  if (policy.coalition !== undefined) allowance = limited(allowance, policy.coalition, slotCount, order, indices);
  if (policy.continentCoalition !== undefined) {
    for (let continent = 0; continent < 7; continent++) {
      allowance = limited(allowance, policy.continentCoalition, slotCount, order, indices.filter((place) => operators[place].continent === continent));
    }
  }
  const share = (all, parts) => (parts === undefined ? all : Math.floor((all * parts) / whole));
  const names = (list) => [...new Set(list)].sort(byBytes);
  const regions = policy.regionShare === undefined ? [""] : names(operators.map((one) => one.region));
  const providers = names(operators.filter((one) => one.provider !== undefined).map((one) => one.provider));
  const placeMax = operators.map(() => Int32Array.from(sizes, (size) => Math.min(size, policy.perOperatorInGroup ?? size)));
  for (const one of input.exclusions) if (places.has(one.number) && one.group < sizes.length) placeMax[places.get(one.number)][one.group] = 0;
  const flow = new Flow({
    operators, sizes, allowance, placeMax, regionCount: Math.max(1, regions.length), providerCount: providers.length,
    regionOf: operators.map((one) => (policy.regionShare === undefined ? 0 : regions.indexOf(one.region))),
    providerOf: operators.map((one) => (one.provider === undefined ? -1 : providers.indexOf(one.provider))),
    cloudMax: share(slotCount, policy.cloudShare), providerMax: Math.max(1, share(slotCount, policy.providerShare)),
    regionMax: sizes.map((size) => Math.max(1, share(size, policy.regionShare))),
  });
  flow.charge(8 * operators.length * sizes.length + 512 * operators.length + 64 * slotCount);

  // Nodes keep their operators, but for those that the rotation draws.
  const kept = draw.shuffled(before.map((_, slot) => slot).filter((slot) => before[slot] >= 0));
  flow.charge(64 * kept.length);
  for (const slot of kept.slice(Math.floor((kept.length * Math.min(input.rotation, whole)) / whole))) {
    if (flow.hasUnit(before[slot]) && flow.fits(before[slot], groupOf[slot])) flow.place(before[slot], groupOf[slot]);
  }
  // Units are drawn without replacement; each gets a random free node among those that it fits.
  const weights = new Weights(operators.map((one, place) => one.units - flow.used[place]));
  flow.charge(4 * operators.length);
  while (flow.total < slotCount && weights.total > 0) {
    const one = weights.at(draw.below(weights.total));
    flow.charge(400 + 3 * sizes.length);
    const free = flow.hasUnit(one) ? sizes.map((size, group) => (flow.fits(one, group) ? size - flow.filled[group] : 0)) : [], freeTotal = sum(free);
    if (freeTotal === 0) {
      weights.set(one, 0);
      continue;
    }
    let group = 0;
    for (let rest = draw.below(freeTotal); rest >= free[group]; group++) rest -= free[group];
    flow.place(one, group);
    weights.set(one, weights.weights[one] - 1);
  }
  // What is still free is filled by exchanges, until none helps.
  try {
    while (flow.total < slotCount && flow.augment());
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
  }
  // Nodes keep their operators where these still have a place in the group; the others are put in at random.
  const left = flow.placed.map((row) => Int32Array.from(row)), slots = new Array(slotCount).fill(0);
  before.forEach((place, slot) => {
    if (place < 0 || left[place][groupOf[slot]] <= 0) return;
    left[place][groupOf[slot]]--;
    slots[slot] = operators[place].number;
  });
  let first = 0;
  sizes.forEach((size, group) => {
    const newcomers = draw.shuffled(indices.flatMap((place) => new Array(left[place][group]).fill(place)));
    for (let slot = first; slot < first + size; slot++) if (slots[slot] === 0 && newcomers.length > 0) slots[slot] = operators[newcomers.pop()].number;
    first += size;
  });
  return slots;
}
