// What a person has chosen in `wiretime top`. In: the view so far and a key. Out: the next view. Pure.

import type { TableName } from './top-tables.ts';

export interface TopView {
  readonly table: TableName;
  /** Row of what is listed now. */
  readonly selected: number;
  /** Index of a column. */
  readonly sort: number;
  readonly filter: string;
  readonly isTyping: boolean;
  readonly showsDetails: boolean;
  readonly isPaused: boolean;
  readonly isOver: boolean;
}

/** By share of the time; connections by what is lost: the last column. */
const LAST_COLUMN = 5;
const COLUMNS = LAST_COLUMN + 1;
const LONGEST_FILTER = 60;

export const FIRST_VIEW: TopView = {
  table: 'operations',
  selected: 0,
  sort: LAST_COLUMN,
  filter: '',
  isTyping: false,
  showsDetails: false,
  isPaused: false,
  isOver: false,
};

const ARROW_UP = '\u001b[A';
const ARROW_DOWN = '\u001b[B';
const ESCAPE = '\u001b';
const INTERRUPT = '\u0003';

/** What a terminal sent, as keys: one character, or one escape sequence. */
export function keysIn(text: string): readonly string[] {
  // oxlint-disable-next-line no-control-regex -- escape sequences of keys (ECMA-48)
  return (text.match(/\u001b\[[0-9;]*[A-Za-z~]|\u001bO.|[\s\S]/gu) ?? []).map((key) =>
    key.startsWith('\u001bO') ? `\u001b[${key.slice(2)}` : key,
  );
}

/** `rowCount`: rows that are listed now. */
export function afterKey(view: TopView, key: string, rowCount: number): TopView {
  if (key === INTERRUPT) return { ...view, isOver: true };
  return view.isTyping ? afterLetter(view, key) : afterCommand(view, key, rowCount);
}

function afterLetter(view: TopView, key: string): TopView {
  if (key === '\r' || key === '\n') return { ...view, isTyping: false };
  if (key === ESCAPE) return { ...view, isTyping: false, filter: '' };
  if (key === '\u007f' || key === '\b') return { ...view, filter: [...view.filter].slice(0, -1).join('') };
  if (key < ' ' || view.filter.length >= LONGEST_FILTER) return view;
  return { ...view, filter: view.filter + key, selected: 0 };
}

function afterCommand(view: TopView, key: string, rowCount: number): TopView {
  const last = Math.max(0, rowCount - 1);
  switch (key) {
    case 'j':
    case ARROW_DOWN:
      return { ...view, selected: Math.min(last, view.selected + 1) };
    case 'k':
    case ARROW_UP:
      return { ...view, selected: Math.max(0, Math.min(last, view.selected) - 1) };
    case '\r':
    case '\n':
      return { ...view, showsDetails: !view.showsDetails };
    case 'o':
      return { ...view, sort: (view.sort + 1) % COLUMNS, selected: 0 };
    case '/':
      return { ...view, isTyping: true, filter: '' };
    case 'e':
      return other(view, 'endpoints');
    case 'c':
      return other(view, 'connections');
    case 'p':
      return { ...view, isPaused: !view.isPaused };
    case ESCAPE:
      return { ...view, showsDetails: false, filter: '' };
    case 'q':
      return { ...view, isOver: true };
    default:
      return view;
  }
}

/** The same key again goes back to operations. */
function other(view: TopView, table: TableName): TopView {
  return {
    ...view,
    table: view.table === table ? 'operations' : table,
    selected: 0,
    sort: LAST_COLUMN,
    showsDetails: false,
  };
}
