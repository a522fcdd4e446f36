import { Observable, type OperatorFunction } from 'rxjs';
import { stepDriver } from './driver.js';
import { initialDriver, type DriverOptions } from './memory.js';
import type { DriverInput, DriverOutput } from './outputs.js';

/**
 * The driver graph as an RxJS operator: outputs are emitted synchronously, in order, for each input. Each
 * subscription starts with a driver nobody knows yet.
 */
export function watchDriver(options: DriverOptions): OperatorFunction<DriverInput, DriverOutput> {
  return (inputs) =>
    new Observable<DriverOutput>((subscriber) => {
      let driver = initialDriver(options);
      return inputs.subscribe({
        next: (input) => {
          const step = stepDriver(driver, input);
          driver = step.driver;
          for (const output of step.outputs) subscriber.next(output);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
