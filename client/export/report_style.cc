#include "client/export/report_style.h"

namespace almanac::client {

const char kReportStyle[] = R"css(:root {
  --ink: #17212b; --muted: #56626f; --paper: #ffffff; --wash: #f3f5f7; --line: #d8dee4; --link: #0b57a4;
  --kept: #2f7f5f; --late: #d99a00; --overdue: #c5352b; --open: #a9c2da; --cancelled: #98a2ad;
  --due: #8fbf6a; --unknown: #d5dbe1;
  --kept-ink: #226048; --late-ink: #7c5600; --overdue-ink: #ab251c; --grid: rgba(23, 33, 43, .14);
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ink: #e7ecf1; --muted: #a3b1bf; --paper: #10171e; --wash: #1a232d; --line: #2f3b47; --link: #8dbdf0;
    --kept: #48ad85; --late: #e3b03c; --overdue: #ec6459; --open: #456584; --cancelled: #6d7985;
    --due: #7fa95d; --unknown: #39454f;
    --kept-ink: #6fcfa8; --late-ink: #eec260; --overdue-ink: #ff9489; --grid: rgba(231, 236, 241, .16);
  }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
body {
  margin: 0; font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial,
    "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
:lang(zh-Hant), :lang(zh-HK), :lang(zh-TW) {
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "PingFang HK", "Noto Sans CJK HK", "Noto Sans CJK TC",
    "Noto Sans HK", "Microsoft JhengHei", sans-serif;
}
:lang(zh-Hans), :lang(zh-CN) {
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC",
    "Microsoft YaHei", sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 3.5rem 2rem 2rem; }
header { margin-bottom: 3rem; }
.kicker { margin: 0; color: var(--muted); font-weight: 600; letter-spacing: .02em; }
h1 { margin: .15rem 0 .9rem; font-size: clamp(1.9rem, 5vw, 3rem); line-height: 1.15; font-weight: 700; }
.lede { margin: 0; max-width: 46rem; font-size: clamp(1.1rem, 2.4vw, 1.35rem); line-height: 1.5; }
b.kept { color: var(--kept-ink); } b.late { color: var(--late-ink); } b.overdue { color: var(--overdue-ink); }
section { margin: 0 0 3.25rem; }
h2 { margin: 0 0 1.1rem; padding-top: .8rem; border-top: 2px solid var(--ink); font-size: 1.35rem; line-height: 1.3; }
h3 { margin: 2rem 0 .4rem; font-size: 1.08rem; }
a { color: var(--link); text-underline-offset: .15em; }
small, .note, figcaption, caption, footer { color: var(--muted); font-size: .86rem; }
.note { max-width: 46rem; margin: 1rem 0 0; }
figure { margin: 0; }
figcaption { margin-top: .5rem; }
svg { display: block; width: 100%; }
svg.bar { height: 1rem; border-radius: .25rem; }
figure svg.bar { height: 2.25rem; }
rect, polygon { stroke: var(--paper); stroke-width: 1px; vector-effect: non-scaling-stroke; }
.grid { stroke: var(--grid); stroke-width: 1px; vector-effect: non-scaling-stroke; }
rect.kept, polygon.kept { fill: var(--kept); } .key.kept { background: var(--kept); }
rect.late, polygon.late { fill: var(--late); } .key.late { background: var(--late); }
rect.overdue, polygon.overdue { fill: var(--overdue); } .key.overdue { background: var(--overdue); }
rect.open, polygon.open { fill: var(--open); } .key.open { background: var(--open); }
rect.cancelled, polygon.cancelled { fill: var(--cancelled); } .key.cancelled { background: var(--cancelled); }
rect.due { fill: var(--due); } .key.due { background: var(--due); }
rect.unknown { fill: var(--unknown); } .key.unknown { background: var(--unknown); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: .8rem 0 0; padding: 0; list-style: none; }
.key { display: inline-block; width: .8rem; height: .8rem; margin-right: .45rem; border-radius: .2rem; }
.cards {
  display: grid; grid-template-columns: repeat(3, 1fr); gap: 1px; margin: 1.75rem 0 0;
  border: 1px solid var(--line); border-radius: .5rem; background: var(--line); overflow: hidden;
}
.card { display: flex; flex-direction: column; padding: 1rem 1.2rem; background: var(--paper); }
.card dt { color: var(--muted); font-size: .9rem; }
.card dd { margin: 0; }
.card dd b { display: block; font-size: 1.9rem; line-height: 1.25; font-weight: 650; }
.plot { position: relative; margin: .5rem 0 2.2rem 2.6rem; }
svg.areas { height: clamp(13rem, 34vw, 21rem); }
.axis span { position: absolute; color: var(--muted); font-size: .8rem; line-height: 1; white-space: nowrap; }
.axis.y span { right: 100%; margin-right: .6rem; transform: translateY(50%); }
.axis.x span { top: 100%; margin-top: .55rem; }
details { margin-top: 1rem; }
summary { color: var(--link); cursor: pointer; }
table { width: 100%; margin: 1.25rem 0 0; border-collapse: collapse; font-size: .94rem; }
caption { padding-bottom: .5rem; text-align: left; }
th, td { padding: .55rem .9rem .55rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: .82rem; font-weight: 600; vertical-align: bottom; line-height: 1.3; }
tbody th { font-weight: 500; }
th [dir], td [dir] { display: block; min-width: 11rem; overflow-wrap: anywhere; }
small [dir] { display: inline; }
th small, td small { display: block; font-weight: 400; }
.number { text-align: right; }
td.number { white-space: nowrap; }
th time, td time { white-space: nowrap; }
td svg.bar { min-width: 8rem; margin-top: .3rem; }
td .words { min-width: 13rem; white-space: pre-line; }
.tag {
  display: inline-block; padding: 0 .45em; border: 1px solid var(--overdue-ink); border-radius: .7em;
  color: var(--overdue-ink); font-size: .78rem; line-height: 1.45;
}
.meter { display: block; min-width: 7rem; height: .35rem; margin: .35rem 0; border-radius: .18rem; background: var(--wash); }
.meter span { display: block; height: 100%; border-radius: .18rem; background: var(--overdue); }
.reasons { max-width: 44rem; }
.reasons th, .reasons td { padding-top: .3rem; padding-bottom: .3rem; }
.reasons .meter { min-width: 14rem; margin-top: .6rem; }
.reasons .meter span { background: var(--link); }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); }
footer p { max-width: 52rem; margin: 0 0 .5rem; }
@media screen and (max-width: 46rem) {
  main { padding: 2rem 1.1rem 1.5rem; }
  header, section { margin-bottom: 2.25rem; }
  .cards { grid-template-columns: 1fr 1fr; }
  .card { padding: .8rem .9rem; }
  .card dd b { font-size: 1.45rem; }
  .plot { margin-left: 1.9rem; }
  table:not(.reasons), table:not(.reasons) :is(caption, tbody, tr, th, td) { display: block; }
  table:not(.reasons) thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table:not(.reasons) tr { padding: .8rem 0; border-bottom: 1px solid var(--line); }
  table:not(.reasons) :is(th, td) { padding: .12rem 0; border: 0; text-align: left; }
  table:not(.reasons) tbody th { padding-bottom: .35rem; font-weight: 600; }
  table:not(.reasons) td { position: relative; padding-left: 9.5rem; min-height: 1.7rem; }
  table:not(.reasons) td::before {
    content: attr(data-label); position: absolute; left: 0; color: var(--muted); font-size: .86rem;
  }
  th [dir], td [dir], td .words, .meter, .reasons .meter { min-width: 0; }
  .reasons td:last-child { width: 40%; }
}
@media print {
  @page { size: A4; margin: 16mm 15mm 18mm; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  html { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  header { margin-bottom: 7mm; }
  h1 { font-size: 22pt; }
  .lede { font-size: 12.5pt; }
  section { margin-bottom: 8mm; }
  h2, h3, caption { break-after: avoid; }
  tr, figure, .card, .cards { break-inside: avoid; }
  thead { display: table-header-group; }
  svg.areas { height: 62mm; }
  .card { padding: 3mm 4mm; }
  th, td { padding-right: 2.5mm; }
  th [dir], td [dir] { min-width: 30mm; }
  small [dir] { min-width: 0; }
  details { display: none; }
  a { color: inherit; text-decoration: none; }
}
)css";

}  // namespace almanac::client
