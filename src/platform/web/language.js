// The viewer's language and calendar, as `Intl` knows them.

/** The page's own texts have the digits 0 to 9. */
const DIGITS = { numberingSystem: "latn" };

const numbers = (options) => new Intl.NumberFormat(undefined, { ...DIGITS, ...options });
const dates = (options) => new Intl.DateTimeFormat(undefined, { ...DIGITS, ...options });

/** The samples of a `Language`, one a line: its tag, 1234, −1234567.8, 0.5 as a percentage,
 * and the powers of ten from the third to the fourteenth in short. */
export function language() {
  const plain = numbers();
  const compact = numbers({ notation: "compact" });
  const powers = Array.from({ length: 12 }, (_, n) => compact.format(10 ** (n + 3)));
  return [
    plain.resolvedOptions().locale,
    plain.format(1234),
    plain.format(-1234567.8),
    numbers({ style: "percent" }).format(0.5),
    ...powers,
  ].join("\n");
}

/** Ages in the viewer's language, and a time zone's clock and calendar. Times are
 * milliseconds since the Unix epoch. */
export class Calendar {
  /** The calendar of an IANA time zone; the browser's for `undefined` and unknown zones. */
  constructor(timeZone) {
    try {
      dates({ timeZone });
    } catch {
      timeZone = undefined;
    }
    const clock = { timeZone, hourCycle: "h23", hour: "2-digit", minute: "2-digit" };
    this.minutes = dates(clock);
    this.seconds = dates({ ...clock, second: "2-digit" });
    this.days = dates({ timeZone, month: "short", day: "numeric" });
    this.moments = dates({ timeZone, dateStyle: "medium", timeStyle: "long" });
    const ages = { ...DIGITS, style: "short", numeric: "auto" };
    this.ages = new Intl.RelativeTimeFormat(undefined, ages);
    // `Date` knows the offset of the browser's own zone.
    const offset = { timeZone, timeZoneName: "longOffset" };
    this.offsets = timeZone && new Intl.DateTimeFormat("en-US", offset);
  }

  ago(count, unit) {
    return this.ages.format(-count, unit);
  }

  clock(at, seconds) {
    return (seconds ? this.seconds : this.minutes).format(at);
  }

  day(at) {
    return this.days.format(at);
  }

  moment(at) {
    return this.moments.format(at);
  }

  /** In minutes, positive to the east. */
  utcOffset(at) {
    if (!this.offsets) return -new Date(at).getTimezoneOffset();
    // Such as `3/8/2024, GMT+05:45`, or `3/8/2024, GMT`.
    const offset = this.offsets.format(at).match(/([+-])(\d+):(\d+)$/);
    if (!offset) return 0;
    const [, sign, hours, minutes] = offset;
    return Number(sign + (hours * 60 + Number(minutes)));
  }
}
