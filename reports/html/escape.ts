/** The only way in which data enters HTML. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text or attribute value (in quotes). */
export function escapeHtml(value: string): string {
  return value.replaceAll(/[&<>"']/g, (mark) => entities[mark] ?? '');
}

/** JSON inside a script element: no `<`, so that nothing in it can end the element. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

/** A relative link; anything with a scheme or a host becomes `#`. */
export function safeLink(link: string): string {
  return /^[a-z][a-z\d+.-]*:|^\/\/|^\\/i.test(link.trim()) ? '#' : escapeHtml(encodeURI(link));
}
