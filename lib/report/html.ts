import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ReportModel } from './model';

/** The drawing part, bundled at build: it shares the explorer's charts. */
interface Drawing {
  readonly reportHtml: (model: ReportModel) => string;
}

/** One HTML file that needs nothing else. @param bundle path of the built drawing part, `dist/web/report.js` */
export function htmlOf(model: ReportModel, bundle: string): string {
  const { reportHtml } = createRequire(bundle)(bundle) as Drawing;
  return reportHtml(model);
}

export const drawingBundle = (root: string): string => join(root, 'dist', 'web', 'report.js');
