import { consumerAddress } from '../../world/addresses';
import type { AttackKind, Planted, Variant } from '../attack';
import { session } from '../probe';
import { named, type Stage } from '../stage';

function login(stage: Stage, port: number, minutes: number, bytes: number): Planted | undefined {
  const host = stage.host({ isPublic: true });
  if (host === undefined) return undefined;
  stage.site.open(host, port);
  const from = stage.random.chance(0.5) ? consumerAddress(stage.random) : stage.outsider();
  session(
    stage,
    stage.at,
    from,
    host.address,
    port,
    { up: bytes / 4, down: bytes, seconds: minutes * 60 },
    { fromPort: stage.random.natPort() },
  );
  return { actors: [from, ...named(host)], need: [from], n: 1, from: stage.at, to: stage.at + minutes * 60 };
}

const variant = (half: Variant['half'], name: string, port: number, minutes: number, bytes: number, early = false): Variant => ({
  name,
  half,
  early,
  plant: (stage) => login(stage, port, minutes, bytes),
});

export const adminLogin: AttackKind = {
  kind: 'admin-login',
  side: 'let-out',
  prompt: false,
  variants: [
    variant('tuning', '22, twenty minutes', 22, 20, 400_000),
    variant('reporting', '3389, an hour', 3389, 60, 20_000_000),
    variant('reporting', '22, in the first two days of the logs', 22, 35, 900_000, true),
  ],
};
