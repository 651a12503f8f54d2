"use strict";
// Runs beside the page: hands on what the microphone gives, in blocks of about 20 ms.
class Capture extends AudioWorkletProcessor {
  constructor() { super(); this.kept = new Float32Array(1024); this.filled = 0; }
  process(inputs) {
    const channel = inputs[0] && inputs[0][0];
    if (channel) {
      for (const sample of channel) {
        this.kept[this.filled++] = sample;
        if (this.filled === this.kept.length) { this.port.postMessage(this.kept.slice()); this.filled = 0; }
      }
    }
    return true;
  }
}
registerProcessor("capture", Capture);
