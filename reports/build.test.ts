import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadImage } from '@napi-rs/canvas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError, ValidationError } from '../src/errors.ts';
import { buildReport, buildSuiteReport, buildValidationReport } from './build.ts';
import { writeFixture, writeSuiteFixture, writeValidationFixture } from './testdata/fixture.ts';

const root = mkdtempSync(path.join(tmpdir(), 'stormglass-reports-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const small = { sizes: [10, 100, 1000], replications: 2 } as const;

describe('the report of a run', () => {
  const folder = path.join(root, 'run');
  let html = '';
  let markdown = '';
  let charts: string[] = [];

  beforeAll(async () => {
    const built = await buildReport(writeFixture(folder, { seed: 1, ...small }));
    html = readFileSync(built.html, 'utf8');
    markdown = readFileSync(built.markdown, 'utf8');
    charts = built.charts;
  });

  it('draws a figure of every kind, with data table and label, and no other', () => {
    expect(charts).toHaveLength(6);
    expect(html.match(/<canvas [^>]*role="img" aria-label="Figure \d: [^"]+"/g)).toHaveLength(6);
    expect(html.match(/<summary>Data of figure \d<\/summary>/g)).toHaveLength(6);
  });

  it('says verdict, question, answer, expectations, command and raw data in both forms', () => {
    for (const text of [html, markdown]) {
      expect(text).toContain('2 of 2 expectations hold, 12 of 12 conservation checks passed.');
      expect(text).toContain('What do plaintext queue configs save when a group grows?');
      expect(text).toContain('save 64 % of the server CPU');
      expect(text).toContain('at most 100 ms');
      expect(text).toContain('one opening is 61 µs');
      expect(text).toContain('stormglass run workloads/fixture.yaml --seed 1');
      expect(text).toContain('measurements.csv');
    }
    expect(markdown).toContain('](charts/01-delivery-delay-grows-with-the-group.png)');
  });

  it('shows the numbers of the run folder', () => {
    const summary = JSON.parse(readFileSync(path.join(folder, 'summary.json'), 'utf8')) as {
      cells: { metrics: Record<string, { value: number }> }[];
    };
    const mean = summary.cells[0]?.metrics['delivery_delay_mean']?.value ?? 0;
    expect(html).toContain(`${Math.round(mean)} ± `);
  });

  it('makes pictures of twice the pixels on white', async () => {
    const image = await loadImage(charts[0] ?? '');
    expect(image.width).toBe(1720);
    expect(image.height).toBeGreaterThan(600);
  });

  it('is byte for byte the same when built again', async () => {
    const before = [...charts, path.join(folder, 'report.html'), path.join(folder, 'report.md')];
    const bytes = before.map((file) => readFileSync(file));
    await buildReport(folder);
    before.forEach((file, index) => {
      expect(readFileSync(file).equals(bytes[index] ?? Buffer.alloc(0)), file).toBe(true);
    });
  });

  it('removes pictures that it no longer draws', async () => {
    const other = writeFixture(path.join(root, 'stale'), { seed: 1, ...small });
    const first = await buildReport(other);
    writeFileSync(path.join(other, 'workload.yaml'), 'charts: []\n');
    const second = await buildReport(other);
    for (const file of first.charts.filter((one) => !second.charts.includes(one))) {
      expect(() => readFileSync(file)).toThrow('ENOENT');
    }
  });
});

describe('data in a report', () => {
  const attack = `"'><img src=x onerror=alert(1)></script><script>alert(2)</script>|**\n# x`;

  it('never becomes markup', async () => {
    const folder = writeFixture(path.join(root, 'attack'), {
      seed: 2,
      ...small,
      text: attack,
      charts: JSON.stringify({
        charts: [
          {
            kind: 'line',
            title: attack,
            caption: attack,
            metric: 'cpu_per_message',
            x: 'groups.size',
            series: 'policy.queueConfig',
          },
        ],
      }),
    });
    const { html, markdown } = await buildReport(folder);
    const page = readFileSync(html, 'utf8');
    expect(page).not.toContain('<img');
    expect(page).not.toContain('<script>alert');
    expect(page.match(/<script/g)).toHaveLength(page.match(/<\/script>/g)?.length ?? 0);
    const fenced = /^```sh$[\s\S]*?^```$/gm;
    const text = readFileSync(markdown, 'utf8').replaceAll(fenced, '');
    const prose = text.split('\n').filter((line) => !line.includes('`') && !line.startsWith('<'));
    expect(prose.join('\n')).not.toMatch(/<[a-z/]/i);
    expect(text).not.toMatch(/^# x/m);
  });
});

describe('verdicts', () => {
  it.each(['violated', 'unknown'] as const)(
    '%s is on the banner with its reasons',
    async (verdict) => {
      const folder = writeFixture(path.join(root, verdict), { seed: 3, ...small, verdict });
      const { html } = await buildReport(folder);
      const page = readFileSync(html, 'utf8');
      const banner = /<div class="banner \w+"[\s\S]*?<\/div>/.exec(page)?.[0] ?? '';
      expect(banner).toContain(`class="banner ${verdict}"`);
      expect(banner).toContain('92.3 ms [91.0, 93.1] at sealed');
      expect(banner.includes('Check conservation')).toBe(verdict === 'violated');
    },
  );
});

describe('figures that nobody asked for', () => {
  it('are chosen from what was measured', async () => {
    const folder = path.join(root, 'default');
    const { charts } = await buildReport(writeFixture(folder, { seed: 4, ...small, charts: '' }));
    const names = charts.map((file) => path.basename(file)).join(' ');
    expect(names).toMatch(/tail-of-the-delivery-delay.*by-setting.*queued-messages-over-time/);
  });

  it('cannot be drawn without data, and the report says so', async () => {
    const folder = writeFixture(path.join(root, 'missing'), {
      seed: 5,
      ...small,
      charts: 'charts: [{kind: line, title: Nothing here, metric: no_such, x: groups.size}]',
    });
    const { markdown } = await buildReport(folder);
    expect(readFileSync(markdown, 'utf8')).toContain('The run holds no data for: Nothing here.');
  });

  it('do without intervals when there is one replication', async () => {
    const folder = path.join(root, 'single');
    const options = { seed: 6, sizes: [10], replications: 1 };
    const { markdown } = await buildReport(writeFixture(folder, options));
    const text = readFileSync(markdown, 'utf8');
    expect(text).toContain('One replication');
    expect(text).not.toContain('±');
  });
});

describe('other reports', () => {
  it('a suite links the report of each workload and shows its first figure', async () => {
    const folder = writeSuiteFixture(path.join(root, 'suite'), 7);
    const { html, charts } = await buildSuiteReport(folder);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('href="fan-out/report.html"');
    expect(page).toContain('href="commit-throughput/report.html"');
    expect(charts).toHaveLength(2);
  });

  it('a validation shows every case and the deviations by group', async () => {
    const folder = writeValidationFixture(path.join(root, 'validation'), 8);
    const { html, charts } = await buildValidationReport(folder);
    const page = readFileSync(html, 'utf8');
    expect(page.match(/>case-\d</g)?.length).toBeGreaterThanOrEqual(18);
    expect(page).toContain('class="banner violated"');
    expect(page).toContain('<th scope="row" class="short">exact</th>');
    expect(charts).toHaveLength(2);
  });

  it('refuse folders that are something else, with a remedy', async () => {
    await expect(buildReport(root)).rejects.toThrow(UsageError);
    await expect(buildValidationReport(root)).rejects.toThrow(UsageError);
    const folder = writeValidationFixture(path.join(root, 'damaged'), 9);
    writeFileSync(path.join(folder, 'validation.json'), '{"schema": "x"}');
    await expect(buildValidationReport(folder)).rejects.toThrow(ValidationError);
  });
});
