// One number with its name, in a list of a few.

import type { ComponentChildren } from 'preact';

interface FigureProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

export function Figure({ name, children }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
