// Switches over the waterfall, and the legend of the colours that this trace has.

import { CATEGORIES } from '../../model/category.ts';
import { isFold } from '../canvas/rows.ts';
import { Swatch } from '../parts/text.tsx';
import { Find } from './trace-find.tsx';
import type { TraceView } from '../state/trace-view.ts';

export function Toolbar({ view }: { readonly view: TraceView }) {
  const hasRuns = view.tree.kind.some(isFold);
  return (
    <div class="toolbar" role="toolbar" aria-label="Waterfall">
      <Switch
        name="Fold repeats"
        isOn={view.hasFolded.value}
        isDisabled={!hasRuns}
        onPress={() => view.toggleRuns()}
      />
      <Switch
        name="Critical path only"
        isOn={view.criticalOnly.value}
        onPress={() => (view.criticalOnly.value = !view.criticalOnly.value)}
      />
      <Switch
        name="Hide under 1 ms"
        isOn={view.hidesShort.value}
        onPress={() => (view.hidesShort.value = !view.hidesShort.value)}
      />
      <button type="button" class="control small" onClick={() => view.fitAll()}>
        Fit
      </button>
      <Find view={view} />
      <Legend view={view} />
    </div>
  );
}

interface SwitchProps {
  readonly name: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onPress: () => void;
}

function Switch({ name, isOn, isDisabled = false, onPress }: SwitchProps) {
  return (
    <button type="button" class="control small" aria-pressed={isOn} disabled={isDisabled} onClick={onPress}>
      {name}
    </button>
  );
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  conn: 'Connect',
  http: 'HTTP',
  ext: 'External',
  other: 'Other',
};

/** Less of a category is hardly a pixel. */
const SMALLEST_SHARE = 0.002;

function Legend({ view }: { readonly view: TraceView }) {
  const { categories, durationUs } = view.answer;
  const shown = CATEGORIES.filter((_, index) => (categories[index] ?? 0) > durationUs * SMALLEST_SHARE);
  return (
    <div class="legend">
      {shown.map(({ key, name }) => (
        <span key={key}>
          <Swatch category={key} />
          {SHORT_NAMES[key] ?? name}
        </span>
      ))}
    </div>
  );
}
