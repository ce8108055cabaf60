const controller = new AbortController();

/** Aborted by the first Ctrl-C or TERM; a second one ends the process at once. */
export const interruption = (): AbortSignal => controller.signal;

export class Interrupted extends Error {
  override name = 'Interrupted';
}

export function watchInterrupts(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Interrupted('interrupted'));
    });
  }
}
