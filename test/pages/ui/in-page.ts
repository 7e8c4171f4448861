// What page tests measure inside the page. Bundled and put into each page before it loads, as `inPage`.

/** Every visible text against the background behind it, WCAG 2.1: those below 4.5 : 1. Bars have plates, and are left out. */
function lowContrast(): readonly string[] {
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    const text = ownText(element);
    const { width, height } = element.getBoundingClientRect();
    if (
      text === '' ||
      width < 2 ||
      height < 2 ||
      element.closest('.stack, script, option') ||
      isDimmed(element)
    )
      return [];
    const ratio = contrast(channels(getComputedStyle(element).color), behind(element));
    return ratio < 4.5 ? [`${text}: ${ratio.toFixed(2)}`] : [];
  });
}

function ownText(element: Element): string {
  return [...element.childNodes]
    .map((node) => (node.nodeType === Node.TEXT_NODE ? (node.textContent ?? '').trim() : ''))
    .join('');
}

function channels(colour: string): readonly number[] {
  return (colour.match(/[\d.]+/g) ?? []).map(Number);
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance([red = 0, green = 0, blue = 0]: readonly number[]): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(value: number): number {
  const share = value / 255;
  return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function behind(element: Element | null): readonly number[] {
  if (element === null) return [255, 255, 255];
  const colour = channels(getComputedStyle(element).backgroundColor);
  return colour.length === 3 || (colour[3] ?? 0) > 0.99 ? colour : behind(element.parentElement);
}

function isDimmed(element: Element | null): boolean {
  return (
    element !== null && (Number(getComputedStyle(element).opacity) < 1 || isDimmed(element.parentElement))
  );
}

/** How many pixels of a canvas are painted. */
function ink(selector: string): number {
  const canvas = document.querySelector(selector);
  if (!(canvas instanceof HTMLCanvasElement)) return 0;
  const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  let painted = 0;
  for (let index = 3; index < data.length; index += 4) if ((data[index] ?? 0) > 0) painted++;
  return painted;
}

function image(selector: string): string {
  const canvas = document.querySelector(selector);
  return canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : '';
}

/** Cells whose number does not fit, and cards that would have to scroll sideways. */
function cutNumbers(): number {
  return [...document.querySelectorAll('.numeric, .card')].filter(
    (cell) => cell.scrollWidth > cell.clientWidth + 1,
  ).length;
}

function widthsOf(selector: string): readonly number[] {
  return [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect().width);
}

/** Scrolls the rows `frames` times; returns how long each drawing took, in ms. */
async function scrollFrames(frames: number, step: number): Promise<readonly number[]> {
  performance.clearMeasures();
  for (let frame = 0; frame < frames; frame++) {
    document.querySelector('.scroller')?.scrollBy(0, step);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return performance.getEntriesByName('wiretime-frame').map(({ duration }) => duration);
}

function focusIsIn(selector: string): boolean {
  return document.querySelector(selector)?.contains(document.activeElement) ?? false;
}

const inPage = {
  lowContrast,
  ink,
  image,
  cutNumbers,
  widthsOf,
  scrollFrames,
  focusIsIn,
  scrollWidth: () => document.documentElement.scrollWidth,
  theme: () => document.documentElement.dataset['theme'],
  fontsReady: () => document.fonts.ready.then(() => document.fonts.check('12px Inter')),
};
Object.assign(globalThis, { inPage });
