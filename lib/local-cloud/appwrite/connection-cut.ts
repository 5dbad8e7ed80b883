/** Thrown to drop the connection without an answer, as a dying server does. */
export class ConnectionCut extends Error {}
