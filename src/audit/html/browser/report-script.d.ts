// Both run in a browser; here their text alone is of use.

export declare const ReportList: new (...parts: never) => object;
export declare const ReportPage: new (...parts: never) => object;
