"use strict";
const T = JSON.parse(document.getElementById("texts").textContent), $ = (id) => document.getElementById(id);
const headers = { "content-type": "application/json", "x-form-key": document.body.dataset.formKey };
let audio = null;
async function load() {
  const said = await (await fetch("/api/check")).json(), form = $("trials");
  form.textContent = "";
  if (said.result) { over(said.result); return; }
  said.trials.forEach((trial, n) => {
    const box = document.createElement("fieldset"); box.className = "trial";
    const legend = document.createElement("legend"); legend.textContent = `${T.question} ${n + 1}`;
    const text = document.createElement("p"); text.textContent = T["check_" + trial.kind];
    const row = document.createElement("div"); row.className = "actions";
    const play = document.createElement("button"); play.type = "button"; play.textContent = "▶ " + T.check_play; play.setAttribute("aria-label", T.check_play + " " + (n + 1));
    play.onclick = () => { if (audio) audio.pause(); audio = new Audio(trial.url); audio.play().catch(() => {}); };
    const choices = document.createElement("span"); choices.className = "segments";
    for (const choice of trial.choices) { const label = document.createElement("label"), input = document.createElement("input"), span = document.createElement("span"); input.type = "radio"; input.name = trial.id; input.value = choice; span.textContent = choice; label.append(input, span); choices.append(label); }
    row.append(play, choices); box.append(legend, text, row); form.append(box);
  });
  form.onchange = () => ($("send").disabled = form.querySelectorAll("input:checked").length < said.trials.length);
  $("send").disabled = true; form.setAttribute("aria-busy", "false");
}
function over(result) {
  const blocked = result === "fail" && $("check").dataset.required === "yes";
  $("said").textContent = { pass: T.check_pass, fail: blocked ? T.check_fail_required : T.check_fail }[result] || "";
  $("send").hidden = $("cannot").hidden = true; $("on").hidden = blocked; if (!blocked) $("on").focus();
}
async function send(body) {
  const said = await (await fetch("/api/check", { method: "POST", headers, body: JSON.stringify(body) })).json();
  if (said.result === "fail" && said.attempts_left) { $("said").textContent = T.check_again; await load(); window.scrollTo({ top: 0 }); }
  else if (said.result) { over(said.result); if (said.result === "unavailable") location.href = "/vote"; }
  else $("said").textContent = (said.error && said.error.message) || "";
}
$("send").onclick = () => send({ answers: Object.fromEntries(new FormData($("trials"))) });
$("cannot").onclick = () => send({ unavailable: true });
load();
