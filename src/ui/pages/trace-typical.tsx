// Compare with typical: the median request of the same endpoint as outlines under this one. It is asked for when it is wanted.

import { useEffect } from 'preact/hooks';
import { formatDuration } from '../../base/numbers.ts';
import { useTrace } from '../state/trace-data.ts';
import type { TraceView } from '../state/trace-view.ts';

export function CompareButton({ view }: { readonly view: TraceView }) {
  const { typical } = view.answer;
  const isOn = view.isCompared.value;
  return (
    <>
      <button
        type="button"
        class="control small"
        aria-pressed={isOn}
        disabled={typical === ''}
        title={
          typical === '' ? 'This is the typical one' : 'The median request of this endpoint as outlines: m'
        }
        onClick={() => (view.isCompared.value = !isOn)}
      >
        Compare with typical
      </button>
      {isOn && typical !== '' && <Typical view={view} id={typical} />}
    </>
  );
}

function Typical({ view, id }: { readonly view: TraceView; readonly id: string }) {
  const { value, failure } = useTrace(id);
  useEffect(() => {
    view.compareWith(value);
    return () => view.compareWith(undefined);
  }, [view, value]);
  if (failure !== undefined) return <span class="error">✕ {failure}</span>;
  return (
    <span class="muted nowrap" role="status">
      {value && `outlined: ${formatDuration(value.durationUs)}`}
    </span>
  );
}
