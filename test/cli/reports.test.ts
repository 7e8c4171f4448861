// What the terminal shows of a known answer, at every width and with every kind of terminal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import type { EndpointRow, HomeAnswer } from '../../src/answer/api.ts';
import { renderReportMarkdown } from '../../src/cli/terminal/report-markdown.ts';
import { renderReportText } from '../../src/cli/terminal/report-text.ts';
import { renderShortSummary, renderSummary } from '../../src/cli/terminal/summary.ts';
import { widthOf } from '../../src/cli/terminal/text.ts';
import type { TerminalTraits } from '../../src/cli/terminal/traits.ts';
import { assertGolden } from './golden.ts';
import { sampleHome, sampleReport } from './sample-answers.ts';

const saved = { dataFolder: '.wiretime/', bytes: 14_900_000, url: undefined };
const input = { home: sampleHome, report: sampleReport, saved };
const traits: TerminalTraits = { width: 100, colour: 'none', background: 'dark', isUnicode: true };

for (const width of [80, 100, 120]) {
  test(`summary at ${width} columns`, () => {
    const text = renderSummary(input, { ...traits, width });
    assertGolden(`summary-${width}.txt`, text);
    const lines = text.trimEnd().split('\n');
    assert.ok(lines.length <= 45);
    for (const line of lines) assert.ok(widthOf(line) <= width, line);
  });

  test(`summary at ${width} columns without UTF-8`, () => {
    const text = renderSummary(input, { ...traits, width, isUnicode: false });
    assertGolden(`summary-${width}-ascii.txt`, text);
    // oxlint-disable-next-line no-control-regex -- all of ASCII
    assert.match(text, /^[\u0000-\u007f]*$/);
  });

  test(`text report at ${width} columns`, () => {
    const text = renderReportText(sampleHome, sampleReport, { ...traits, width });
    assertGolden(`report-${width}.txt`, text);
    for (const line of text.split('\n')) assert.ok(widthOf(line) <= width, line);
  });
}

for (const colour of ['256', 'full'] as const)
  for (const background of ['dark', 'light'] as const)
    test(`colours (${colour}, ${background}) change no column`, () => {
      const text = renderSummary(input, { ...traits, colour, background });
      assertGolden(`summary-${colour}-${background}.ansi`, text);
      assert.equal(stripVTControlCharacters(text), renderSummary(input, traits));
    });

test('while the pages are served the summary names their address', () => {
  const text = renderSummary({ ...input, saved: { ...saved, url: 'http://localhost:7717' } }, traits);
  assert.match(text, /^Open the report: http:\/\/localhost:7717 {3}or later: wiretime open {3}saved in /m);
});

test('the short summary is the answer and where the rest is', () => {
  assertGolden('summary-short.txt', renderShortSummary(input, traits));
});

test('Markdown report', () => {
  assertGolden('report.md', renderReportMarkdown(sampleHome, sampleReport));
});

const HOSTILE = '/a\u001b]0;owned\u0007`|<img src=x>\r\n| b';

function hostileHome(): HomeAnswer {
  const [first] = sampleHome.endpoints;
  assert.ok(first !== undefined);
  const endpoint: EndpointRow = { ...first, route: HOSTILE, method: 'G\u001b[2JT', service: HOSTILE };
  const [service] = sampleHome.services;
  assert.ok(service !== undefined);
  return { ...sampleHome, services: [{ ...service, name: HOSTILE }], endpoints: [endpoint] };
}

test('a hostile route cannot command the terminal or break a row', () => {
  const home = hostileHome();
  for (const text of [
    renderSummary({ ...input, home }, traits),
    renderReportText(home, sampleReport, traits),
  ]) {
    // oxlint-disable-next-line no-control-regex -- all but the newline
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    for (const line of text.split('\n')) assert.ok(widthOf(line) <= 100, line);
  }
});

test('a hostile route cannot become markup in a pull request', () => {
  const text = renderReportMarkdown(hostileHome(), sampleReport);
  const row = text.split('\n').find((line) => line.includes('owned')) ?? '';
  assert.equal(row.startsWith('| `` G'), true, row);
  assert.equal(row.match(/(?<!\\)\|/g)?.length, 9, row);
});
