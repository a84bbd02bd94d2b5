/** Speeds from -1 to 1: pan to the right, tilt upwards, zoom nearer. */
export interface Motion {
  pan: number;
  tilt: number;
  zoom: number;
}

interface Commands {
  move: (motion: Motion, seconds: number) => Promise<unknown>;
  stop: () => Promise<unknown>;
  onError: (error: unknown) => void;
}

/** For how long a command moves: where nothing follows (the browser is gone), the server stops the camera after it. */
export const LASTS_SECONDS = 5;
/** How often a movement that is held is told again, ms. */
export const AGAIN_MS = 3000;
/** Nobody holds a button for longer than a minute: that it was let go was not heard. */
const MOST_RENEWALS = 20;

/**
 * A camera that moves as long as it is held. One command is under way at a time, so that a stop never overtakes the
 * movement that it ends; of what is wanted meanwhile only the last counts. A command that failed is followed by a
 * stop, and not tried again.
 */
export class HeldMotion {
  #commands: Commands;
  #wanted: Motion | null = null;
  #sent: Motion | null = null;
  #isBusy = false;
  #again: ReturnType<typeof setInterval> | undefined;

  constructor(commands: Commands) {
    this.#commands = commands;
  }

  hold(motion: Motion): void {
    this.#wanted = motion;
    clearInterval(this.#again);
    let renewals = 0;
    this.#again = setInterval(() => {
      renewals += 1;
      if (renewals > MOST_RENEWALS) return this.release();
      this.#wanted = { ...motion };
      void this.#send();
    }, AGAIN_MS);
    void this.#send();
  }

  release(): void {
    clearInterval(this.#again);
    this.#wanted = null;
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.#sent !== this.#wanted) {
        const motion = (this.#sent = this.#wanted);
        await (motion ? this.#commands.move(motion, LASTS_SECONDS) : this.#commands.stop());
      }
    } catch (error) {
      clearInterval(this.#again);
      this.#wanted = this.#sent = null;
      this.#commands.onError(error);
      // It may move all the same, or still; where this fails too, the server stops it.
      await this.#commands.stop().catch(() => undefined);
    } finally {
      this.#isBusy = false;
    }
    if (this.#sent !== this.#wanted) void this.#send(); // held again while a failed one was stopped
  }
}
