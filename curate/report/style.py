"""How the page looks: on a light or dark screen, and printed."""

__all__ = ["STYLE"]

STYLE = """
:root { color-scheme: light dark; --page: #f6f6f4; --card: #ffffff; --text: #23262b; --quiet: #5d636c; --line: #dcdcd7;
  --accent: #0b5d8f; --warn: #a8400a; --heat: #004a7c;
  --s1: #0072b2; --s2: #e69f00; --s3: #009e73; --s4: #cc79a7; --s5: #d55e00;
  --s6: #56b4e9; --s7: #8a8f98 }
@media (prefers-color-scheme: dark) {
  :root { --page: #16181b; --card: #1f2226; --text: #e5e7ea; --quiet: #a0a6af; --line: #363a41; --accent: #6bb8e6;
    --warn: #f0955c; --heat: #7cc4f0;
    --s1: #4ba3dd; --s2: #e9b44c; --s3: #3cc39c; --s4: #dc9cc0; --s5: #ec8150; --s6: #9fd4f5;
    --s7: #9aa0a9 }
}
* { box-sizing: border-box }
html { scroll-behavior: smooth }
body { margin: 0 auto; max-width: 1120px; padding: 32px 28px 64px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: 28px; font-weight: 650; overflow-wrap: anywhere }
h2 { margin: 0 0 10px; font-size: 20px; font-weight: 650 }
h3 { margin: 0 0 8px; font-size: 15px; font-weight: 650; overflow-wrap: anywhere }
p { margin: 0 0 10px; max-width: 78ch; overflow-wrap: anywhere }
.note, figcaption, caption { color: var(--quiet); font-size: 13px }
.warning { border-left: 4px solid var(--warn); padding: 8px 14px; background: var(--card) }
ul { margin: 0; padding-left: 22px; max-width: 90ch; overflow-wrap: anywhere }
li { margin-bottom: 5px }
nav { margin: 18px 0 0; font-size: 14px; line-height: 2 }
nav a { display: inline-block; margin-right: 16px; color: var(--accent); text-decoration: none }
nav a:hover { text-decoration: underline }
section { margin-top: 36px; padding-top: 18px; border-top: 1px solid var(--line) }
section > * + *, header > * + *, .card > * + * { margin-top: 14px }
.card { padding: 14px 16px; border: 1px solid var(--line); border-radius: 8px; background: var(--card) }
.row { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start }
.row > * { flex: 1 1 300px; min-width: 0 }
.beside > *, .groups > * { flex: 0 1 auto; margin: 0 }
.groups h3 { width: 0; min-width: 100% }
.sheet > * { flex: 0 1 calc(50% - 8px) }
.table { overflow-x: auto }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums }
caption { caption-side: top; padding: 2px 0 6px; text-align: left; font-weight: 600 }
th, td { padding: 4px 14px 4px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
td code { overflow-wrap: normal }
.long { overflow-wrap: anywhere }
.whole { white-space: nowrap }
th { color: var(--quiet); font-weight: 600 }
.number { text-align: right; white-space: nowrap }
code, pre { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
pre { margin-inline: 0; margin-bottom: 0; padding: 12px 14px; border: 1px solid var(--line); border-radius: 8px;
  background: var(--card); white-space: pre-wrap }
.plot { margin-inline: 0; margin-bottom: 0; break-inside: avoid }
.plot svg { display: block; max-width: 100%; height: auto }
.plot svg text { font-family: system-ui, sans-serif !important }
.plot figcaption { margin-top: 4px; max-width: 78ch }
.faces { display: flex; flex-wrap: wrap; gap: 12px }
.face { width: 84px; margin: 0; break-inside: avoid }
.face img { display: block; width: 84px; height: 84px; object-fit: contain; border-radius: 4px;
  background: var(--page); box-shadow: 0 0 0 1px var(--line) }
.face figcaption { margin-top: 5px; font-size: 12px; line-height: 1.35 }
.face figcaption span { display: block; overflow-wrap: anywhere }
footer { margin-top: 44px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 13px }
@page { size: A4; margin: 14mm }
@media print {
  :root { color-scheme: light; --page: #ffffff; --card: #ffffff; --text: #000000; --quiet: #444444; --line: #bbbbbb;
    --accent: #0b5d8f; --warn: #a8400a; --heat: #004a7c;
  --s1: #0072b2; --s2: #e69f00; --s3: #009e73; --s4: #cc79a7; --s5: #d55e00;
    --s6: #56b4e9; --s7: #8a8f98 }
  body { max-width: none; padding: 0; font-size: 10pt; line-height: 1.4; print-color-adjust: exact }
  nav { display: none }
  section { margin-top: 7mm; padding-top: 4mm }
  h2, h3, caption { break-after: avoid }
  .card, .plot, .face, .table, tr, pre, .warning { break-inside: avoid }
  .table { overflow: visible }
  table, code, pre { font-size: 8.5pt }
  .face, .face img { width: 14.5mm }
  .face img { height: 14.5mm }
  .faces { gap: 1.5mm }
  .card { padding: 2.5mm 3mm }
  .face figcaption { font-size: 7pt }
  .plot svg { max-height: 235mm }
}
"""
