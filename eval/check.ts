import { OURS } from './rule-sets';
import { PROMISES } from './promises';
import { noiseOverAll, type Results } from './results';

/** What promises are missed, each as a sentence. */
export function missed(results: Results, promptDelayMinutes: number | undefined): string[] {
  const problems: string[] = [];
  const expect = (holds: boolean, what: string) => (holds ? undefined : problems.push(what));
  const { noise, recall, precision, findingsPerIncident } = PROMISES;
  if (results.noise.length > 0) {
    const all = noiseOverAll(results.noise, OURS);
    const high = results.noise.reduce((sum, one) => sum + one.high, 0);
    expect(all <= noise.mediumAndAbove, `ordinary networks: ${all} findings per 100 interfaces and week; at most ${noise.mediumAndAbove}`);
    expect(high <= noise.high, `ordinary networks: ${high} findings of high severity; at most ${noise.high}`);
    for (const { kind, noise: told } of results.noise)
      expect(
        (told[OURS] ?? 0) <= noise.ofEachKind,
        `${kind}: ${told[OURS]} findings per 100 interfaces and week; at most ${noise.ofEachKind}`,
      );
  }
  for (const side of ['refused', 'open', 'strict'] as const) {
    const [mine, ...others] = results.sides[side] ?? [];
    if (mine === undefined) continue;
    expect(mine.recall >= recall[side], `${side}: ${mine.found} of ${mine.of} found; at least ${100 * recall[side]} %`);
    expect(mine.precision >= precision, `${side}: precision ${(100 * mine.precision).toFixed(0)} %; at least ${100 * precision} %`);
    expect(
      mine.findingsPerIncident <= findingsPerIncident,
      `${side}: ${mine.findingsPerIncident} findings per incident; at most ${findingsPerIncident}`,
    );
    // By F1: rules that tell everything find everything.
    for (const other of others) expect(mine.f1 > other.f1, `${side}: ${other.rules} has F1 ${other.f1}, ours ${mine.f1}`);
  }
  if (promptDelayMinutes !== undefined)
    expect(
      promptDelayMinutes <= PROMISES.promptDelayMinutes,
      `scans, guessing and floods are told after ${promptDelayMinutes.toFixed(0)} minutes at the median; at most ${PROMISES.promptDelayMinutes}`,
    );
  for (const what of ['honeypot', 'numenta'] as const) {
    const [mine, ...others] = results[what];
    for (const other of others) expect((mine?.f1 ?? 0) > other.f1, `${what}: ${other.rules} has F1 ${other.f1}, ours ${mine?.f1}`);
  }
  return problems;
}
