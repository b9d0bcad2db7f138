/** The style sheet of all reports: screen, dark, narrow, print. */

const colours = {
  light: `--paper:#fff;--text:#1b1f24;--muted:#57606a;--line:#d8dee4;--soft:#f6f8fa;--link:#0550ae;
--ok:#116329;--ok-soft:#e6f5ea;--violated:#a40e26;--violated-soft:#fdebec;--unknown:#6b4400;
--unknown-soft:#fff5dc;color-scheme:light;`,
  dark: `--paper:#14181d;--text:#e6e9ed;--muted:#a5aeb8;--line:#353d46;--soft:#1c2229;
--link:#7cb7ff;--ok:#6fdd8b;--ok-soft:#14301d;--violated:#ff9a9a;--violated-soft:#3a1a1d;
--unknown:#f0c674;--unknown-soft:#33290f;color-scheme:dark;`,
};

/** Canvas heights by aspect in steps of 5 %: inline styles would need a weaker policy. */
function shapes(): string {
  const rules: string[] = [];
  for (let percent = 10; percent <= 100; percent += 5) {
    rules.push(`.shape-${percent}{aspect-ratio:100/${percent}}`);
  }
  return rules.join('');
}

export const styleSheet = `
:root{${colours.light}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${colours.dark}}}
:root[data-theme=dark]{${colours.dark}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--text);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.page{max-width:68rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:flex-start}
header>div{flex:1 1 16rem;min-width:0}
h1{font-size:1.9rem;line-height:1.2;margin:.1rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.3;margin:2.6rem 0 .8rem;padding-top:.6rem;
border-top:1px solid var(--line);overflow-wrap:anywhere}
h3{font-size:1.05rem;margin:1.6rem 0 .5rem;overflow-wrap:anywhere}
.kicker{color:var(--muted);margin:0;font-size:.9rem}
p,li,dd,figcaption{overflow-wrap:break-word}
p,ul{margin:.6rem 0;max-width:46rem}
ul{padding-left:1.3rem}
li{margin:.25rem 0}
.lead{font-size:1.12rem;line-height:1.5}
.note,footer{color:var(--muted);font-size:.88rem}
a{color:var(--link)}
a:focus-visible,button:focus-visible,summary:focus-visible,[tabindex]:focus-visible{
outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
nav{font-size:.9rem;margin:1rem 0 0}
nav ul{list-style:none;padding:0;margin:0;max-width:none;display:flex;
flex-wrap:wrap;gap:.2rem 1.1rem}
nav li{margin:0}
button{font:inherit;font-size:.88rem;color:var(--text);background:var(--soft);
border:1px solid var(--line);border-radius:6px;padding:.3rem .7rem;cursor:pointer}
.banner{border-left:5px solid;border-radius:4px;padding:.55rem 1rem;margin:1rem 0}
.banner p,.banner ul{max-width:none;margin:.3rem 0}
.banner .sign{display:inline-block;width:1.3rem;font-weight:700}
.banner.ok{border-color:var(--ok);background:var(--ok-soft)}
.banner.violated{border-color:var(--violated);background:var(--violated-soft)}
.banner.unknown{border-color:var(--unknown);background:var(--unknown-soft)}
.banner.ok strong,.banner.ok .sign,.verdict.ok{color:var(--ok)}
.banner.violated strong,.banner.violated .sign,.verdict.violated{color:var(--violated)}
.banner.unknown strong,.banner.unknown .sign,.verdict.unknown{color:var(--unknown)}
.verdict{font-weight:600;white-space:nowrap}
figure{margin:1.8rem 0 2.2rem}
.plot{position:relative;width:100%;min-height:15rem}
.plot canvas{position:absolute;inset:0}
${shapes()}
figcaption{font-size:.93rem;margin-top:.6rem;max-width:50rem}
.png{margin-left:.3rem}
details{margin:.6rem 0;font-size:.92rem}
summary{cursor:pointer;color:var(--muted);width:fit-content}
.scroll{overflow-x:auto;max-width:100%;margin:.9rem 0}
table{border-collapse:collapse;font-size:.86rem;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);padding-bottom:.4rem}
th,td{padding:.3rem .75rem .32rem 0;text-align:left;vertical-align:top;
border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--text);vertical-align:bottom}
tbody th{font-weight:500}.short{white-space:nowrap}.long{min-width:14rem}
.number{text-align:right;padding-left:.5rem;padding-right:0;white-space:nowrap}
.number+:not(.number){padding-left:1.2rem}
thead .number{white-space:normal;min-width:5.5rem}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr));
gap:.7rem 1.5rem;margin:.9rem 0}
dt{color:var(--muted);font-size:.85rem}
dd{margin:0;overflow-wrap:anywhere}
code{font:.88em/1.4 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;
overflow-x:auto;white-space:pre-wrap}
@media (max-width:34rem){.page{padding:1rem .9rem 3rem}h1{font-size:1.5rem}.plot{min-height:17rem}}
@media print{
:root,:root[data-theme=dark],:root:not([data-theme=light]){${colours.light}}
body{font-size:10pt}.page{max-width:none;padding:0}
button,nav,.png,figure details{display:none}
figure,tr,.banner,dl>div{break-inside:avoid}h2,h3{break-after:avoid}
.scroll{overflow:visible}table{font-size:8pt}a{color:inherit;text-decoration:none}
.plot{max-width:17cm;min-height:0}
.plot canvas{width:100%!important;height:100%!important}}
`;
