/** A dashboard's widget: one report over the dashboard's time range, as HTML. No SDK, no environment. */
import * as z from 'zod';
import type { Row } from '../../lib/analysis/columns';
import type { PackedCatalogue } from '../../lib/analysis/packed';
import type { AnalysisDefinition } from '../../lib/analysis/schema';
import type { Scope } from '../../lib/analysis/scope';
import { runAnalysis, type RunTarget } from '../../lib/run';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_create.html */
const range = z.object({ start: z.number(), end: z.number() });
const eventSchema = z.union([
  z.object({ describe: z.literal(true) }),
  z.object({
    analysis: z.string(),
    /** Of the dashboard's variables. */
    interface: z.string().optional(),
    subnet: z.string().optional(),
    vpc: z.string().optional(),
    widgetContext: z.object({ timeRange: range.extend({ zoom: range.optional() }) }),
  }),
]);

export interface Dependencies {
  readonly catalogue: PackedCatalogue;
  readonly target: RunTarget;
  /** The answer as HTML. */
  readonly draw: (analysis: AnalysisDefinition, rows: readonly Row[]) => string;
}

const MAX_ROWS = 100;

/** No selection: a variable's default, the prefix of all ids (`eni-`), or its unreplaced pattern (`__interface__`). */
const UNSET = /^(.*-|__.*__)?$/;

const chosen = (value = '') => (UNSET.test(value.trim()) ? undefined : [value.trim()]);

export function createHandler({
  catalogue,
  target,
  draw,
}: Dependencies): (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<string> {
  return async (event, context) => {
    const input = eventSchema.parse(event);
    if ('describe' in input) return 'Shows a report of flow-log-analytics. Parameters: analysis, and optionally interface, subnet, vpc.';
    const { timeRange } = input.widgetContext;
    const { start, end } = timeRange.zoom ?? timeRange;
    const window = { from: Math.floor(start / 1000), to: Math.ceil(end / 1000) };
    const scope: Scope = { eni: chosen(input.interface), subnet: chosen(input.subnet), vpc: chosen(input.vpc) };
    const analysis = catalogue.get(input.analysis);
    const signal = AbortSignal.timeout(Math.max(1000, context.getRemainingTimeInMillis() - 5000));
    const { result } = await runAnalysis(target, { analysis, window, scope }, { signal, maxRows: MAX_ROWS });
    return draw(analysis, result.rows);
  };
}
