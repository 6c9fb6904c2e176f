/** How the HTML page looks, in light and dark, on wide screens and narrow ones. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --dim: #59636e; --back: #fff; --raised: #f6f8fa; --line: #d1d9e0;
  --good: #116329; --good-back: #dafbe1; --bad: #a40e26; --bad-back: #ffebe9; --other: #7d4e00; --other-back: #fff8c5; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --dim: #9198a1; --back: #0d1117; --raised: #161b22; --line: #3d444d;
    --good: #56d364; --good-back: #12261e; --bad: #ff938a; --bad-back: #2d1618; --other: #e3b341; --other-back: #272115; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem clamp(0.75rem, 3vw, 2rem) 4rem; }
h1 { font-size: 1.75rem; margin: 0.5rem 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.75rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; scroll-margin-top: 1rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; }
th, td { padding: 0.4rem 0.75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { background: var(--raised); min-width: 5.5rem; overflow-wrap: break-word; max-width: 14rem; }
th[scope="row"] { font-weight: 400; min-width: 9rem; overflow-wrap: anywhere; }
tr > :first-child { position: sticky; left: 0; background: var(--back); border-right: 1px solid var(--line); }
thead tr > :first-child { background: var(--raised); }
td { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.passed, th.passed { color: var(--good); }
td.differs, th.differs { color: var(--bad); }
td.differs { background: var(--bad-back); }
td.unsupported, td.skipped, td.missing, th.unsupported, th.skipped, th.missing { color: var(--other); }
td a { color: inherit; }
small { display: block; color: var(--dim); white-space: normal; min-width: 10rem; max-width: 22rem; overflow-wrap: anywhere; }
article { margin: 1rem 0; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 6px; }
article p { margin: 0.75rem 0 0.25rem; overflow-wrap: anywhere; }
.place { color: var(--dim); font-size: 0.875rem; }
.error { color: var(--bad); overflow-wrap: anywhere; }
pre { margin: 0.25rem 0; padding: 0.5rem 0.75rem; overflow-x: auto; background: var(--raised); border-radius: 6px;
  font: 0.875rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre.diff { white-space: pre-wrap; overflow-wrap: anywhere; }
.del { color: var(--good); }
.ins { color: var(--bad); }
.same, .gap { color: var(--dim); }
:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
`;
