/**
 * What a dry run has seen of the file: 64 bits of a hash for each text, in one flat table, so a million take 16 MB
 * and not hundreds. That two texts of ten million have the same bits is less likely than one in 300,000.
 */
import { createHash } from 'node:crypto';

const FEWEST = 1_024;

export class Seen {
  #slots = new BigUint64Array(FEWEST);
  #count = 0;

  has(text: string): boolean {
    const mark = markOf(text);
    return this.#slots[slotOf(this.#slots, mark)] === mark;
  }

  add(text: string): void {
    const mark = markOf(text);
    const slot = slotOf(this.#slots, mark);
    if (this.#slots[slot] === mark) return;
    this.#slots[slot] = mark;
    this.#count += 1;
    if (this.#count * 2 > this.#slots.length) this.#grow();
  }

  #grow(): void {
    const wider = new BigUint64Array(this.#slots.length * 2);
    for (const mark of this.#slots) if (mark !== 0n) wider[slotOf(wider, mark)] = mark;
    this.#slots = wider;
  }
}

/** Never zero, which is an empty slot. */
const markOf = (text: string): bigint => createHash('sha256').update(text).digest().readBigUInt64LE() || 1n;

/** Where the mark stands, or the empty slot where it would. At most half of them are taken. */
function slotOf(slots: BigUint64Array, mark: bigint): number {
  let slot = Number(mark % BigInt(slots.length));
  while (slots[slot] !== 0n && slots[slot] !== mark) slot = (slot + 1) % slots.length;
  return slot;
}
