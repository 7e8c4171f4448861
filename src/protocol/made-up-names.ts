// Names that a program makes up and uses once: of cursors, savepoints, prepared statements, channels. In: the words of a statement in order. Out: the
// words, such names without what is different each time, else each would be a statement of its own: "_django_curs_140265_sync_7" → "_django_curs_?_sync_?".
// Not here: what words are (sql-tokens.ts).

/** A statement that begins so is about such a name. */
const BEGINNINGS = new Set([
  'declare',
  'fetch',
  'move',
  'close',
  'savepoint',
  'release',
  'rollback',
  'prepare',
  'execute',
  'deallocate',
  'listen',
  'unlisten',
  'notify',
]);
/** From here on it is about tables: DECLARE name CURSOR FOR …, PREPARE name AS …. */
const LAST = new Set(['cursor', 'for', 'as']);
const MADE_UP = /[^_\W]*\d[^_\W]*/g;

/** Of one statement. */
export class MadeUpNames {
  #isFirst = true;
  #isAbout = false;

  /** Call for each word and each quoted name, in order. */
  without(word: string): string {
    const known = word.toLowerCase();
    if (this.#isFirst) this.#isAbout = BEGINNINGS.has(known);
    else if (LAST.has(known)) this.#isAbout = false;
    this.#isFirst = false;
    return this.#isAbout ? word.replace(MADE_UP, '?') : word;
  }
}
