// One horizontal bar in characters. In: a share of a width. Out: glyphs whose texture says what kind of time it is.
// `█` work, `▒` waiting, `░` opening connections; without UTF-8 `#`, `:` and `.`. Not here: colours.

import { CATEGORIES, type CategoryKey } from '../../model/category.ts';

/** Eighths of a solid block, so that small bars differ. The textures have no partial glyphs. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of `length` columns, which may be a fraction. Anything above zero shows at least its smallest glyph. */
export function bar(key: CategoryKey, length: number, isUnicode: boolean): string {
  const glyph = glyphOf(key);
  if (length <= 0) return '';
  if (glyph !== '█' || !isUnicode) return glyph.repeat(Math.max(1, Math.round(length)));
  const eighths = Math.max(1, Math.round(length * 8));
  return glyph.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** The texture says what kind of time it is. */
export function glyphOf(key: CategoryKey): '█' | '▒' | '░' {
  if (key === 'conn') return '░';
  return CATEGORIES.find((category) => category.key === key)?.group === 'waiting' ? '▒' : '█';
}
