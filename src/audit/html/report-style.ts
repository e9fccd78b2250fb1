/** The look of the report: system fonts, both colour schemes, narrow screens, paper. Text has a contrast of 4.5 or more. */
export const reportStyle: string = /* css */ `
:root {
  color-scheme: light dark;
  --page: light-dark(#f5f6f8, #0f1216);
  --surface: light-dark(#ffffff, #171b21);
  --sunken: light-dark(#f0f2f5, #11151a);
  --line: light-dark(#dde1e7, #2a3038);
  --line-strong: light-dark(#8a93a0, #6b7684);
  --text: light-dark(#1a1f27, #e4e8ee);
  --quiet: light-dark(#566070, #9aa5b4);
  --accent: light-dark(#0a58b0, #7ab5ff);
  --error: light-dark(#b01e14, #ff958c);
  --error-back: light-dark(#fdecea, #3a1b1a);
  --warning: light-dark(#855000, #f2bb52);
  --warning-back: light-dark(#fdf1dc, #33270f);
  --info: light-dark(#3d5470, #a9bdd6);
  --info-back: light-dark(#e9eef5, #1f2a37);
  --good: light-dark(#186a3b, #74d19a);
  --good-back: light-dark(#e6f4ec, #14301f);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --radius: 8px;
}
*, ::before, ::after { box-sizing: border-box; }
html { scroll-padding-top: 7rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 76rem; margin-inline: auto; padding-inline: clamp(1rem, 3vw, 2rem); }
h1, h2, h3, h4, p, ul, ol, dl, dd, pre, fieldset { margin: 0; padding: 0; }
ul, ol { list-style: none; }
fieldset { border: 0; min-width: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.01em; }
h2 { font-size: 1.2rem; line-height: 1.3; letter-spacing: -0.005em; }
h3, h4 { font-size: 1rem; font-weight: 600; }
a { color: var(--accent); text-underline-offset: 0.15em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
code, pre { font-family: var(--mono); font-size: 0.88em; }
code { unicode-bidi: isolate; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
[hidden] { display: none !important; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 3; background: var(--surface); padding: 0.5rem 1rem; border-radius: var(--radius); }
.skip:focus { top: 0.5rem; }

/* Head */
header { padding-block: 2rem 1.25rem; }
.masthead { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; align-items: baseline; justify-content: space-between; }
nav { display: flex; gap: 1.25rem; }
.origin { display: flex; flex-wrap: wrap; gap: 0.4rem 2rem; margin-top: 0.75rem; font-size: 0.9rem; }
.origin div { display: flex; gap: 0.5rem; min-width: 0; }
dt, .quiet, .section-note, .meta, caption, thead { color: var(--quiet); }

/* Sections */
section { margin-top: 2.75rem; }
#summary { margin-top: 0; }
.section-head { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: baseline; margin-bottom: 0.9rem; }
.section-note { font-size: 0.9rem; flex: 1 1 16rem; }
.none, .all-well, .no-match { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 0.9rem 1.1rem; }
.all-well { background: var(--good-back); border-color: transparent; color: var(--good); font-weight: 600; }
.no-match { color: var(--quiet); }
noscript .none { margin-bottom: 1rem; }

/* Summary */
.verdict { font-size: 1.2rem; letter-spacing: -0.005em; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem; margin-top: 0.9rem; }
.tile { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 0.8rem 1rem; font-size: 0.9rem; line-height: 1.35; color: var(--quiet); }
.tile b { display: block; font-size: 1.7rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; color: var(--text); }
.tile.error b { color: var(--error); }
.tile.warning b { color: var(--warning); }
.tile.info b { color: var(--info); }
.pods-line { margin-top: 0.75rem; font-size: 0.9rem; color: var(--quiet); }
.kinds { margin-top: 1.5rem; }
.kinds th, .kinds .mark { white-space: nowrap; }
.kinds td:nth-child(2) { width: 50%; }
@media (min-width: 64rem) {
  #summary { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.15fr); column-gap: 2.5rem; align-items: start; }
  #summary:not(:has(.kinds)) { display: block; }
  .figures .tiles { grid-template-columns: repeat(6, minmax(0, 1fr)); }
  .figures .tile { grid-column: span 2; }
  .figures .tile:nth-child(n + 4) { grid-column: span 3; }
  .kinds { margin-top: 0.2rem; }
}

/* Tables */
table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); font-size: 0.93rem; }
table + .show-all, table + .show-all + .no-match + table { margin-top: 1rem; }
#access table + * + * + table { margin-top: 2rem; }
caption { text-align: left; font-size: 0.9rem; padding-bottom: 0.4rem; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 1rem; border-top: 1px solid var(--line); }
thead th { border-top: 0; overflow-wrap: normal; font-size: 0.83rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.meta { display: block; font-size: 0.87rem; }
tr:target > *, .kind-text:target { background: light-dark(#eaf2fc, #182636); }
thead button { all: unset; cursor: pointer; color: inherit; }
thead button::after { content: "\\2195"; display: inline-block; width: 1.1em; text-align: right; color: var(--quiet); }
[aria-sort=ascending] button::after { content: "\\2191"; color: var(--text); }
[aria-sort=descending] button::after { content: "\\2193"; color: var(--text); }
thead button:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
thead button:hover { color: var(--text); }
#access th:first-child { width: 36%; }
#access .number { width: 9.5rem; }
.object b { font-weight: 600; }
.arn span { color: var(--quiet); }
.names { display: flex; flex-wrap: wrap; gap: 0 1rem; font: 0.88em/1.75 var(--mono); }
.names li { unicode-bidi: isolate; }
.rest > summary { width: max-content; color: var(--accent); cursor: pointer; font-size: 0.9rem; }

/* Marks */
.mark { display: inline-block; min-width: 4.6rem; padding: 0.05rem 0.55rem; border-radius: 99px; border: 1px solid transparent; font-size: 0.78rem; line-height: 1.45; font-weight: 600; text-align: center; white-space: nowrap; }
.mark.error { color: var(--error); background: var(--error-back); }
.mark.warning { color: var(--warning); background: var(--warning-back); }
.mark.info { color: var(--info); background: var(--info-back); }

/* Filter */
#filter { position: sticky; top: 0; z-index: 2; margin-top: 2rem; padding-block: 0.75rem 0.6rem; background: var(--page); border-bottom: 1px solid var(--line); }
.filter-row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: stretch; }
.search { position: relative; flex: 1 1 15rem; display: flex; }
.search kbd { position: absolute; right: 0.6rem; top: 50%; translate: 0 -50%; padding: 0 0.4rem; border: 1px solid var(--line); border-radius: 4px; font: 0.8rem var(--mono); color: var(--quiet); pointer-events: none; }
.search input:focus ~ kbd, .search input:not(:placeholder-shown) ~ kbd { display: none; }
input[type=search], select, button { font: inherit; font-size: 0.93rem; color: var(--text); background: var(--surface); border: 1px solid var(--line-strong); border-radius: 6px; padding: 0.35rem 0.7rem; min-height: 2.25rem; }
input[type=search] { width: 100%; }
::placeholder { color: var(--quiet); opacity: 1; }
select { max-width: 15rem; }
button { cursor: pointer; }
button:hover, select:hover, .toggle:hover { background: var(--sunken); }
#filter fieldset { display: flex; }
.toggle { display: flex; gap: 0.45rem; align-items: center; padding: 0.35rem 0.7rem; min-height: 2.25rem; background: var(--surface); border: 1px solid var(--line-strong); font-size: 0.93rem; cursor: pointer; }
.toggle + .toggle { border-left-width: 0; }
.toggle:first-of-type { border-radius: 6px 0 0 6px; }
.toggle:last-of-type { border-radius: 0 6px 6px 0; }
.toggle input { margin: 0; width: 1rem; height: 1rem; accent-color: var(--accent); }
.toggle small { font-size: 0.83rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.toggle:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; z-index: 1; }
.toggle :focus-visible { outline: 0; }
output { display: block; margin-top: 0.4rem; font-size: 0.87rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.active output { color: var(--text); font-weight: 600; }
.tools { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; font-size: 0.9rem; color: var(--quiet); }
.tools button, .tools select { min-height: 2rem; padding-block: 0.2rem; }
.show-all { display: block; width: 100%; margin-top: 0.75rem; color: var(--accent); border-color: var(--line); }

/* Findings */
.owners { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); overflow: clip; }
.owner { border-top: 1px solid var(--line); margin-top: -1px; }
html:not(.scripted) .owner { content-visibility: auto; contain-intrinsic-size: auto 3.4rem; }
.loading :is(#owner-list, #account-rows, #role-rows) { display: none; }
.owner > details > summary { display: grid; grid-template-columns: 4.6rem minmax(0, 1.2fr) minmax(0, 1fr) 5rem 1rem; gap: 0.25rem 1rem; align-items: baseline; padding: 0.7rem 1rem; cursor: pointer; list-style: none; }
.owner > details > summary::-webkit-details-marker { display: none; }
.owner > details > summary::after { content: ""; align-self: center; justify-self: center; width: 0.45rem; height: 0.45rem; border: solid var(--quiet); border-width: 0 1.5px 1.5px 0; rotate: 45deg; translate: 0 -0.15rem; }
.owner > details[open] > summary::after { rotate: 225deg; translate: 0 0.1rem; }
.owner > details > summary:hover { background: var(--sunken); }
.owner > details > summary:focus-visible { outline-offset: -2px; }
.owner h3 { font-weight: 400; }
.kind { color: var(--quiet); font-size: 0.9rem; }
.titles { font-size: 0.93rem; }
.titles b, .finding h4 a { font-family: var(--mono); font-size: 0.9em; font-weight: 600; }
.titles .error b { color: var(--error); }
.titles .warning b { color: var(--warning); }
.titles .info b { color: var(--info); }
.pod-count { text-align: right; font-size: 0.9rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.finding { margin: 0 1rem; padding: 0.9rem 0 1rem; border-top: 1px solid var(--line); display: grid; grid-template-columns: minmax(0, 1.35fr) minmax(0, 1fr); gap: 0.75rem 2.5rem; }
.finding h4 .mark { margin-right: 0.4rem; min-width: 0; }
.finding:only-of-type h4 .mark { display: none; }
.detail { margin-top: 0.45rem; }
.facts { margin-top: 0.6rem; font-size: 0.93rem; display: grid; gap: 0.2rem; }
.facts > div { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: 1rem; }
.advice { font-size: 0.93rem; display: grid; gap: 0.5rem; align-content: start; }
.meaning { color: var(--quiet); }
.commands { background: var(--sunken); border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem 0.75rem; white-space: pre-wrap; }
.commands code { display: block; user-select: all; padding-left: 1.5em; text-indent: -1.5em; }

/* Codes */
.kind-text { background: var(--surface); border: 1px solid var(--line); border-bottom-width: 0; padding: 0.9rem 1rem; }
.kind-text:first-of-type { border-radius: var(--radius) var(--radius) 0 0; }
.kind-text:last-of-type { border-bottom-width: 1px; border-radius: 0 0 var(--radius) var(--radius); }
.kind-text:only-of-type { border-radius: var(--radius); }
.kind-text h3 code { color: var(--quiet); font-weight: 400; margin-left: 0.4rem; }
.kind-text dl { display: grid; gap: 0.2rem; margin-top: 0.4rem; font-size: 0.93rem; max-width: 62rem; }
.kind-text dl div { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: 1rem; }
footer { margin-top: 2.5rem; padding-block: 1.25rem 2.5rem; font-size: 0.87rem; color: var(--quiet); }

@media (max-width: 60rem) {
  .finding { grid-template-columns: minmax(0, 1fr); }
}
@media screen and (max-width: 44rem) {
  header { padding-block: 1.25rem 1rem; }
  #filter { position: static; }
  html { scroll-padding-top: 1rem; }
  .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.5rem; }
  .tile { padding: 0.6rem 0.75rem; }
  .tile b { font-size: 1.35rem; }
  .tile:nth-child(n + 4) { grid-column: span 3; display: flex; gap: 0.6rem; align-items: baseline; padding-block: 0.35rem; }
  .tile:nth-child(n + 4) b { font-size: 1.05rem; }
  .search, #filter fieldset { flex: 1 1 100%; }
  .toggle { flex: 1; justify-content: center; padding-inline: 0.3rem; }
  .filter-row > label:has(select) { flex: 1 1 7rem; }
  .filter-row select { width: 100%; }
  .owner > details > summary { grid-template-columns: minmax(0, 1fr) auto 1rem; gap: 0.3rem 0.75rem; }
  .owner summary > .mark { grid-area: 1 / 1; justify-self: start; }
  .owner summary > .pod-count { grid-area: 1 / 2; }
  .owner > details > summary::after { grid-area: 1 / 3; }
  .owner summary > h3, .owner summary > .titles { grid-column: 1 / -1; }
  .facts > div, .kind-text dl div { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .facts { gap: 0.5rem; }
  th, td { padding-inline: 0.6rem; }
  #access .number { width: auto; }
  #access thead th { white-space: normal; }
  .tools { flex-wrap: nowrap; }
  .tools select { max-width: 6.5rem; }
  .tools :is(button, select) { padding-inline: 0.5rem; }
  .kinds :is(th, td):nth-child(3) { display: none; }
}
@media (forced-colors: active) {
  .mark { border-color: CanvasText; }
}
@media print {
  :root { color-scheme: light; --page: #fff; }
  @page { margin: 14mm; }
  html { font-size: 12.5px; }
  .tiles { grid-template-columns: repeat(5, 1fr); }
  header, main, footer { max-width: none; padding-inline: 0; }
  header { padding-top: 0; }
  nav, .skip, .filter-row, .tools, .show-all, .owner > details > summary::after, thead button::after, .rest > summary { display: none !important; }
  #filter { position: static; border: 0; padding: 0; margin: 1rem 0 0; }
  #filter:not(.active) { display: none; }
  html .owner { content-visibility: visible !important; }
  .owners { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; display: block; }
  .finding, tr, .kind-text, .tiles, .mark, dl > div { break-inside: avoid; }
  .owner > details > summary, h2, h3, h4, caption, .section-head { break-after: avoid; }
  thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; }
  .mark { border-color: currentColor; }
  section { margin-top: 1.5rem; }
  #access .number { width: 6.5rem; }
}
`;
