#include "edge/api/pages/layout.h"

namespace sallyport::api {

std::string_view style_sheet() noexcept {
    return R"(:root{--ink:#14212b;--paper:#f6f8f9;--card:#fff;--line:#cfd8dd;--edge:#667680;--accent:#0b5c7a;--accent-ink:#fff;--warn:#8a3b00;--good:#1c6b3c}
@media (prefers-color-scheme:dark){:root{--ink:#e7eef2;--paper:#10171c;--card:#18222a;--line:#33444f;--edge:#8296a2;--accent:#6cc4e4;--accent-ink:#06232f;--warn:#ffb27a;--good:#8fdcaf}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header{display:flex;gap:2rem;align-items:center;flex-wrap:wrap;padding:.75rem 1.5rem;background:var(--card);border-bottom:1px solid var(--line)}
.skip{position:absolute;left:-99rem;padding:.5rem 1rem;background:var(--accent);color:var(--accent-ink)}
.skip:focus{left:.5rem;top:.5rem}
.serial,.ward{font-size:1.4rem}
.ward{margin-left:1rem}
.brand{font-weight:700;text-decoration:none;color:var(--ink);letter-spacing:.02em}
nav{display:flex;flex:1;flex-wrap:wrap;justify-content:space-between;gap:1rem;align-items:center}
nav ul{display:flex;flex-wrap:wrap;gap:1rem;list-style:none;margin:0;padding:0}
.who{display:flex;gap:.75rem;align-items:center}
a{color:var(--accent)}
main{max-width:68rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.6rem;margin:.5rem 0 1rem;overflow-wrap:anywhere;hyphens:auto}
h2{font-size:1.15rem;margin:2rem 0 .5rem}
h3{font-size:1.05rem;margin:1.25rem 0 .5rem}
form:not(.inline){display:grid;gap:.9rem;max-width:32rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1.25rem}
form.inline{display:inline-flex;gap:.5rem;margin:0}
label{display:grid;gap:.25rem;font-weight:600}
input,select,textarea{font:inherit;font-weight:400;color:inherit;background:var(--paper);border:1px solid var(--edge);border-radius:.35rem;padding:.55rem .65rem;width:100%}
form.inline input{width:auto}
label:has([type=checkbox]){grid-template-columns:auto 1fr;gap:.6rem;align-items:start}
[type=checkbox]{width:auto;margin:.35rem 0 0}
button,.button{font:inherit;font-weight:600;border:0;border-radius:.35rem;padding:.55rem 1rem;background:var(--accent);color:var(--accent-ink);cursor:pointer;text-decoration:none;display:inline-block}
:focus-visible{outline:3px solid var(--warn);outline-offset:2px}
table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line)}
th,td{text-align:left;padding:.5rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}
@media (max-width:40rem){main,header{padding:1rem}table{display:block;position:relative;overflow-x:auto}}
.cards{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(18rem,1fr));padding:0;list-style:none}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1.1rem}
.card h2,.card h4{margin-top:0}
.role{margin-bottom:1rem}
.role dl{display:grid;grid-template-columns:minmax(8rem,12rem) 1fr;gap:.35rem 1rem;margin:0}
.role dt{font-weight:600}
.role dd{margin:0;overflow-wrap:anywhere}
form.wide:not(.inline){max-width:none}
textarea[spellcheck=false]{font-family:ui-monospace,monospace;font-size:.85rem}
pre{overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.changes td{overflow-wrap:anywhere}
.weaker{color:var(--warn)}
@media (max-width:40rem){.role dl{grid-template-columns:1fr}.role dd{margin-bottom:.4rem}}
[role=alert]{border-left:.3rem solid var(--warn);padding:.6rem 1rem;background:var(--card)}
.note{border-left:.3rem solid var(--accent);padding:.6rem 1rem;background:var(--card)}
code,.codes{font-family:ui-monospace,monospace}
.codes{columns:2;list-style:none;padding:1rem;background:var(--card);border:1px solid var(--line)}
.qr{background:#fff;padding:1rem;width:16rem;border-radius:.5rem}
.qr svg{width:100%;height:auto;display:block}
small{opacity:.85}
footer{display:flex;gap:1rem;justify-content:center;padding:1rem}
[hidden]{display:none!important}
#session-watch{position:fixed;inset:auto 0 0 0;display:flex;gap:1rem;align-items:center;justify-content:center;flex-wrap:wrap;padding:.75rem 1.5rem;background:var(--card);border-top:.3rem solid var(--warn)}
#session-watch p{margin:0;border:0;padding:0}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)})";
}

}  // namespace sallyport::api
