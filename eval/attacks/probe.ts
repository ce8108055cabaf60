import type { Outcome } from '../../lib/synthetic/capture/connection';
import { acknowledging, attempts, NONE, rawSyn, volume } from '../habits/exchange';
import type { Exchange } from '../world/site';
import type { Stage } from './stage';

/** One SYN of a scanner; a short exchange where somebody listens. */
export function probe(stage: Stage, at: number, from: string, to: string, port: number, more: Partial<Exchange> = {}): void {
  const listens = stage.site.isListening(to, port);
  stage.attempt({
    at,
    from,
    to,
    port,
    ...(listens
      ? { seconds: 0.1, sent: { packets: 3, bytes: 160 }, received: { packets: 1, bytes: 60 }, ending: 'reset' as const }
      : rawSyn(more.fromPort === undefined ? 44 : 60)),
    ...more,
  });
}

/** One attempt to log in: handshake, key exchange, a wrong password, close. */
export function guess(stage: Stage, at: number, from: string, to: string, port: number, more: Partial<Exchange> = {}): void {
  const { random } = stage;
  stage.attempt({
    at,
    from,
    to,
    port,
    fromPort: random.natPort(),
    seconds: random.between(1.2, 3.5),
    sent: { packets: random.integer(11, 14), bytes: random.integer(2000, 2600) },
    received: { packets: random.integer(10, 13), bytes: random.integer(2400, 3300) },
    ...more,
  });
}

/** A session of a person or a tool. */
export function session(
  stage: Stage,
  at: number,
  from: string,
  to: string,
  port: number,
  size: { up: number; down: number; seconds: number },
  more: Partial<Exchange> = {},
): Outcome {
  return stage.attempt({
    at,
    from,
    to,
    port,
    seconds: size.seconds,
    sent: acknowledging(size.down, size.up),
    received: acknowledging(size.up, size.down),
    ...more,
  });
}

/** A SYN that is repeated until the client gives up. */
export function inVain(stage: Stage, at: number, from: string, to: string, port: number, more: Partial<Exchange> = {}): void {
  stage.attempt({ at, from, to, port, ...attempts(stage.random.integer(1, 3)), ...more }, 'unanswered');
}

/** A transfer in connections of five minutes: tools open a few, and each is whole records. */
export function transfer(stage: Stage, from: string, to: string, port: number, bytes: number, begin: number, seconds: number): number {
  const parts = Math.max(1, Math.round(seconds / 300));
  for (let i = 0; i < parts; i++) {
    const share = bytes / parts;
    stage.attempt({
      at: begin + (i * seconds) / parts,
      seconds: seconds / parts - 1,
      from,
      to,
      port,
      sent: volume(share),
      received: { packets: Math.ceil(share / 2700), bytes: Math.ceil(share / 2700) * 52 },
    });
  }
  return parts;
}

export { NONE };
