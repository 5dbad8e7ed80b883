import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ResponseReader } from './response-reader';
import { percentile } from './statistics';

/** What is asked: called for each request, so that a run can go through many tenants. */
export type Ask = () => Question;

export interface Question {
  path: string;
  method?: 'GET' | 'POST' | 'PATCH';
  /** The status that its answer must have, when it is not that of the run. */
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface LoadOptions {
  url: string;
  ask: Ask;
  /** Requests in flight; each sends the next one when it has its answer. */
  connections: number;
  seconds: number;
  /** Not measured, before the measured time: lets the compiler and the pools settle. */
  warmUpSeconds?: number;
  /** The status that every answer must have. */
  status?: number;
  /** Statuses by which a server may turn a request away; such answers are no part of what is measured. */
  shed?: readonly number[];
  /** Ends the run after so many, however long it takes, instead of after `seconds`. */
  requests?: number;
  /** Ends the run when it is aborted, instead of after `seconds`. */
  until?: AbortSignal;
  /** Holds each connection to this many requests a second instead of as many as it can. */
  perSecond?: number;
}

export interface Measured {
  /** Those that the times are of: due in the measured time, however late their answer. */
  requests: number;
  /** Answers in the measured time, whenever they were due: a server that is behind has answered all the same. */
  perSecond: number;
  p50: number;
  p95: number;
  p99: number;
  /** Body bytes of one answer on average. */
  bodyBytes: number;
}

interface Loaded extends Measured {
  /** Answers with one of the statuses of `shed`, the warm-up's too. */
  turnedAway: number;
}

/**
 * A closed loop over keep-alive connections. With `perSecond` the loop is paced, and a request's time counts
 * from the moment it was due, so that a stalled server is not spared the requests it delayed.
 * An answer with another status, or a lost connection, fails the run.
 */
export async function load({ url, ask, connections, seconds, warmUpSeconds = 0.5, status = 200, shed = [], requests, until, perSecond }: LoadOptions): Promise<Loaded> {
  const { hostname, port, host } = new URL(url);
  const startMs = performance.now() + warmUpSeconds * 1000;
  const endMs = requests === undefined && until === undefined ? startMs + seconds * 1000 : Infinity;
  const times: number[] = [];
  let bytes = 0;
  let answered = 0;
  let turnedAway = 0;
  let left = requests ?? Infinity;

  async function loop(number: number): Promise<void> {
    const connection = await Connection.open(hostname, Number(port));
    const stepMs = perSecond === undefined ? 0 : 1000 / perSecond;
    let dueMs = performance.now() + (stepMs * number) / connections;
    try {
      while (performance.now() < endMs && left > 0 && until?.aborted !== true) {
        left -= 1;
        if (stepMs > 0 && dueMs > performance.now()) await sleep(dueMs - performance.now());
        const sentMs = stepMs > 0 ? dueMs : performance.now();
        const question = ask();
        const answer = await connection.send(encode(question, host));
        const expected = question.status ?? status;
        if (shed.includes(answer.status)) {
          turnedAway += 1;
          dueMs += stepMs;
          continue;
        }
        if (answer.status !== expected) throw new Error(`${question.method ?? 'GET'} ${question.path} answered ${answer.status} instead of ${expected}`);
        const nowMs = performance.now();
        dueMs += stepMs;
        if (nowMs >= startMs && nowMs <= endMs) answered += 1;
        if (sentMs < startMs || sentMs > endMs) continue;
        times.push(nowMs - sentMs);
        bytes += answer.bodyBytes;
      }
    } finally {
      connection.close();
    }
  }

  await Promise.all(Array.from({ length: connections }, (_, number) => loop(number)));
  // A server that is far behind may have answered nothing yet that was due in the measured time.
  if (answered === 0) throw new Error(`no answer within ${seconds} s from ${url}`);
  times.sort((a, b) => a - b);
  return {
    requests: times.length,
    perSecond: answered / ((Math.min(endMs, performance.now()) - startMs) / 1000),
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    p99: percentile(times, 0.99),
    bodyBytes: bytes / times.length,
    turnedAway,
  };
}

function encode({ path, method = 'GET', headers = {}, body }: Question, host: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}${length}\r\n${body ?? ''}`;
}

class Connection {
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  #waiting: { resolve(answer: { status: number; bodyBytes: number }): void; reject(error: Error): void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed a connection in the middle')));
  }

  static open(host: string, port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host);
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Connection(socket)));
    });
  }

  send(request: string): Promise<{ status: number; bodyBytes: number }> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    try {
      const answer = this.#reader.push(bytes);
      if (answer !== undefined) this.#waiting?.resolve(answer);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
  }
}
