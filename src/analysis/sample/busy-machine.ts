// Whether the machine had no free core (gate G5). In: a sample. Out: yes or no. What takes long then is nobody's fault that could be mended.
// Code that computes a little, and is now and then interrupted for long, shows it: on all endpoints alike, whatever they do.

import { stretchesOf } from './own-stretches.ts';
import type { RequestNode } from './request-tree.ts';
import type { Sample } from './sample.ts';
import { quantileOf } from '../statistics/chances.ts';

/** A time slice of Linux is some ms: nine of ten stretches of code are shorter, and of the tenth one in two is interrupted for longer. */
const INTERRUPTED_US = 10_000;
const TIMES_THE_MEDIAN = 10;
const LEAST_REQUESTS = 20;
const LEAST_ENDPOINTS = 4;
const MOST_ENDPOINTS_SHARE = 0.5;

const known = new WeakMap<Sample, boolean>();

export function isBusyMachine(sample: Sample): boolean {
  const isBusy = known.get(sample) ?? look(sample);
  known.set(sample, isBusy);
  return isBusy;
}

function look({ byEndpoint }: Sample): boolean {
  const endpoints = [...byEndpoint.values()].filter((nodes) => nodes.length >= LEAST_REQUESTS);
  const interrupted = endpoints.filter(areInterrupted);
  return endpoints.length >= LEAST_ENDPOINTS && interrupted.length >= MOST_ENDPOINTS_SHARE * endpoints.length;
}

function areInterrupted(nodes: readonly RequestNode[]): boolean {
  const longest = nodes.map((node) => Math.max(0, ...stretchesOf(node).map(({ ownUs }) => ownUs)));
  const slowUs = quantileOf(longest, 0.95);
  return slowUs >= INTERRUPTED_US && slowUs >= TIMES_THE_MEDIAN * quantileOf(longest, 0.5);
}
