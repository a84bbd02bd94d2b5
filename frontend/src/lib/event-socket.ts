import type { AlertOut, CameraOut, JobOut, SightingOut } from "@/client/types.gen";

export interface Records {
  detections: SightingOut;
  recognitions: SightingOut;
  alerts: AlertOut;
  cameras: CameraOut;
  jobs: JobOut;
}
export type Topic = keyof Records;
export type Connection = "connecting" | "open" | "reconnecting" | "closed";
export type Listener<T extends Topic> = (record: Records[T]) => void;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
const BAD_MESSAGE = 4400;
const NO_LOGIN = 4401;
const FORBIDDEN = 4403;
const SILENT_BEATS = 2.5; // heartbeats that may fail before the line counts as dead

interface Told {
  type: string;
  id?: string;
  topic?: Topic;
  data?: Records[Topic];
  heartbeat_seconds?: number;
  last_event_id?: string | null;
}

interface Options {
  url: string;
  topics: Topic[];
  /** Events are missing: what is shown has to be read again. */
  onGap: () => void;
  /** The login has ended. True where it was renewed and connecting again makes sense. */
  onNoLogin: () => Promise<boolean>;
  onState: (state: Connection) => void;
}

/** One connection to /v1/ws that comes back by itself and misses nothing: it resumes after the last event it had. */
export class EventSocket {
  private socket: WebSocket | null = null;
  private last: string | null = null;
  private failures = 0;
  private wasOpen = false;
  private beat = 15;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private wanted = false;
  /** Something may have happened that this line has not heard of and cannot ask for. */
  private isBehind = false;
  private readonly listeners = new Map<Topic, Set<Listener<Topic>>>();

  constructor(private readonly options: Options) {}

  connect(): void {
    this.wanted = true;
    if (this.socket) return;
    clearTimeout(this.timer);
    this.options.onState(this.failures || this.last ? "reconnecting" : "connecting");
    if (!this.last && (this.failures || this.wasOpen)) this.isBehind = true;
    const resume = this.last ? `&last_event_id=${encodeURIComponent(this.last)}` : "";
    const socket = new WebSocket(`${this.options.url}?topics=${this.options.topics.join(",")}${resume}`);
    this.socket = socket;
    socket.onmessage = (event) => this.take(String(event.data));
    socket.onclose = (event) => {
      if (this.socket === socket) void this.lost(event.code);
    };
    this.watch();
  }

  disconnect(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    this.drop();
    this.options.onState("closed");
  }

  /** Anew with the cookies of now, at once: after a login was renewed, or the network came back. */
  reconnect(): void {
    if (!this.wanted) return;
    this.drop();
    this.connect();
  }

  /** Do not wait any longer: the server answers, or somebody looks. */
  hurry(): void {
    if (this.wanted && !this.socket) this.connect();
  }

  subscribe<T extends Topic>(topic: T, listener: Listener<T>): () => void {
    const known = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, known);
    const one = listener as Listener<Topic>;
    known.add(one);
    return () => known.delete(one);
  }

  /** The server does not know where we were. */
  private forget(): void {
    this.last = null;
    this.isBehind = true;
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private take(text: string): void {
    this.watch();
    const told = JSON.parse(text) as Told;
    if (told.type === "welcome") this.welcomed(told);
    else if (told.type === "gap") this.options.onGap();
    else if (told.type === "event" && told.topic && told.data) this.tell(told.topic, told.data, told.id);
  }

  private welcomed(told: Told): void {
    this.failures = 0;
    this.wasOpen = true;
    this.beat = told.heartbeat_seconds ?? this.beat;
    this.last ??= told.last_event_id ?? null;
    this.options.onState("open");
    if (!this.isBehind) return;
    this.isBehind = false;
    this.options.onGap();
  }

  private tell(topic: Topic, record: Records[Topic], id: string | undefined): void {
    this.last = id ?? this.last;
    for (const listener of this.listeners.get(topic) ?? []) listener(record);
  }

  private watch(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.reconnect(), this.beat * SILENT_BEATS * 1000);
  }

  private async lost(code: number): Promise<void> {
    this.socket = null;
    clearTimeout(this.watchdog);
    if (!this.wanted || code === FORBIDDEN) return this.options.onState("closed");
    this.options.onState("reconnecting");
    if (code === NO_LOGIN && !(await this.options.onNoLogin())) return this.options.onState("closed");
    if (code === BAD_MESSAGE) this.forget();
    this.failures += 1;
    this.timer = setTimeout(() => this.connect(), wait(this.failures));
  }
}

/** Doubling, with jitter so that a thousand browsers do not come back in the same moment. */
function wait(failures: number): number {
  const most = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
  return most / 2 + (Math.random() * most) / 2;
}
