// Home filtered to one kind of time: `q=category:pool`. In: the home answer. Out: the same with that time alone, so that shares are of it.

import type { DependencyRow, HomeAnswer } from '../../answer/api.ts';
import { formatDuration } from '../../base/numbers.ts';
import { CATEGORIES, CategoryIndex, type CategoryKey } from '../../model/category.ts';
import { parseFilter } from '../../model/request-filter.ts';
import { Swatch } from '../parts/text.tsx';
import { linkTo, query, setParameters } from '../state/address.ts';

export function chosenCategory(): CategoryKey | undefined {
  const { terms } = parseFilter(query.value.get('q') ?? '');
  return terms.find((term) => term.kind === 'category')?.category;
}

export function filterTo(category: CategoryKey | undefined): void {
  setParameters({ q: category === undefined ? undefined : `category:${category}` });
}

/** Endpoints and dependencies that have some of it, with that part of their time only. */
export function onlyCategory(home: HomeAnswer, category: CategoryKey): HomeAnswer {
  const at = CategoryIndex[category];
  const only = (us: number) => CATEGORIES.map((_, index) => (index === at ? us : 0));
  const endpoints = home.endpoints
    .map((row) => ({ ...row, totalUs: row.categories[at] ?? 0, categories: only(row.categories[at] ?? 0) }))
    .filter(({ totalUs }) => totalUs > 0);
  return {
    ...home,
    totalUs: home.categories[at]?.us ?? 0,
    endpoints,
    dependencies: home.dependencies.flatMap((row) => onlyPart(row, category)),
  };
}

function onlyPart(row: DependencyRow, category: CategoryKey): DependencyRow[] {
  const none = { ...row, poolUs: 0, setupUs: 0, wireUs: 0 };
  const { poolUs, setupUs, wireUs } = row;
  if (category === 'pool') return poolUs > 0 ? [{ ...none, poolUs, totalUs: poolUs }] : [];
  if (category === 'conn') return setupUs > 0 ? [{ ...none, setupUs, totalUs: setupUs }] : [];
  return row.category === category && wireUs > 0 ? [{ ...none, wireUs, totalUs: wireUs }] : [];
}

interface NoticeProps {
  readonly home: HomeAnswer;
  readonly category: CategoryKey;
}

export function FilterNotice({ home, category }: NoticeProps) {
  const { name } = CATEGORIES[CategoryIndex[category]];
  const us = home.categories[CategoryIndex[category]]?.us ?? 0;
  return (
    <p class="second category-notice" role="status">
      <Swatch category={category} /> Below is only <b>{name}</b>, {formatDuration(us)}: shares are of it.{' '}
      <a class="link" href={linkTo('/traces', { q: `category:${category}` })}>
        Requests with it ›
      </a>{' '}
      <button type="button" class="control small" onClick={() => filterTo(undefined)}>
        Show all time
      </button>
    </p>
  );
}
