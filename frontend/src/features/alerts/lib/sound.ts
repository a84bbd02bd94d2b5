const TONES = [660, 880]; // Hz
const LENGTH = 0.14; // seconds of each

let context: AudioContext | null = null;

/** Two short tones, made here: no file. Silent where the browser wants a click before. */
export function playAlertSound(): void {
  try {
    context ??= new AudioContext();
    void context.resume(); // suspended until somebody has clicked on the page
    const start = context.currentTime;
    for (const [index, frequency] of TONES.entries()) tone(context, frequency, start + index * LENGTH);
  } catch {
    context = null; // no sound device
  }
}

function tone(audio: AudioContext, frequency: number, at: number): void {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + LENGTH);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + LENGTH);
}
