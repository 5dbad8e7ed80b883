export interface Message {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Sends one message or throws; the job that calls it tries again. */
export interface Mailer {
  send(message: Message): Promise<void>;
  close(): void;
}
