import { missed } from '../../eval/check';
import { OURS } from '../../eval/rule-sets';
import type { NoiseResult, Results, SideResult } from '../../eval/results';

const side = (rules: string, more: Partial<SideResult> = {}): SideResult => ({
  rules,
  found: 10,
  of: 10,
  wrong: 0,
  recall: 1,
  precision: 1,
  f1: 1,
  findingsPerIncident: 1,
  delayMinutes: 10,
  ...more,
});
const noise = (more: Partial<NoiseResult> = {}): NoiseResult => ({
  kind: 'web-tier',
  interfaces: 70,
  interfaceWeeks: 100,
  records: 1000,
  noise: { [OURS]: 1 },
  high: 0,
  medium: 1,
  quieter: 9,
  ...more,
});
const results = (more: Partial<Results> = {}): Results => ({
  measured: '2026-11-27',
  half: 'reporting',
  sides: { refused: [side(OURS), side('Elastic', { f1: 0.4 })], open: [side(OURS)], strict: [side(OURS)] },
  kinds: [],
  noise: [noise()],
  detections: [],
  honeypot: [],
  numenta: [],
  ...more,
});

test('nothing is missed', () => {
  expect(missed(results(), 15)).toEqual([]);
});

test.each<[string, Partial<Results>, number, string]>([
  [
    'noise over all',
    { noise: [noise({ noise: { [OURS]: 1.2 } })] },
    15,
    'ordinary networks: 1.2 findings per 100 interfaces and week; at most 1',
  ],
  ['a high one', { noise: [noise({ high: 1 })] }, 15, 'ordinary networks: 1 findings of high severity; at most 0'],
  [
    'one kind too loud',
    { noise: [noise({ noise: { [OURS]: 0 }, interfaceWeeks: 1000 }), noise({ kind: 'gossip', interfaceWeeks: 10, noise: { [OURS]: 6 } })] },
    15,
    'gossip: 6 findings per 100 interfaces and week; at most 5',
  ],
  ['recall', { sides: { refused: [side(OURS, { found: 8, recall: 0.8 })] } }, 15, 'refused: 8 of 10 found; at least 90 %'],
  ['precision', { sides: { open: [side(OURS, { precision: 0.94 })] } }, 15, 'open: precision 94 %; at least 95 %'],
  [
    'findings per incident',
    { sides: { strict: [side(OURS, { findingsPerIncident: 1.6 })] } },
    15,
    'strict: 1.6 findings per incident; at most 1.5',
  ],
  [
    'a peer that leads',
    { sides: { open: [side(OURS, { f1: 0.9 }), side('Splunk', { f1: 0.9 })] } },
    15,
    'open: Splunk has F1 0.9, ours 0.9',
  ],
  [
    'the honeypot',
    {
      honeypot: [
        { rules: OURS, found: 1, of: 2, precision: 1, f1: 0.6 },
        { rules: 'Splunk', found: 2, of: 2, precision: 1, f1: 0.7 },
      ],
    },
    15,
    'honeypot: Splunk has F1 0.7, ours 0.6',
  ],
  ['delay', {}, 16, 'scans, guessing and floods are told after 16 minutes at the median; at most 15'],
])('missed: %s', (_, more, delay, sentence) => {
  expect(missed(results(more), delay)).toEqual([sentence]);
});
