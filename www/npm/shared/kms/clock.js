// The clocks of a KMS.

import { callback, invalid } from "../check.js";

/** A clock that stands still until it is moved, and moves forward only. */
export class VirtualClock {
  #now;

  constructor(now = new Date()) {
    this.#now = millis(now, "now");
  }

  now() {
    return new Date(this.#now);
  }

  advanceTo(date) {
    this.#now = Math.max(this.#now, millis(date, "date"));
    return this.now();
  }

  advance(duration) {
    return this.advanceTo(this.after(duration));
  }

  /** The time that it will show when so much has passed. */
  after(duration) {
    const parts = Object.entries(duration ?? {});
    if (parts.length === 0) throw invalid(`a duration has some of ${Object.keys(UNITS).join(", ")}`);
    return new Date(parts.reduce((time, [unit, count]) => time + span(unit, count), this.#now));
  }
}

/** What tells the time, in milliseconds since 1970; default: the platform's clock. */
export function teller(clock = () => new Date()) {
  const tell = clock instanceof VirtualClock ? () => clock.now() : callback(clock, "clock");
  return () => {
    const now = Number(tell());
    if (!Number.isFinite(now)) throw invalid("clock did not return a valid Date");
    return now;
  };
}

/** The time of a Date, in milliseconds since 1970. */
export function millis(date, what) {
  const time = Object.prototype.toString.call(date) === "[object Date]" ? Number(date) : NaN;
  if (!Number.isFinite(time)) throw invalid(`${what} is not a valid Date`);
  return time;
}

function span(unit, count) {
  if (!Object.hasOwn(UNITS, unit)) throw invalid(`a duration has no \`${unit}\`; there is ${Object.keys(UNITS).join(", ")}`);
  if (!Number.isFinite(count) || count < 0) throw invalid(`${unit} is not a number from 0`);
  return count * UNITS[unit];
}

const UNITS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1000, milliseconds: 1 };
