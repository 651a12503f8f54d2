"use strict";
// A microphone as uncompressed mono WAV: nothing is cleaned or levelled, since the way of speaking is what is tested.
class Recorder {
  constructor(onlevel) { this.onlevel = onlevel; this.blocks = []; this.on = false; }
  async start() {
    if (!navigator.mediaDevices || !window.AudioContext) throw Object.assign(new Error("insecure"), { name: "SecurityError" });
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule("/static/capture.js");
    await this.context.resume();
    const source = this.context.createMediaStreamSource(this.stream);
    this.node = new AudioWorkletNode(this.context, "capture", { numberOfOutputs: 0 });
    this.blocks = []; this.on = true;
    this.node.port.onmessage = (e) => { if (!this.on) return; this.blocks.push(e.data); this.onlevel(e.data, this.seconds()); };
    source.connect(this.node);
  }
  seconds() { return this.context ? (this.blocks.length * 1024) / this.context.sampleRate : 0; }
  about() {
    const track = this.stream.getAudioTracks()[0], set = track.getSettings ? track.getSettings() : {}, say = (value) => (value === undefined ? "" : value ? "on" : "off");
    return { rate_hz: String(this.context.sampleRate), echo_cancellation: say(set.echoCancellation), noise_suppression: say(set.noiseSuppression), auto_gain: say(set.autoGainControl), browser: browser() };
  }
  async stop() {
    this.on = false;
    const about = this.about(), rate = this.context.sampleRate;
    for (const track of this.stream.getTracks()) track.stop();
    await this.context.close();
    const samples = new Float32Array(this.blocks.length * 1024);
    this.blocks.forEach((block, n) => samples.set(block, n * 1024));
    return { samples, rate, about, wav: wav(samples, rate) };
  }
}
// The family and version of the browser and the system, not the whole of what it says of itself.
function browser() {
  const said = navigator.userAgent, found = said.match(/(Firefox|Edg|OPR|Chrome|Version)\/(\d+)/) || ["", "", ""];
  const system = (said.match(/Android|iPhone|iPad|Windows|Mac OS|Linux/) || [""])[0];
  const family = { Version: "Safari", Edg: "Edge", OPR: "Opera" }[found[1]] || found[1];
  return `${family} ${found[2]} ${system}`.trim().slice(0, 40);
}
function wav(samples, rate) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2)), text = (at, words) => [...words].forEach((c, n) => view.setUint8(at + n, c.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + samples.length * 2, true); text(8, "WAVEfmt "); view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, rate * 2, true); view.setUint16(32, 2, true); view.setUint16(34, 16, true); text(36, "data"); view.setUint32(40, samples.length * 2, true);
  for (let n = 0; n < samples.length; n++) view.setInt16(44 + n * 2, Math.max(-32768, Math.min(32767, Math.round(samples[n] * 32767))), true);
  return new Blob([view], { type: "audio/wav" });
}
// What can be said at once; the server looks again.
function oddities(samples, rate) {
  let peak = 0, power = 0, full = 0;
  for (const sample of samples) { const size = Math.abs(sample); peak = Math.max(peak, size); power += sample * sample; if (size > 0.998) full++; }
  const level = 10 * Math.log10(power / Math.max(1, samples.length) + 1e-12);
  if (!samples.length) return ["empty"];
  if (peak < 0.004) return ["silent"];
  return [samples.length < 0.3 * rate && "too_short", level < -45 && "too_quiet", full > 0.001 * samples.length && "clipped"].filter(Boolean);
}
