/** The version of this package, sent to servers in the user agent. */
export const VERSION = "0.1.0";
