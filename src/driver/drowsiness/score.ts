/** How the three classes of the training data (self-reported) share one blink window or several; they add up to 1. */
export interface DrowsinessProbabilities {
  /** KSS 1 to 3. */
  readonly alert: number;
  /** KSS 6 and 7. */
  readonly lowVigilant: number;
  /** KSS 8 and 9. */
  readonly drowsy: number;
}

/**
 * Judges one blink window, synchronously and without side effects: the same window gives the same numbers.
 * Injected, so that the driver graph stays pure.
 */
export interface DrowsinessScorer {
  /**
   * @param window 30 x 4, oldest blink first, as `blinkWindowInput` makes it
   * @throws VigilError `INFERENCE_FAILED`
   */
  score(window: Float32Array): DrowsinessProbabilities;
}

/** No probability counts as less: one window must not decide alone. */
const minProbability = 1e-6;

/** One opinion of several windows: their geometric mean, which is how whole videos are judged in training. */
export function pooled(scores: readonly DrowsinessProbabilities[]): DrowsinessProbabilities {
  const meanOf = (pick: (score: DrowsinessProbabilities) => number): number =>
    Math.exp(
      scores.reduce((sum, score) => sum + Math.log(Math.max(minProbability, pick(score))), 0) / scores.length,
    );
  const alert = meanOf((score) => score.alert);
  const lowVigilant = meanOf((score) => score.lowVigilant);
  const drowsy = meanOf((score) => score.drowsy);
  const sum = alert + lowVigilant + drowsy;
  return { alert: alert / sum, lowVigilant: lowVigilant / sum, drowsy: drowsy / sum };
}
