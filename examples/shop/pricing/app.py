"""pricing: what a cart costs. Flask, rules in PostgreSQL, tax rates in Redis."""

import os

import redis
from flask import Flask, jsonify, request
from psycopg_pool import ConnectionPool

app = Flask(__name__)
pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=2,
    max_size=4,
    kwargs={"options": "-c search_path=shop", "autocommit": True},
)
REDIS_URL = os.environ["REDIS_URL"]
KEEPS_REDIS = "redis-connections" in os.environ.get("SHOP_FIXED", "").split(",")
shared = redis.Redis.from_url(REDIS_URL) if KEEPS_REDIS else None


def rules(region):
    with pool.connection() as connection:
        rows = connection.execute(
            "SELECT sku, kind, value FROM price_rules WHERE region = %s AND active", (region,)
        ).fetchall()
    return {sku: (kind, value) for sku, kind, value in rows}


def tax_percent(region):
    if shared is not None:
        return int(shared.get(f"tax:{region}") or 0)
    client = redis.Redis.from_url(REDIS_URL)
    try:
        return int(client.get(f"tax:{region}") or 0)
    finally:
        client.close()


def reduced(price, rule):
    if rule is None:
        return price
    kind, value = rule
    return price - (price * value // 100 if kind == "percent" else value)


def sku_of(product_id):
    return f"SKU-{product_id:05d}"


@app.post("/quote")
def quote():
    cart = request.get_json()
    found = rules(cart["region"])
    subtotal = sum(
        reduced(line["priceCents"], found.get(sku_of(line["productId"]))) * line["qty"]
        for line in cart["lines"]
    )
    if cart.get("coupon") == "WELCOME":
        subtotal = subtotal * 9 // 10
    tax = subtotal * tax_percent(cart["region"]) // 100
    return jsonify(subtotalCents=subtotal, taxCents=tax, totalCents=subtotal + tax)


@app.get("/price/<sku>")
def price(sku):
    with pool.connection() as connection:
        row = connection.execute(
            "SELECT price_cents FROM products WHERE sku = %s", (sku,)
        ).fetchone()
    if row is None:
        return jsonify(error="no such product"), 404
    return jsonify(priceCents=row[0])


@app.get("/tax/<region>")
def tax(region):
    return jsonify(percent=tax_percent(region))
