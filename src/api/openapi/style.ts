/** Of the page at /docs. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; box-sizing: border-box; padding: 1rem; border-right: 1px solid var(--line); font-size: 13px; }
nav h1 { font-size: 1.4rem; margin: 0; } nav h2 { font-size: 13px; margin: 1rem 0 .2rem; }
nav ul { list-style: none; margin: 0; padding: 0; } nav a { color: inherit; text-decoration: none; } nav a:hover { text-decoration: underline; }
main { padding: 1rem 2rem 6rem; max-width: 62rem; min-width: 0; }
section > h2 { margin-top: 3rem; border-bottom: 2px solid var(--line); }
article { margin: 2rem 0; } h3 { margin: 0; } h4 { margin: 1rem 0 .3rem; }
.call { margin: .3rem 0; } .call b { padding: .1rem .5rem; border-radius: .3rem; background: #468; color: #fff; font-size: 12px; }
.call .post { background: #285; } .call .put, .call .patch { background: #a60; } .call .delete { background: #b33; }
.call span { margin-left: 1rem; opacity: .8; font-size: 13px; }
code, pre { font: 13px/1.45 ui-monospace, monospace; } code { background: var(--soft); padding: 0 .25em; border-radius: .2em; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .8rem; overflow: auto; border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } td { border-top: 1px solid var(--line); padding: .25rem .6rem .25rem 0; vertical-align: top; }
small { opacity: .8; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border: 0; } main { padding: 1rem; } }
`;
