// Where in a function a call stands: real files, functions as people write them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { calledLine, lineWithin } from './called-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'wiretime-called-'));
after(() => rmSync(folder, { recursive: true }));

const SOURCE = `import { hashSync } from 'bcryptjs';
export async function signUp(user: User, { rounds = 12 } = {}): Promise<{ id: number }> {
  // hashSync( is slow; so is a brace in a comment: }
  const text = 'a } and hashSync in a string';
  const hash = hashSync(user.password, rounds);
  return save({ ...user, hash, note: \`\${text} }\` });
}
export const twice = (a) => {
  hashSync(a, 1);
  return hashSync(a, 2);
};
export const short = (a) => sort(a, hashSync(a), 7);
const other = () => hashSync();
class Users {
  rehash(list) {
    return list.map((one) =>
      this.bcrypt.hashSync(one),
    );
  }
}
function cut() { return hashSync(
`;

let files = 0;
function placeOf(position: string, called: string): string {
  const file = join(folder, `${files++}.ts`);
  writeFileSync(file, SOURCE);
  return calledLine(`${file}:${position}`, called).slice(file.length + 1);
}

test('the only call of that name within the function', () => {
  assert.equal(placeOf('2:29', 'hashSync'), '5:16', 'after a type with braces, a comment and strings');
  assert.equal(placeOf('12:22', 'bcrypt.hashSync'), '12:37', 'an arrow function ends with its expression');
  assert.equal(placeOf('15:9', 'hashSync'), '17:19', 'in a function within it');
  assert.equal(placeOf('21:13', 'hashSync'), '21:25', 'up to the end of the file');
  assert.equal(placeOf('15:9', '(regular expression)'), '15:9', 'none of its methods');
  const expression = join(folder, 'expression.js');
  writeFileSync(
    expression,
    'const isMail = (text) => {\n  const found = /x/.test(text);\n  return found;\n};',
  );
  assert.equal(calledLine(`${expression}:1:16`, '(regular expression)'), `${expression}:2:21`);
  assert.equal(placeOf('2:29', 'hashSync2'), '5:16', 'as a bundler has renamed it');
});

test('the beginning of the function when there are two, or none, or no name', () => {
  assert.equal(placeOf('8:22', 'hashSync'), '8:22');
  assert.equal(placeOf('2:29', 'compareSync'), '2:29');
  assert.equal(placeOf('2:29', ''), '2:29');
  assert.equal(placeOf('900:1', 'hashSync'), '900:1');
});

test('a file that cannot be read changes nothing', () => {
  assert.equal(calledLine('/nowhere/at/all.js:3:4', 'run'), '/nowhere/at/all.js:3:4');
  assert.equal(calledLine('nothing', 'run'), 'nothing');
});

test('a line that is told of a function is in it, or it is that of other code', () => {
  const file = join(folder, 'within.ts');
  writeFileSync(file, SOURCE);
  const within = (line: number): string =>
    lineWithin(`${file}:2:29`, `${file}:${line}:0`).slice(file.length + 1);
  assert.equal(within(1), '2:29');
  assert.equal(within(2), '2:1');
  assert.equal(within(7), '7:1');
  assert.equal(within(8), '2:29');
  assert.equal(lineWithin(`${file}:2:29`, '/other/file.js:3:0'), `${file}:2:29`);
  assert.equal(lineWithin(`${file}:2:29`, ''), `${file}:2:29`);
});
