/** What an evaluation is given; `dataDir` is any folder of the evaluation data's layout. */
export interface EvaluationInput {
  readonly dataDir: string;
  /** Folder with NAME.jsonl files of recorded observations, to save running vision again. */
  readonly observationsDir?: string;
  /** Folder for a report's files; absent: none are written. */
  readonly outputDir?: string;
  /** What else was asked for on the command line, by name: `limit`, `snr`, `seeds`, `model`. */
  readonly options?: Partial<Readonly<Record<string, string>>>;
  /** Called with what is being worked on. */
  readonly progress: (step: string) => void;
}

export interface EvaluationResult {
  /** For people. */
  readonly text: string;
  /** The same figures for programs; one JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Evaluation {
  readonly name: string;
  readonly about: string;
  run(input: EvaluationInput): Promise<EvaluationResult>;
}
