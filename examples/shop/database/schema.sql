-- The shop's database, and its content: the same rows on every machine, because every value is arithmetic on the row's number.

DROP SCHEMA IF EXISTS shop CASCADE;
CREATE SCHEMA shop;
SET search_path TO shop;

CREATE TABLE users (
  id integer PRIMARY KEY,
  email text NOT NULL UNIQUE,
  name text NOT NULL,
  password_salt text NOT NULL,
  password_hash text NOT NULL
);

-- Room on each page, so that a change of stock stays on its page and the table does not grow.
CREATE TABLE products (
  id integer PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  name text NOT NULL,
  description text NOT NULL,
  price_cents integer NOT NULL,
  stock integer NOT NULL,
  active boolean NOT NULL,
  created_at timestamptz NOT NULL,
  words tsvector NOT NULL
) WITH (fillfactor = 60);

CREATE TABLE addresses (
  id integer PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users,
  line1 text NOT NULL,
  city text NOT NULL,
  country text NOT NULL
);

CREATE TABLE carts (
  id integer PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users,
  region text NOT NULL,
  coupon text
);

CREATE TABLE cart_items (
  cart_id integer NOT NULL REFERENCES carts,
  product_id integer NOT NULL REFERENCES products,
  qty integer NOT NULL,
  price_cents integer NOT NULL,
  PRIMARY KEY (cart_id, product_id)
);

CREATE TABLE orders (
  id serial PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users,
  total_cents integer NOT NULL,
  status text NOT NULL DEFAULT 'paid',
  payment_ref text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE order_items (
  order_id integer NOT NULL REFERENCES orders,
  product_id integer NOT NULL REFERENCES products,
  qty integer NOT NULL
);

CREATE TABLE price_rules (
  id integer PRIMARY KEY,
  region text NOT NULL,
  sku text NOT NULL,
  kind text NOT NULL,
  value integer NOT NULL,
  active boolean NOT NULL
);

INSERT INTO products
SELECT
  id,
  'SKU-' || lpad(id::text, 5, '0'),
  name,
  description,
  500 + (id * 7919) % 20000,
  100000,
  id % 10 <> 0,
  timestamptz '2026-01-01 00:00Z' + id * interval '37 minutes',
  to_tsvector('simple', name || ' ' || description)
FROM (
  SELECT
    id,
    (SELECT string_agg(list[1 + (id * 31 + place * 17 + id / (place + 1)) % 40], ' ') FROM generate_series(1, 3) AS place)
      || ' ' || id AS name,
    (SELECT string_agg(list[1 + (id * place * 13 + place * 7 + id / place) % 40], ' ') FROM generate_series(1, 160) AS place)
      AS description
  FROM generate_series(1, 5000) AS id,
    (SELECT string_to_array(
      'oak steel linen copper walnut glass wool brass ash cotton leather cork slate marble bamboo ceramic '
      'lamp chair table shelf bench stool desk mirror clock vase bowl tray plate kettle basket blanket '
      'small large round square folding stacking garden kitchen', ' ') AS list) AS words
) AS described;

CREATE INDEX products_words ON products USING gin (words) WITH (fastupdate = off);

INSERT INTO users
SELECT id, 'user' || id || '@shop.example', 'User ' || id, $SALT$, $HASH$
FROM generate_series(1, 1000) AS id;

INSERT INTO addresses
SELECT id, 1 + id % 1000, id || ' High Street', 'City ' || id % 80, (ARRAY['de', 'fr', 'nl', 'es'])[1 + id % 4]
FROM generate_series(1, 10000) AS id;

INSERT INTO carts
SELECT id, id, (ARRAY['eu', 'uk', 'us', 'apac'])[1 + id % 4], CASE WHEN id % 5 = 0 THEN 'WELCOME' END
FROM generate_series(1, 1000) AS id;

-- 8 to 24 lines in a cart, 16 on average.
INSERT INTO cart_items
SELECT cart, 1 + (cart * 97 + line * 211) % 5000, 1 + line % 3, 500 + ((1 + (cart * 97 + line * 211) % 5000) * 7919) % 20000
FROM generate_series(1, 1000) AS cart, generate_series(1, 24) AS line
WHERE line <= 8 + (cart * 7) % 17;

INSERT INTO orders (user_id, total_cents, payment_ref, created_at)
SELECT 1 + (id * 7919) % 1000, 1000 + (id * 10007) % 90000, 'seed-' || id, timestamptz '2026-01-01 00:00Z' + id * interval '3 minutes'
FROM generate_series(1, 60000) AS id;

INSERT INTO price_rules
SELECT id, (ARRAY['eu', 'uk', 'us', 'apac'])[1 + id % 4], 'SKU-' || lpad((1 + (id * 3) % 5000)::text, 5, '0'),
  (ARRAY['percent', 'amount'])[1 + id % 2], 1 + id % 15, id % 8 <> 0
FROM generate_series(1, 4000) AS id;

VACUUM ANALYZE;
