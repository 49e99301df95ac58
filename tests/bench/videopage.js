// One viewer by WHEP that reads the time of capture out of each picture that is displayed (simulator/film/barcode.py).
"use strict";
const COLUMNS = 32, ROWS = 2, ACROSS = 80, SYNC = 0b10110010;
const seen = { ages: [], unreadable: 0, first: null, frames: 0 };
const canvas = new OffscreenCanvas(1280, 64);
const context = canvas.getContext("2d", { willReadFrequently: true });

const crc8 = (bytes) => bytes.reduce((crc, byte) => {
  crc ^= byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  return crc;
}, 0);

function timeIn(video) {
  const cell = video.videoWidth / ACROSS, left = video.videoWidth - (COLUMNS + 1) * cell;
  context.drawImage(video, left, cell, COLUMNS * cell, ROWS * cell, 0, 0, COLUMNS * 4, ROWS * 4);
  const pixels = context.getImageData(0, 0, COLUMNS * 4, ROWS * 4).data;
  const bytes = new Array(8).fill(0);
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const green = pixels[4 * ((row * 4 + 2) * COLUMNS * 4 + column * 4 + 2) + 1];
      const place = row * COLUMNS + column;
      if (green > 125) bytes[place >> 3] |= 0x80 >> (place & 7);
    }
  }
  if (bytes[0] !== SYNC || crc8(bytes.slice(0, 7)) !== bytes[7]) return null;
  return bytes.slice(1, 7).reduce((value, byte) => value * 256 + byte, 0);
}

function displayed(now, metadata) {
  const at = performance.timeOrigin + Math.max(now, metadata.expectedDisplayTime);
  const taken = timeIn(video);
  seen.frames += 1;
  if (seen.first === null) seen.first = performance.now();
  if (taken === null) seen.unreadable += 1;
  else seen.ages.push(at - taken);
  video.requestVideoFrameCallback(displayed);
}

async function watch(url, ticket) {
  video.requestVideoFrameCallback(displayed);
  const peer = new RTCPeerConnection();
  const transceiver = peer.addTransceiver("video", { direction: "recvonly" });
  transceiver.receiver.jitterBufferTarget = 0;
  peer.ontrack = (event) => { video.srcObject = new MediaStream([event.track]); };
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise((resolve) => {
    if (peer.iceGatheringState === "complete") resolve();
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
  });
  const answer = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${ticket}`, "Content-Type": "application/sdp" },
    body: peer.localDescription.sdp,
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  window.peer = peer;
}
