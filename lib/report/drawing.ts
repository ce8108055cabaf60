/** Parts of `web` that draw without a browser, with the explorer's charts: bundled at build, loaded by path. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Row } from '../analysis/columns';
import type { AnalysisDefinition } from '../analysis/schema';
import type { ReportModel } from './model';

type DrawReport = (model: ReportModel) => string;
type DrawWidget = (analysis: AnalysisDefinition, rows: readonly Row[]) => string;

const load = (bundle: string): unknown => createRequire(bundle)(bundle);

/** One HTML file that needs nothing else. @param bundle path of the built `report.js` */
export const drawReport = (model: ReportModel, bundle: string): string => (load(bundle) as { reportHtml: DrawReport }).reportHtml(model);

/** HTML for a custom widget of CloudWatch. @param bundle path of the built `widget.js` */
export const drawWidget = (analysis: AnalysisDefinition, rows: readonly Row[], bundle: string): string =>
  (load(bundle) as { widgetHtml: DrawWidget }).widgetHtml(analysis, rows);

export const drawingBundle = (root: string, name: 'report.js' | 'widget.js'): string => join(root, 'dist', 'web', name);
