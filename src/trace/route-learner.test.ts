import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { pathTemplate } from '../base/path-template.ts';
import { MAX_PLACES, RouteLearner } from './route-learner.ts';

function learn(learner: RouteLearner, paths: Iterable<string>): string[] {
  return [...paths].map((path) => learner.route('shop', 'GET', path));
}

/** Whole numbers from a seed: the same in every run (mulberry32). */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

/** `count` draws from `words`; with `skew` the first are drawn more often (Zipf). */
function draws(words: readonly string[], count: number, skew: boolean, seed = 1): string[] {
  const random = numbers(seed);
  const pick = () => (random.next().value ?? 0) / 2 ** 32;
  return Array.from({ length: count }, () => {
    const share = skew ? (words.length + 1) ** pick() - 1 : pick() * words.length;
    return words[Math.floor(share)] ?? '';
  });
}

const SYLLABLES = ['ba', 'ko', 'ri', 'te', 'mu', 'la', 'ne', 'so', 'vi', 'du'];
function word(index: number): string {
  return [...String(index + 1000)].map((digit) => SYLLABLES[Number(digit)]).join('');
}
const names = (count: number) => Array.from({ length: count }, (_, index) => word(index));
const slug = (index: number) => `${word(index)}-and-${word(index * 7)}-in-${word(index * 13)}`;

describe('what collapses', () => {
  it('names that never come again', () => {
    const routes = learn(
      new RouteLearner(),
      names(200).map((name) => `/users/${name}/posts`),
    );
    assert.equal(routes[0], `/users/${word(0)}/posts`);
    assert.deepEqual(new Set(routes.slice(25)), new Set(['/users/:id/posts']));
  });

  it('slugs, even when each comes often', () => {
    const slugs = Array.from({ length: 40 }, (_, index) => `/blog/${slug(index)}`);
    const routes = learn(new RouteLearner(), draws(slugs, 2000, false));
    assert.deepEqual(new Set(routes.slice(-1500)), new Set(['/blog/:id']));
  });

  it('many names of which some are popular', () => {
    const learner = new RouteLearner();
    learn(
      learner,
      draws(names(9000), 5000, true).map((name) => `/users/${name}`),
    );
    const routes = new Set(
      learn(
        learner,
        names(9000)
          .slice(200)
          .map((name) => `/users/${name}`),
      ),
    );
    assert.deepEqual(routes, new Set(['/users/:id']));
  });

  it('at every depth, below what has collapsed', () => {
    const learner = new RouteLearner();
    const both = names(900).map((name, index) => `/users/${name}/albums/${word(index * 3)}/photos`);
    assert.equal(learn(learner, both).at(-1), '/users/:id/albums/:id/photos');
  });

  it('what scanners try at the root, and known routes stay', () => {
    const learner = new RouteLearner();
    learn(learner, draws(['/', '/cart', '/login', '/products'], 4000, false));
    learn(
      learner,
      names(400).map((name) => `/${name}.php`),
    );
    assert.equal(learner.route('shop', 'GET', '/other.php'), '/:id');
    assert.equal(learner.route('shop', 'GET', '/cart'), '/cart');
    assert.equal(learner.route('shop', 'GET', '/login'), '/login');
  });
});

describe('what stays', () => {
  const resources = names(20).map((name) => `/api/v1/${name}`);

  it('a small set of words, however skewed their use', () => {
    for (const skew of [true, false])
      assert.equal(new Set(learn(new RouteLearner(), draws(resources, 5000, skew))).size, 20);
  });

  it('a large API of a hundred methods in one place, used alike or not', () => {
    const methods = names(100).map((name) => `/rpc/${name}`);
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      for (const skew of [true, false]) {
        const routes = new Set(learn(new RouteLearner(), draws(methods, 5000, skew, seed)));
        assert.ok(!routes.has('/rpc/:id'), `seed ${seed}, skew ${skew}: ${routes.size}`);
      }
  });

  it('versions, locales, files and static folders', () => {
    const paths = [
      '/api/v1/items',
      '/api/v2/items',
      '/en-US/help',
      '/de-DE/help',
      '/assets/main.css',
      '/favicon.ico',
    ];
    assert.deepEqual(new Set(learn(new RouteLearner(), draws(paths, 3000, true))), new Set(paths));
  });

  it('routes beside values', () => {
    const learner = new RouteLearner();
    learn(learner, draws(['/users/me', '/users/preferences'], 2000, false));
    learn(
      learner,
      names(300).map((name) => `/users/${name}`),
    );
    assert.equal(learner.route('shop', 'GET', '/users/me'), '/users/me');
    assert.equal(learner.route('shop', 'GET', '/users/preferences'), '/users/preferences');
    assert.equal(learner.route('shop', 'GET', '/users/search'), '/users/search');
    assert.equal(learner.route('shop', 'GET', '/users/somebody'), '/users/:id');
  });

  it('numbers and tokens are no evidence against words beside them', () => {
    const learner = new RouteLearner();
    const paths = Array.from({ length: 500 }, (_, index) => `/orders/${index}/items`);
    assert.deepEqual(new Set(learn(learner, paths)), new Set(['/orders/:id/items']));
    assert.equal(learner.route('shop', 'GET', '/orders/open/items'), '/orders/open/items');
  });
});

describe('paths that were not found', () => {
  const learned = () => {
    const learner = new RouteLearner();
    learn(learner, ['/', '/orders', '/orders/17/items', ...names(200).map((name) => `/users/${name}/posts`)]);
    return learner;
  };
  const missed = (path: string) => learned().missed('shop', 'GET', path);

  it('have the route they would have, as far as it is known', () => {
    assert.equal(missed('/orders/18/items'), '/orders/:id/items');
    assert.equal(missed('/orders/18'), '/orders/:id');
    assert.equal(missed('/users/nobody/posts'), '/users/:id/posts');
    assert.equal(missed('/users/nobody/secrets'), '/users/:id/*');
    assert.equal(missed('/orders/open'), '/orders/*');
    assert.equal(missed('/wp-admin.php'), '/*');
    assert.equal(missed('/'), '/');
    assert.equal(new RouteLearner().missed('new', 'GET', '/a/b/c'), '/*');
  });

  it('teach nothing, however many', () => {
    const learner = learned();
    const before = learner.size;
    const routes = new Set(
      names(9000).map((name) => learner.missed('shop', 'GET', `/${name}/x.php?${name}`)),
    );
    assert.deepEqual([...routes], ['/*']);
    assert.equal(learner.size, before);
  });
});

describe('the order of traffic', () => {
  const paths = [
    ...names(300).flatMap((name, index) => [`/users/${name}`, `/users/${name}/posts/${index}`]),
    ...names(300).map((name, index) => `/blog/${slug(index)}?from=${name}`),
    ...Array.from({ length: 300 }, (_, index) => `/orders/${index}`),
    ...Array.from({ length: 300 }, () => '/cart'),
    ...Array.from({ length: 300 }, () => '/users/me'),
  ];
  const shuffled = (seed: number) => {
    const random = numbers(seed);
    return paths
      .map((path) => ({ path, key: random.next().value ?? 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ path }) => path);
  };

  it('matters not in the end, and an answer changes at most once on the way', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const learner = new RouteLearner();
      const answers = new Map<string, string[]>();
      for (let round = 0; round < 3; round++)
        for (const path of shuffled(seed * 10 + round)) {
          const given = answers.get(path) ?? [];
          const route = learner.route('shop', 'GET', path);
          if (given.at(-1) !== route) answers.set(path, [...given, route]);
        }
      for (const given of answers.values()) assert.ok(given.length <= 2, given.join(' → '));
      const last = new Set([...answers.values()].map((given) => given.at(-1)));
      assert.deepEqual([...last].sort(), [
        '/blog/:id',
        '/cart',
        '/orders/:id',
        '/users/:id',
        '/users/:id/posts/:id',
        '/users/me',
      ]);
    }
  });
});

describe('the learner', () => {
  it('keeps services and methods apart', () => {
    const learner = new RouteLearner();
    learn(
      learner,
      names(100).map((name) => `/users/${name}`),
    );
    assert.equal(learner.route('shop', 'POST', '/users/anna'), '/users/anna');
    assert.equal(learner.route('mail', 'GET', '/users/anna'), '/users/anna');
    assert.equal(learner.route('shop', 'GET', '/users/anna'), '/users/:id');
  });

  const paths = fc.array(
    fc
      .array(
        fc.oneof(
          fc.stringMatching(/^[a-c]{1,4}$/),
          fc.stringMatching(/^[a-z-]{1,12}$/),
          fc.integer().map(String),
        ),
        { maxLength: 5 },
      )
      .map((segments) => `/${segments.join('/')}`),
    { maxLength: 400 },
  );

  it('gives the same answers again, and only templates of the path', () => {
    fc.assert(
      fc.property(paths, (all) => {
        const routes = learn(new RouteLearner(), all);
        assert.deepEqual(learn(new RouteLearner(), all), routes);
        for (const [index, route] of routes.entries()) assertCovers(route, pathTemplate(all[index] ?? ''));
      }),
    );
  });

  it('never takes a collapse back', () => {
    fc.assert(
      fc.property(paths, (all) => {
        const learner = new RouteLearner();
        learn(learner, all);
        const second = learn(learner, all);
        for (const [index, route] of learn(learner, all).entries()) assertCovers(route, second[index] ?? '');
      }),
    );
  });

  it('knows its own routes', () => {
    const learner = new RouteLearner();
    const routes = learn(
      learner,
      names(200).map((name) => `/users/${name}/posts`),
    ).slice(30);
    assert.deepEqual(learn(learner, routes), routes);
  });

  it('is bounded', () => {
    const learner = new RouteLearner();
    const random = numbers(3);
    const one = (of: number) => word((random.next().value ?? 0) % of);
    for (let index = 0; index < 100_000; index++)
      learner.route(one(900), 'GET', `/${one(20)}/${one(20)}/${one(20)}`);
    assert.ok(learner.size <= MAX_PLACES, `${learner.size} places`);
    assert.ok(learner.size > MAX_PLACES / 2);
  });
});

/** Same length, and every segment the same or `:id`. */
function assertCovers(route: string, template: string): void {
  const segments = route.split('/');
  const expected = template.split('/');
  assert.equal(segments.length, expected.length, `${route} of ${template}`);
  for (const [index, segment] of segments.entries())
    assert.ok(segment === ':id' || segment === expected[index]);
}

it('words that differ in their number only are values from eight on; steps of a form and versions are not', () => {
  const learner = new RouteLearner();
  const paths = (stem: string, count: number) =>
    Array.from({ length: count }, (_, index) => `/api/${stem}/${stem}${index + 1}`);
  assert.equal(learn(learner, paths('town', 8)).at(-1), '/api/town/:id');
  assert.equal(learn(learner, paths('step', 7)).at(-1), '/api/step/step7');
  assert.equal(learn(learner, paths('v', 12)).at(-1), '/api/v/v12');
  const words = ['s3', 'ec2', 'route53', 'sha256', 'oauth2', 'base64', 'utf8', 'mp3', 'log4j'];
  assert.equal(
    learn(
      learner,
      words.map((each) => `/docs/${each}`),
    ).at(-1),
    '/docs/log4j',
  );
});
