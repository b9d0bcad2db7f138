/**
 * Reports in Chromium: they load without errors and without a request, draw every figure, keep
 * their policy, and can be read in the dark, on a phone, with the keyboard and on paper.
 * `CHROMIUM_BIN` names another browser than Debian's.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport, buildSuiteReport, buildValidationReport } from '../../reports/build.ts';
import {
  writeFixture,
  writeSuiteFixture,
  writeValidationFixture,
} from '../../reports/testdata/fixture.ts';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const root = mkdtempSync(path.join(tmpdir(), 'stormglass-browser-'));
let browser: Browser;

beforeAll(async () => {
  const executablePath = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: flags });
});

afterAll(async () => {
  await browser?.close();
  rmSync(root, { recursive: true, force: true });
});

interface Visit {
  readonly page: Page;
  /** Console errors, exceptions, violations of the policy. */
  readonly trouble: string[];
  readonly requests: string[];
}

async function visit(file: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
  const page = await context.newPage();
  const trouble: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') trouble.push(message.text());
  });
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await until(page, drawnScript);
  return { page, trouble, requests };
}

/** Playwright's own waiting evaluates text in the page, which the policy forbids: a good sign. */
async function until(page: Page, script: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if ((await page.evaluate(script)) === true) return;
    await page.waitForTimeout(25);
  }
  throw new Error(`never became true: ${script}`);
}

/** Scripts are text: they run in the page, where other types hold than here. */
const drawnScript = `[...document.querySelectorAll('canvas')].every((c) => Chart.getChart(c))`;

/** Per canvas: distinct colours among a sample of its pixels, and share of pixels painted. */
const pixelScript = `[...document.querySelectorAll('canvas')].map((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  let painted = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 0) continue;
    painted += 1;
    colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  }
  return { colours: colours.size, painted: painted / (data.length / 4) };
})`;

const overflowScript = 'document.documentElement.scrollWidth - window.innerWidth';

/** Least contrast (WCAG) of any text with its background, and the text. */
const contrastScript = `(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let worst = { ratio: 99, text: '' };
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.tagName === 'SCRIPT' || element.tagName === 'NOSCRIPT') continue;
    const ink = luminance(parse(getComputedStyle(element).color));
    const pair = [ink, luminance(background(element))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < worst.ratio) worst = { ratio, text: element.textContent.slice(0, 40) };
  }
  return worst;
})()`;

interface Pixels {
  readonly colours: number;
  readonly painted: number;
}

describe('the report of a run', () => {
  let file = '';

  beforeAll(async () => {
    file = (await buildReport(writeFixture(path.join(root, 'run'), { seed: 1 }))).html;
  });

  it('loads from one file, without an error, a warning or another request', async () => {
    const { page, trouble, requests } = await visit(file);
    expect(trouble).toEqual([]);
    expect(requests).toEqual([pathToFileURL(file).href]);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('draws every figure (%s)', async (colorScheme) => {
    const { page, trouble } = await visit(file, { colorScheme });
    const pixels = await page.evaluate<Pixels[]>(pixelScript);
    expect(pixels).toHaveLength(6);
    for (const { colours, painted } of pixels) {
      expect(colours).toBeGreaterThan(8);
      expect(painted).toBeGreaterThan(0.02);
    }
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  it('keeps its policy: injected scripts and styles do nothing', async () => {
    const { page, trouble } = await visit(file);
    const ran = await page.evaluate<boolean[]>(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<p id="probe" style="color: red">x</p>');
      const red = getComputedStyle(document.getElementById('probe')).color === 'rgb(255, 0, 0)';
      return [window.injected === true, red];
    })()`);
    expect(ran).toEqual([false, false]);
    const reached = await page.evaluate<boolean>(
      `fetch('https://example.invalid/').then(() => true, () => false)`,
    );
    expect(reached).toBe(false);
    expect(
      trouble.filter((text) => text.includes('Content Security Policy')).length,
    ).toBeGreaterThan(2);
    await page.context().close();
  });

  it('has a label and a data table for every figure', async () => {
    const { page } = await visit(file);
    const figures = await page.evaluate<{ label: string; rows: number }[]>(
      `[...document.querySelectorAll('figure')].map((figure) => ({
        label: figure.querySelector('canvas').getAttribute('aria-label'),
        rows: figure.querySelectorAll('details tbody tr').length,
      }))`,
    );
    expect(figures).toHaveLength(6);
    for (const { label, rows } of figures) {
      expect(label).toMatch(/^Figure \d: .{10}/);
      expect(rows).toBeGreaterThan(1);
    }
    await page.context().close();
  });

  it.each([
    [320, 'light'],
    [390, 'dark'],
    [768, 'light'],
    [1600, 'dark'],
  ] as const)('does not overflow at %d pixels (%s)', async (width, colorScheme) => {
    const { page } = await visit(file, { colorScheme, viewport: { width, height: 800 } });
    expect(await page.evaluate<number>(overflowScript)).toBeLessThanOrEqual(0);
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => (one.open = true))`);
    expect(await page.evaluate<number>(overflowScript)).toBeLessThanOrEqual(0);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('has text that meets WCAG AA (%s)', async (colorScheme) => {
    const { page } = await visit(file, { colorScheme });
    const worst = await page.evaluate<{ ratio: number; text: string }>(contrastScript);
    expect(worst.ratio, worst.text).toBeGreaterThanOrEqual(4.5);
    await page.context().close();
  });

  it('changes colours by its button, from the keyboard', async () => {
    const { page } = await visit(file, { colorScheme: 'light' });
    const background = 'getComputedStyle(document.body).backgroundColor';
    const before = await page.evaluate<Pixels[]>(pixelScript);
    expect(await page.evaluate(background)).toBe('rgb(255, 255, 255)');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('theme');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(background)).toBe('rgb(20, 24, 29)');
    expect(await page.locator('#theme').textContent()).toBe('Light colours');
    expect(await page.evaluate<Pixels[]>(pixelScript)).not.toEqual(before);
    await page.context().close();
  });

  it('opens data tables from the keyboard', async () => {
    const { page } = await visit(file);
    const summary = page.locator('figure summary').first();
    await summary.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('figure details').first().getAttribute('open')).not.toBeNull();
    await page.context().close();
  });

  it('is light on paper, whatever the screen', async () => {
    const { page } = await visit(file, { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await until(
      page,
      `Chart.getChart(document.querySelector('canvas')).options.color === '#1b1f24'`,
    );
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(27, 31, 36)');
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.length).toBeGreaterThan(50_000);
    await page.context().close();
  });
});

describe('other reports', () => {
  it('text of an attacker stays text', async () => {
    const text = `"><img src=x onerror="window.injected=1"></script><script>window.injected=1</script>`;
    const folder = writeFixture(path.join(root, 'attack'), { seed: 2, sizes: [10, 100], text });
    const { page, trouble } = await visit((await buildReport(folder)).html);
    expect(await page.evaluate('window.injected')).toBeUndefined();
    expect(await page.locator('h1').textContent()).toBe(text);
    expect(await page.locator('img').count()).toBe(0);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  it.each([
    [
      'default figures',
      (folder: string) => writeFixture(folder, { seed: 3, charts: '' }),
      buildReport,
    ],
    ['suite', (folder: string) => writeSuiteFixture(folder, 4), buildSuiteReport],
    ['validation', (folder: string) => writeValidationFixture(folder, 5), buildValidationReport],
  ] as const)('%s: no errors, figures drawn, fits a phone', async (name, write, build) => {
    const { html, charts } = await build(write(path.join(root, name)));
    const { page, trouble, requests } = await visit(html, {
      viewport: { width: 360, height: 700 },
    });
    const pixels = await page.evaluate<Pixels[]>(pixelScript);
    expect(pixels).toHaveLength(charts.length);
    for (const { colours } of pixels) expect(colours).toBeGreaterThan(4);
    expect(await page.evaluate<number>(overflowScript)).toBeLessThanOrEqual(0);
    expect(trouble).toEqual([]);
    expect(requests).toHaveLength(1);
    await page.context().close();
  });
});
