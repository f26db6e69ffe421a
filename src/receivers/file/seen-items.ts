/** Which items were seen, by 128 bits of a digest, in bounded memory: of very many, those seen longest ago are forgotten. */

/** How often an item was seen: in all inputs until now, as the most in one; and in the one that is read. */
interface Times {
  before: number;
  here: number;
}

/** Words of an entry: four of the digest, the input that had it last, and two counts of 16 bits. */
const entryWords = 6;
const inputWord = 4;
const countsWord = 5;
const mostCounted = 0xffff;
const fewestEntries = 1024;

export class SeenItems {
  /** Whether something was forgotten. */
  isFull = false;
  private readonly most: number;
  private recent = new Table();
  /** What was seen before the recent ones; forgotten when those are as many as may be. */
  private older = new Table();

  /** No more than `most` are remembered, and at least half of that. */
  constructor(most: number) {
    this.most = Math.ceil(most / 2);
  }

  /** Counts an item in an input once more. Answers how often it was there before, in this input and in others. */
  see(digest: Buffer, input: number): Times {
    const entry = this.entryOf(digest);
    const { words } = this.recent;
    const counts = words[entry + countsWord] ?? 0;
    const before = counts >>> 16;
    const here = words[entry + inputWord] === input ? counts & mostCounted : 0;
    const now = Math.min(here + 1, mostCounted);
    words[entry + inputWord] = input;
    words[entry + countsWord] = ((Math.max(before, now) << 16) | now) >>> 0;
    return { before, here };
  }

  private entryOf(digest: Buffer): number {
    const known = this.recent.find(digest);
    if (known !== undefined) return known;
    if (this.recent.size >= this.most) {
      this.isFull ||= this.older.size > 0;
      this.older = this.recent;
      this.recent = new Table();
    }
    const entry = this.recent.add(digest);
    const old = this.older.find(digest);
    if (old !== undefined) {
      for (const word of [inputWord, countsWord])
        this.recent.words[entry + word] = this.older.words[old + word] ?? 0;
    }
    return entry;
  }
}

/** A hash table with open addressing. An entry whose counts are zero is free. */
class Table {
  size = 0;
  words = new Uint32Array(fewestEntries * entryWords);

  find(digest: Buffer): number | undefined {
    const entry = this.place(digest);
    return this.isFree(entry) ? undefined : entry;
  }

  /** Of what is not there; it has to be given counts at once. */
  add(digest: Buffer): number {
    this.size++;
    if (this.size * entryWords > this.words.length * 0.6) this.grow();
    const entry = this.place(digest);
    for (let word = 0; word < 4; word++) this.words[entry + word] = digest.readUInt32LE(word * 4);
    return entry;
  }

  private place(digest: Buffer): number {
    const mask = this.words.length / entryWords - 1;
    for (let at = digest.readUInt32LE(0) & mask; ; at = (at + 1) & mask) {
      const entry = at * entryWords;
      if (this.isFree(entry) || this.isOf(entry, digest)) return entry;
    }
  }

  private isFree(entry: number): boolean {
    return this.words[entry + countsWord] === 0;
  }

  private isOf(entry: number, digest: Buffer): boolean {
    for (let word = 0; word < 4; word++)
      if (this.words[entry + word] !== digest.readUInt32LE(word * 4)) return false;
    return true;
  }

  private grow(): void {
    const { words } = this;
    this.words = new Uint32Array(words.length * 2);
    const mask = this.words.length / entryWords - 1;
    for (let from = 0; from < words.length; from += entryWords) {
      if (words[from + countsWord] === 0) continue;
      let at = (words[from] ?? 0) & mask;
      while (!this.isFree(at * entryWords)) at = (at + 1) & mask;
      this.words.set(words.subarray(from, from + entryWords), at * entryWords);
    }
  }
}
