/** A small deterministic random source (mulberry32): the same seed gives the same logs on every machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** Uniform integer in [from, to]. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Heavy-tailed rank in [0, n): low ranks are frequent. */
  rank(n: number): number {
    return Math.min(n - 1, Math.floor(n * this.next() ** 3));
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.integer(0, 15).toString(16);
    return text;
  }
}
