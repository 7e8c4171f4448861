// The pages of wiretime. In: the address. Out: the page for it. Trace pages are loaded when they are needed.

import { render, type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Shell } from './parts/shell.tsx';
import { Skeleton } from './parts/loading.tsx';
import { Home } from './pages/home.tsx';
import { address, decoded, followAddress } from './state/address.ts';
import { readFirstView, refreshStatus } from './state/answers.ts';
import { followKeys } from './state/keyboard.ts';
import { followLive, ticks } from './state/live.ts';
import { isSaved } from './state/saved.ts';

type Page = ComponentType<{ readonly id: string }>;

const LAZY = {
  endpoint: () => import('./pages/endpoint.tsx').then((module) => module.Endpoint),
  findings: () => import('./pages/findings.tsx').then((module) => module.Findings),
  finding: () => import('./pages/finding.tsx').then((module) => module.FindingPage),
  map: () => import('./pages/map.tsx').then((module) => module.Map),
  connections: () => import('./pages/connections.tsx').then((module) => module.Connections),
  traces: () => import('./pages/traces.tsx').then((module) => module.Traces),
  trace: () => import('./pages/trace.tsx').then((module) => module.Trace),
} as const satisfies Record<string, () => Promise<Page>>;

function App() {
  return (
    <Shell>
      <CurrentPage />
    </Shell>
  );
}

function CurrentPage() {
  const { pathname } = address.value;
  const [, section = '', id = ''] = pathname.split('/');
  if (section === 'endpoint') return <LazyPage name="endpoint" id={pathname} />;
  if (section === 'findings') return <LazyPage name="findings" id="" />;
  if (section === 'finding') return <LazyPage name="finding" id={decoded(id)} />;
  if (section === 'map') return <LazyPage name="map" id="" />;
  if (section === 'connections') return <LazyPage name="connections" id={pathname} />;
  if (section === 'traces') return <LazyPage name="traces" id="" />;
  if (section === 'trace') return <LazyPage name="trace" id={decoded(id)} />;
  return <Home />;
}

const loaded = new Map<keyof typeof LAZY, Page>();

function LazyPage({ name, id }: { readonly name: keyof typeof LAZY; readonly id: string }) {
  const [, setCount] = useState(0);
  useEffect(() => {
    if (!loaded.has(name))
      void LAZY[name]().then((page: Page) => {
        loaded.set(name, page);
        setCount((count) => count + 1);
      });
  }, [name]);
  const Loaded = loaded.get(name);
  return Loaded === undefined ? <Skeleton heights={[28, 20, 420]} /> : <Loaded key={name} id={id} />;
}

readFirstView();
followAddress();
followKeys();
if (isSaved) document.documentElement.classList.add('is-report');
else followLive();
// The project's name, and how many services there are, change rarely but early.
ticks.subscribe((tick) => void (tick > 0 && refreshStatus()));
const root = document.getElementById('app');
if (root !== null) {
  // What stood there until the answers came.
  root.replaceChildren();
  render(<App />, root);
}
