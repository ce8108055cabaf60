const controller = new AbortController();

/** Aborted by the first Ctrl-C or TERM; a second one ends the process at once. */
export const interruption = (): AbortSignal => controller.signal;

export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** The reader of standard output, such as `head`, has closed it: further work is useless. */
export class OutputClosed extends Error {
  override name = 'OutputClosed';
}

/** Ends the work for this reason. */
export const interrupt = (reason: Error): void => controller.abort(reason);

export function watchInterrupts(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Interrupted('interrupted'));
    });
  }
}
