// A result of a check in words, the same in every output. In: a result. Out: short texts. Not here: colours, markup.

import { counted, formatCount, formatDuration, formatRate, formatShare } from '../../base/numbers.ts';
import type { CheckReport, CheckResult } from './check-report.ts';

/** `GET /cart/:id`, with its service where there are several. */
export function endpointOf({ service, method, route }: CheckResult, report: CheckReport): string {
  const services = new Set(report.results.map((each) => each.service).filter((name) => name !== ''));
  return services.size > 1 && service !== '' ? `${service} ${method} ${route}` : `${method} ${route}`;
}

/** `12`, `231 ms`, `1.2%`; why it is not known otherwise. */
export function measuredOf({ measured, unit, reason, rule }: CheckResult): string {
  if (measured === null) return reason;
  if (unit === 'ms') return formatDuration(measured * 1000);
  if (unit === 'share') return formatShare(measured);
  if (rule.startsWith('mean ')) return `${formatRate(measured)} per request`;
  if (rule.startsWith('findings')) return counted(measured, 'finding');
  const most = /^(operations|calls of)\b/.test(rule) ? ' in one request' : '';
  return `${formatCount(measured)}${most}`;
}

/** `12 rules of budget.yml: 9 kept, 2 broken, 1 cannot be told`. */
export function totalOf({ budget, kept, broken, cannotTell, results }: CheckReport): string {
  const unknown = cannotTell === 0 ? '' : `, ${cannotTell} cannot be told`;
  return `${counted(results.length, 'check')} by ${budget}: ${kept} kept, ${broken} broken${unknown}`;
}

/** A call site as an editor and a reviewer want it: no column. */
export function fileAndLine(callSite: string): { readonly file: string; readonly line: number } | undefined {
  const [, file = '', line = ''] = /^(.+?):(\d+)(?::\d+)?$/.exec(callSite) ?? [];
  return file === '' ? undefined : { file, line: Number(line) };
}
