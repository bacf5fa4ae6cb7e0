// What the Python side writes into a page's data files (see docs/FORMAT.md, "Pages").

/** A number as JSON carries it: non-finite ones are words. */
export type Num = number | "NaN" | "Infinity" | "-Infinity";
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Tree = { [key: string]: Json };
export type State = "running" | "finished" | "failed" | "killed" | "crashed";
export type Goal = "min" | "max";

export interface Heartbeat {
  at: number;
  seq: number;
}

export interface Metric {
  key: string;
  count: number;
  last: Json;
  last_step: number;
  min: Num | null;
  max: Num | null;
  nonfinite: number;
  /** Number of the charts file that holds it; absent where nothing can be drawn. */
  group?: number;
  index?: number;
  /** Number of the file that holds its pictures or the like; absent for numbers and texts. */
  media?: number;
  goal?: Goal | null;
  /** The metric along which its chart is drawn, unless the reader chooses an axis. */
  step_metric?: string | null;
  hidden?: boolean;
}

export interface Alert {
  time: number;
  title: string;
  text: string;
  level: "info" | "warning" | "error";
}

export interface Exit {
  exit_code: number | null;
  error: { type: string; message: string; traceback: string } | null;
  signal: string | null;
}

/** A request to stop: when it was made, found by the recorder, and known to the program. */
export interface Stop {
  by: string;
  requested_at: number;
  seen_at: number;
  heard_at: number | null;
  signals: string[];
}

/** A time at which a run was taken back to an earlier step. */
export interface Rewind {
  time: number;
  step: number;
}

/** The run, by its path, whose history up to a step another began with. */
export interface Origin {
  run: string;
  step: number;
}

/** One process's share of a run. */
export interface Session {
  writer: string;
  started_at: number;
  ended_at: number | null;
}

export interface RunPayload {
  format: number;
  revision: string;
  id: string;
  name: string;
  entity: string;
  project: string;
  path: string;
  state: State;
  reason: string | null;
  created_at: number;
  ended_at: number | null;
  heartbeat: Heartbeat | null;
  stale_after_s: number;
  poll_s: number;
  duration_s: number;
  runtime_s: number;
  last_step: number | null;
  last_log_at: number | null;
  rate: number | null;
  notes: string | null;
  tags: string[];
  group: string | null;
  job_type: string | null;
  config: Tree;
  summary: Tree;
  environment: Tree;
  exit: Exit | null;
  sessions: Session[];
  /** Secondary writers, on other nodes, by name. */
  others?: Record<string, OtherWriter>;
  rewinds: Rewind[];
  stop: Stop | null;
  forked_from: Origin | null;
  alerts: Alert[];
  artifacts?: RunArtifact[];
  metrics: Metric[];
  /** Revision of each charts file, and of each media file; absent in pages of before. */
  charts?: string[];
  media?: string[];
  /** Revision of the chunks that have every point; null where the other files have it, or the run goes on. */
  exact?: string | null;
  headline: string[];
  /** Revision of the list of files; absent or null without files. */
  files?: string | null;
  /** Whether the machine was sampled: then there is data/system.js. */
  system?: boolean;
  /** Whether the program wrote anything: then there is data/log.js. */
  log?: boolean;
}

/** A process on another node that writes to the run, too. */
export interface OtherWriter {
  host: string;
  label: string | null;
  state: State;
  reason: string | null;
}

/** An artifact that a run logged or used. */
export interface RunArtifact {
  direction: "output" | "input";
  name: string;
  type: string;
  /** Null while it is not stored. */
  version: string | null;
  /** `entity/project/name:version`. */
  path: string | null;
  size: number | null;
  files: number | null;
  time: number;
  /** As they were given. */
  aliases?: string[] | null;
  /** Why it was not stored. */
  problem?: string | null;
}

/** A version of an artifact: `artifacts/<name>/<version>.js`. */
export interface ArtifactPayload {
  path: string;
  digest: string;
  description: string | null;
  metadata: Tree;
  tags: string[];
  created_at: number;
  made_by: string;
  /** Files in all; `files` has the first of them as path, size and the address of a reference. */
  count: number;
  files: [path: string, size: number | null, ref: string | null][];
}

export interface ArtifactRow {
  name: string;
  type: string;
  version: string;
  size: number;
  files: number;
  created_at: number;
  made_by: string;
  aliases: string[];
  used_by: string[];
}

export interface ArtifactsPayload {
  format: number;
  revision: string;
  entity: string;
  project: string;
  artifacts: ArtifactRow[];
}

export interface LivePayload {
  run: string;
  revision: string;
  state: State;
  heartbeat: Heartbeat | null;
  last_step: number | null;
  last_log_at: number | null;
  ended_at: number | null;
  /** Revision of data/system.js. */
  system?: string | null;
  /** Revision of data/log.js. */
  log?: string | null;
}

/** The console log, of which each data/log-<n>.js has a piece. */
export interface LogPayload {
  run: string;
  revision: string;
  lines: number;
  /** First line of each piece. */
  starts: number[];
  /** Lines that tell of an error. */
  errors: number[];
  left_out: number;
  not_text: number;
  raw: string[];
  raw_left_out: number;
}

export interface LogChunkPayload {
  run: string;
  number: number;
  first: number;
  lines: string[];
  /** Time of the first line, in microseconds since the epoch; and of each, milliseconds after it. */
  start: number;
  after_ms: number[];
}

/** One system metric of one node. */
export interface SystemMetric {
  key: string;
  host: string;
  group: number;
  index: number;
  last: Num;
  min: Num;
  max: Num;
}

export interface SystemPayload {
  run: string;
  revision: string;
  metrics: SystemMetric[];
}

export interface SeriesHead {
  key: string;
  index: number;
  /** Points logged. */
  count: number;
  /** Width of a bucket in steps; 1 where every point is there. */
  width: number;
  /** Points (or buckets) in this file. */
  points: number;
  /** Whether a finer file exists. */
  detail: boolean;
}

export interface ChartsPayload {
  run: string;
  group: number;
  revision: string;
  series: SeriesHead[];
  z: string;
}

/** Where every point of the long metrics is. */
export interface ExactPayload {
  run: string;
  revision: string;
  /** Name of an axis (the steps and times that chunks share): first and last step, least and greatest time, points. */
  axes: { [axis: string]: [number, number, number, number, number] };
  /** Number of a metric: the axis of each of its chunks. */
  metrics: { [index: string]: string[] };
}

export interface AxisPayload {
  run: string;
  axis: string;
  points: number;
  z: string;
}

export interface PointsPayload {
  run: string;
  index: number;
  axis: string;
  points: number;
  /** Whether the values are float32, exactly. */
  single: boolean;
  z: string;
}

export interface FilesPayload {
  /** How many there are; the list may be cut. */
  total: number;
  /** Path, bytes, time (microseconds since the epoch), and the name of a preview. */
  files: [string, number, number, string | null][];
  /** What was not taken, and why. */
  skipped: [string, string][];
}

/** The beginning of a text. */
export interface PreviewPayload {
  text: string;
  cut: boolean;
}

/** Something to look at or listen to, as docs/FORMAT.md, "Media", has it. */
export type MediaItem = { readonly kind: string; readonly [name: string]: Json };

export interface MediaPayload {
  run: string;
  key: string;
  kind: string;
  revision: string;
  /** Steps that share a place in the list; 1 where every step is there. */
  width: number;
  steps: number[];
  times: number[];
  z: string;
}

/** A piece of a table, a figure, or a thing in space. */
export interface ContentPayload {
  z: string;
  columns?: string[];
  rows?: number;
  chunks?: number;
  points?: number;
  coloured?: boolean;
  /** Of a mesh. */
  triangles?: number;
  /** What of it is not drawn. */
  note?: string;
  low?: number[];
  high?: number[];
}

/** Rows of a project's table. */
export interface TablePayload {
  revision: string;
  columns: string[];
  /** Metrics in one charts file. */
  group_size: number;
  z: string;
}

export interface ProjectPayload extends TablePayload {
  format: number;
  /** Whether there is a page of artifacts. */
  artifacts?: boolean;
  entity: string;
  project: string;
  /** Revisions, as the pulse has them. */
  settled: string;
  running: string;
}

/** What a project's page looks at again and again. */
export interface PulsePayload {
  /** Revision of the table without what runs that go on change in their own rows. */
  settled: string;
  /** Revision of data/running.js, which has those rows. */
  running: string;
  poll_s: number;
}

/** Which metrics of a run have charts, in the order of their files; runs share these. */
export interface ChartList {
  keys: string[];
  goals: { [key: string]: Goal };
  hidden: string[];
  /** The metric along which a chart is drawn, where the user named one. */
  along?: { [key: string]: string };
}

export interface ProjectEntry {
  entity: string;
  project: string;
  runs: number;
  states: { [state: string]: number };
  last_activity: number | null;
  /** Runs per day over the last 30 days up to `last_activity`. */
  activity: number[];
}

export interface RootPayload {
  format: number;
  revision: string;
  projects: ProjectEntry[];
}

export interface Payloads {
  run: RunPayload;
  live: LivePayload;
  charts: ChartsPayload;
  detail: ChartsPayload;
  system: SystemPayload;
  exact: ExactPayload;
  axis: AxisPayload;
  points: PointsPayload;
  artifact: ArtifactPayload;
  artifacts: ArtifactsPayload;
  log: LogPayload;
  lines: LogChunkPayload;
  files: FilesPayload;
  preview: PreviewPayload;
  media: MediaPayload;
  content: ContentPayload;
  project: ProjectPayload;
  pulse: PulsePayload;
  running: TablePayload;
  root: RootPayload;
}
export type Kind = keyof Payloads;
