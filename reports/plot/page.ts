/**
 * What the page does: draw every figure when it comes near the screen, follow the colour scheme and
 * its switch, and be light on paper. Runs in the browser only; the DOM is described here as far as
 * it is used, because the rest of the program must not see its types.
 */
import { chartConfig } from './config.ts';
import type { Plot } from './spec.ts';
import { darkTheme, lightTheme } from './theme.ts';

interface PageElement {
  readonly clientWidth: number;
  readonly parentElement: PageElement;
  readonly dataset: Record<string, string>;
  textContent: string;
  hidden: boolean;
  addEventListener(event: string, listener: () => void): void;
  setAttribute(name: string, value: string): void;
}

interface MediaList {
  readonly matches: boolean;
  addEventListener(event: 'change', listener: (media: MediaList) => void): void;
}

interface Drawn {
  destroy(): void;
}

interface PageWorld {
  readonly document: {
    readonly documentElement: PageElement;
    getElementById(id: string): PageElement | null;
  };
  readonly Chart?: new (element: PageElement, config: unknown) => Drawn;
  matchMedia(query: string): MediaList;
  addEventListener(event: string, listener: () => void): void;
}

/** `dark` when the reader chose it, or the system asks for it and the reader did not choose. */
export function themeName(
  chosen: string | undefined,
  systemDark: boolean,
  printing: boolean,
): 'light' | 'dark' {
  if (printing) return 'light';
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return systemDark ? 'dark' : 'light';
}

/** Entry point of the inlined program. */
export function startPage(globals: unknown): void {
  const world = globals as PageWorld;
  const root = world.document.documentElement;
  const system = world.matchMedia('(prefers-color-scheme: dark)');
  let printing = false;
  const drawn = new Map<string, Drawn>();
  const theme = (): 'light' | 'dark' => themeName(root.dataset['theme'], system.matches, printing);
  const draw = (): void => {
    for (const [id, plot] of readPlots(world))
      redraw(world, drawn, { id, plot, dark: theme() === 'dark' });
  };
  const setPrinting = (now: boolean): void => {
    if (printing === now) return;
    printing = now;
    draw();
  };
  installSwitch(world, theme, draw);
  system.addEventListener('change', draw);
  world.matchMedia('print').addEventListener('change', (media) => setPrinting(media.matches));
  world.addEventListener('beforeprint', () => setPrinting(true));
  world.addEventListener('afterprint', () => setPrinting(false));
  draw();
}

function readPlots(world: PageWorld): [string, Plot][] {
  const text = world.document.getElementById('plots')?.textContent ?? '{}';
  return Object.entries(JSON.parse(text) as Record<string, Plot>);
}

function redraw(
  world: PageWorld,
  drawn: Map<string, Drawn>,
  figure: { readonly id: string; readonly plot: Plot; readonly dark: boolean },
): void {
  const canvas = world.document.getElementById(figure.id);
  if (canvas === null || world.Chart === undefined) return;
  drawn.get(figure.id)?.destroy();
  const config = chartConfig(figure.plot, {
    theme: figure.dark ? darkTheme : lightTheme,
    title: null,
    fixed: false,
    pixelRatio: null,
    width: canvas.parentElement.clientWidth,
  });
  drawn.set(figure.id, new world.Chart(canvas, config));
}

function installSwitch(world: PageWorld, theme: () => 'light' | 'dark', draw: () => void): void {
  const button = world.document.getElementById('theme');
  if (button === null) return;
  const label = (): void => {
    button.textContent = theme() === 'dark' ? 'Light colours' : 'Dark colours';
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    world.document.documentElement.dataset['theme'] = theme() === 'dark' ? 'light' : 'dark';
    label();
    draw();
  });
  label();
}
