// A path with its values replaced by the names of its parameters. In: a path, what a router has found in it. Out: `/shops/:shop`.
// For routers that tell the values but not the template.

/** Each value is replaced by its name: the segment that it is or, with `mayBePart`, the segment that it is a part of. */
export function named(path: string, params: object, mayBePart: boolean): string {
  const segments = path.split('/');
  const values = segments.map(decoded);
  for (const [name, value] of Object.entries(params)) {
    if (typeof value !== 'string' || value === '') continue;
    const whole = values.indexOf(value);
    const at = whole < 0 && mayBePart ? values.findIndex((segment) => segment.includes(value)) : whole;
    if (at < 0) continue;
    segments[at] = `:${name}`;
    values[at] = '';
  }
  return segments.join('/');
}

/** As it is when it is not well encoded. */
export function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Without query and fragment. */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}
