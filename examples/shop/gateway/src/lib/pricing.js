// What a cart costs when the pricing service is not there: list prices and a flat tax.

/** The prices that we know ourselves. */
export function quoteLocally(cart) {
  const subtotal = cart.lines.reduce((sum, line) => sum + line.priceCents * line.qty, 0);
  return {
    subtotalCents: subtotal,
    taxCents: Math.round(subtotal * 0.2),
    totalCents: Math.round(subtotal * 1.2),
  };
}
