#pragma once
// The pages that the pump carries in its flash.

#include <string_view>

namespace pump {

inline constexpr std::string_view manual_text =
    "EMP-3200 volumetric infusion pump (simulated), service manual, page 1 of 1.\n"
    "This is an example program. It pumps nothing.\n";

inline constexpr std::string_view panel_html = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="iso-8859-1">
<title>EMP-3200 service panel</title>
<style>
body { font: 16px Verdana, sans-serif; background: #c9d3dc; margin: 0; }
header { background: #24435c; color: #fff; padding: 12px 20px; font-size: 20px; }
main { display: flex; flex-wrap: wrap; gap: 16px; padding: 20px; }
section { background: #f4f6f8; border: 2px outset #dde; padding: 14px 18px; min-width: 270px; }
h2 { font-size: 15px; margin: 0 0 10px; color: #24435c; }
.lcd { background: #b7c9a0; border: 2px inset #889; font: 22px monospace; padding: 10px 14px; color: #1c2a10; }
.lcd b { display: inline-block; min-width: 6ch; text-align: right; }
label { display: block; margin: 6px 0 2px; }
input { font: inherit; width: 9em; }
button { font: inherit; padding: 4px 14px; margin: 8px 6px 0 0; }
#says { min-height: 1.4em; padding: 0 20px; }
</style>
</head>
<body>
<header>EMP-3200 service panel <small>(simulated pump)</small></header>
<main>
<section>
<h2>Infusion</h2>
<div class="lcd">
<div>RATE <b id="rate">-</b> ml/h</div>
<div>VTBI <b id="vtbi">-</b> ml</div>
<div>VOL&nbsp; <b id="infused">-</b> ml</div>
<div id="state">-</div>
</div>
<form method="post" action="/infusion" data-live>
<button name="action" value="start">Start</button>
<button name="action" value="stop">Stop</button>
</form>
</section>
<section>
<h2>Parameters</h2>
<form method="post" action="/infusion" data-live>
<label for="rate_ml_h">Rate, ml/h</label>
<input id="rate_ml_h" name="rate_ml_h" inputmode="decimal" required>
<label for="vtbi_ml">Volume to be infused, ml</label>
<input id="vtbi_ml" name="vtbi_ml" inputmode="decimal" required>
<br><button>Set</button>
</form>
</section>
<section>
<h2>Service</h2>
<div id="service">-</div>
<form method="post" action="/service-mode" data-live>
<button name="action" value="enter">Enter service mode</button>
<button name="action" value="leave">Leave</button>
</form>
<h2 style="margin-top:18px">Firmware</h2>
<div id="firmware">-</div>
<form id="flash"><input type="file" id="image" style="width:auto" aria-label="Firmware image"><br>
<button>Load without checks</button></form>
<p><a href="/log">Event log</a> | <a href="/manual">Manual</a> | <a href="/debug">Debug</a></p>
</section>
</main>
<div id="says" role="status"></div>
<script>
var $ = function (id) { return document.getElementById(id); };
function show(s) {
  $('rate').textContent = s.rate_ml_h.toFixed(1);
  $('vtbi').textContent = s.vtbi_ml.toFixed(1);
  $('infused').textContent = s.infused_ml.toFixed(2);
  $('state').textContent = s.running ? 'RUNNING' : 'STOPPED';
  $('service').textContent = s.service_mode ? 'Service mode: ON, motor locked' : 'Service mode: off';
  $('firmware').textContent = s.firmware;
}
function told(r) {
  if (!r.ok) return r.text().then(function (t) { $('says').textContent = t; });
  $('says').textContent = '';
  return r.json().then(show);
}
function lost() { $('says').textContent = 'No answer from the pump.'; }
function poll() { fetch('/infusion').then(told).catch(lost); }
document.querySelectorAll('form[data-live]').forEach(function (form) {
  form.addEventListener('submit', function (e) {
    e.preventDefault();
    var data = new URLSearchParams(new FormData(form));
    if (e.submitter && e.submitter.name) data.set(e.submitter.name, e.submitter.value);
    fetch(form.getAttribute('action'), { method: 'POST', body: data }).then(told).catch(lost);
  });
});
$('flash').addEventListener('submit', function (e) {
  e.preventDefault();
  var file = $('image').files[0];
  if (!file) return;
  fetch('/firmware', { method: 'POST', body: file }).then(told).catch(lost);
});
poll();
setInterval(poll, 2000);
</script>
</body>
</html>
)html";

}  // namespace pump
