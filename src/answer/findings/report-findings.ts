// Findings as the report prints them, in ms. In: findings. Out: `findings[]` of wiretime.report/1 (docs/report.md).

import type { Finding, NowAndAfter } from '../../model/finding.ts';
import type { ReportFinding } from '../api.ts';

export function reportFinding(finding: Finding): ReportFinding {
  const { id, kind, title, endpoint, statement, callSite, share, confidence, isCeiling } = finding;
  const { saving, effects, evidence, fix } = finding;
  return {
    id,
    kind,
    title,
    service: finding.service,
    endpoint,
    statement,
    callSite,
    savingMs: {
      p50: ms(saving.p50Us),
      p95: ms(saving.p95Us),
      mean: ms(saving.meanUs),
      low: ms(saving.lowUs),
      high: ms(saving.highUs),
    },
    share,
    confidence,
    isCeiling,
    effects: effects.map(({ service, method, route, requests, meanUs, p50, p95 }) => ({
      service,
      method,
      route,
      requests,
      meanMs: ms(meanUs),
      p50: inMs(p50),
      p95: inMs(p95),
    })),
    evidence,
    fix,
  };
}

function ms(us: number): number {
  return Math.round(us) / 1000;
}

function inMs({ nowUs, afterUs }: NowAndAfter): { readonly nowMs: number; readonly afterMs: number } {
  return { nowMs: ms(nowUs), afterMs: ms(afterUs) };
}
