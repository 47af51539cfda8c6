// Which requests are traced, and how that is changed while the process runs.

export interface TraceSettings {
  readonly on: boolean;
  /** One request in so many begins a trace, at least 1. */
  readonly rate: number;
  /** So many requests are still traced; -1: any number. */
  readonly count: number;
}

export interface TraceControl {
  /** As they were at the start. */
  readonly initial: TraceSettings;
  readonly now: TraceSettings;
  change(settings: Partial<TraceSettings>): void;
}
