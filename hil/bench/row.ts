/** One line of the benchmark table. A ratio against a peer or a limit of the same run, because machines are noisy. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Another implementation of the same work, measured in the same run. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** From the budgets table or the issue that asked. */
  readonly limit?: number;
  readonly note?: string;
}
