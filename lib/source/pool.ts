/** Things that one caller has at a time, lent in the order of asking. */
export class Pool<T> {
  private readonly waiting: { readonly lend: (one: T) => void; readonly refuse: (error: Error) => void }[] = [];
  private closed: Error | undefined;

  constructor(private readonly idle: T[]) {}

  /** @throws whatever `signal` was aborted with while it waited, or the error that the pool was closed with */
  async acquire(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.closed !== undefined) throw this.closed;
    const one = this.idle.pop();
    if (one !== undefined) return one;
    return new Promise<T>((resolve, reject) => {
      const stop = () => signal?.removeEventListener('abort', leave);
      const entry = {
        lend: (lent: T) => (stop(), resolve(lent)),
        refuse: (error: Error) => (stop(), reject(error)),
      };
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.push(entry);
    });
  }

  /** Acquires until the signal is aborted. */
  async hold(signal: AbortSignal): Promise<void> {
    const one = await this.acquire(signal);
    signal.addEventListener('abort', () => this.release(one), { once: true });
    if (signal.aborted) this.release(one);
    signal.throwIfAborted();
  }

  release(one: T): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(one);
    else next.lend(one);
  }

  /** Rejects all waiting and all later requests. */
  close(error: Error): void {
    this.closed = error;
    for (const { refuse } of this.waiting.splice(0)) refuse(error);
  }
}
