/** The options of SET and GETEX, which share their times: each may repeat, and excludes the others of its kind. */
import type { Request } from '../resp/request.js';
import { timeUnitAt, type TimeUnit } from './deadlines.js';

/** One object is used again for every request. */
export class ValueOptions {
  onlyIfAbsent = false;
  onlyIfPresent = false;
  returnOld = false;
  keepTtl = false;
  persist = false;
  timeUnit: TimeUnit | undefined;
  /** Which argument holds the time of `timeUnit`. */
  timeIndex = 0;

  /** False on a syntax error. `allowsConditions`: NX, XX, GET and KEEPTTL belong to SET, PERSIST to GETEX. */
  parse(request: Request, from: number, allowsConditions: boolean): boolean {
    this.onlyIfAbsent = this.onlyIfPresent = this.returnOld = this.keepTtl = this.persist = false;
    this.timeUnit = undefined;
    for (let index = from; index < request.argc; index++) {
      const isFlag = allowsConditions ? this.parseSetFlag(request, index) : this.parsePersist(request, index);
      if (isFlag) continue;
      if (!this.parseTime(request, index)) return false;
      index++;
    }
    return true;
  }

  private parseSetFlag(request: Request, index: number): boolean {
    if (request.is(index, 'NX') && !this.onlyIfPresent) return (this.onlyIfAbsent = true);
    if (request.is(index, 'XX') && !this.onlyIfAbsent) return (this.onlyIfPresent = true);
    if (request.is(index, 'GET')) return (this.returnOld = true);
    if (request.is(index, 'KEEPTTL') && this.timeUnit === undefined) return (this.keepTtl = true);
    return false;
  }

  private parsePersist(request: Request, index: number): boolean {
    return request.is(index, 'PERSIST') && this.timeUnit === undefined && (this.persist = true);
  }

  private parseTime(request: Request, index: number): boolean {
    const unit = timeUnitAt(request, index);
    const isExcluded = this.keepTtl || this.persist || (this.timeUnit !== undefined && this.timeUnit !== unit);
    if (unit === undefined || isExcluded || index + 1 >= request.argc) return false;
    this.timeUnit = unit;
    this.timeIndex = index + 1;
    return true;
  }
}
