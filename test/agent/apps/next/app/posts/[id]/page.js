// With a part that comes later: the response is streamed.
import { Suspense } from 'react';

async function Later() {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return 'later';
}

export default function Page() {
  return (
    <Suspense fallback="soon">
      <Later />
    </Suspense>
  );
}
