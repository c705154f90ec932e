// What went wrong, as a code that the page has words for.

export class StationFault extends Error {
  constructor(code, params = {}) {
    super(code);
    Object.assign(this, { code, params });
  }
}
