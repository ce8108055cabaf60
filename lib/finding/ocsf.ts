import type { Severity } from '../analysis/severity';
import type { Finding } from './finding';

/** https://schema.ocsf.io/1.3.0/classes/detection_finding */
const SEVERITY_IDS: Record<Severity, number> = { info: 1, low: 2, medium: 3, high: 4, critical: 5 };
const SEVERITY_NAMES = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical'];
const CLASS_UID = 2004;

export interface OcsfContext {
  readonly productVersion: string;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  /** Of an escalation: the finding was sent before. */
  readonly update?: boolean | undefined;
}

const endpoint = (ip: unknown, port: unknown) =>
  typeof ip === 'string' ? { ip, ...(typeof port === 'number' ? { port } : {}) } : undefined;

/** The finding as an OCSF 1.3 Detection Finding. */
export function toOcsf(finding: Finding, context: OcsfContext): Record<string, unknown> {
  const ms = (iso: string) => Date.parse(iso);
  const severity = SEVERITY_IDS[finding.severity];
  const activity = context.update === true ? 2 : 1;
  const { evidence } = finding;
  const source = endpoint(evidence['srcaddr'] ?? evidence['own_address'], undefined);
  const destination = endpoint(evidence['dstaddr'] ?? evidence['listed_address'], evidence['dstport']);
  const techniques = finding.tags.filter((tag) => /^T\d{4}(\.\d{3})?$/.test(tag));
  return {
    class_uid: CLASS_UID,
    class_name: 'Detection Finding',
    category_uid: 2,
    category_name: 'Findings',
    activity_id: activity,
    activity_name: activity === 1 ? 'Create' : 'Update',
    type_uid: CLASS_UID * 100 + activity,
    type_name: `Detection Finding: ${activity === 1 ? 'Create' : 'Update'}`,
    time: ms(finding.lastTime),
    start_time: ms(finding.time),
    end_time: ms(finding.until),
    count: finding.occurrences,
    severity_id: severity,
    severity: SEVERITY_NAMES[severity],
    status_id: 1,
    status: 'New',
    is_alert: true,
    message: finding.title,
    metadata: {
      version: '1.3.0',
      product: { name: 'flow-log-analytics', vendor_name: 'flow-log-analytics', version: context.productVersion },
      profiles: ['cloud'],
      uid: finding.id,
      correlation_uid: finding.key,
    },
    ...(context.account === undefined
      ? {}
      : {
          cloud: {
            provider: 'AWS',
            account: { uid: context.account, type: 'AWS Account', type_id: 10 },
            ...(context.region === undefined ? {} : { region: context.region }),
          },
        }),
    finding_info: {
      uid: finding.id,
      title: finding.title,
      types: [finding.detection],
      analytic: { name: finding.detection, uid: finding.detection, type: 'Rule', type_id: 1 },
      first_seen_time: ms(finding.time),
      last_seen_time: ms(finding.until),
      attacks: techniques.map((uid) => ({ version: '16', technique: { uid } })),
    },
    evidences: [
      {
        ...(source === undefined ? {} : { src_endpoint: source }),
        ...(destination === undefined ? {} : { dst_endpoint: destination }),
        data: evidence,
      },
    ],
  };
}
