/** Stands before a real backend, hands everything through, and knows the right moment for a crash. */
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `asked`: before the backend has the request. `answered`: it has answered, and nobody has heard that yet. */
export type Moment = 'asked' | 'answered';

interface Plan {
  readonly at: number;
  readonly moment: Moment;
  readonly act: () => unknown;
}

export class Gate {
  /** Requests that came, and answers of the backend by their status. */
  requests = 0;
  readonly statuses = new Map<number, number>();
  private readonly backend: URL;
  private readonly server: Server;
  private plans: Plan[] = [];

  constructor(backend: string) {
    this.backend = new URL(backend);
    this.server = createServer((incoming, outgoing) => {
      this.handle(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  async open(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Resolves when `act` is over; the connection of that request is cut then, without an answer. */
  cut(after: number, moment: Moment, act: () => Promise<void>): Promise<void> {
    const at = this.requests + after;
    return new Promise((resolve, reject) => {
      this.plans.push({ at, moment, act: () => act().then(resolve, reject) });
    });
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const number = ++this.requests;
    const body = Buffer.concat(await incoming.toArray());
    if (await this.isCut(number, 'asked')) return void outgoing.destroy();
    const answer = await this.forward(incoming, body);
    const said = Buffer.concat(await answer.toArray());
    const status = answer.statusCode ?? 0;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (await this.isCut(number, 'answered')) return void outgoing.destroy();
    outgoing.writeHead(status, answer.headers);
    outgoing.end(said);
  }

  private async forward(incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const outgoing = request(new URL(incoming.url ?? '/', this.backend), {
      method: incoming.method,
      headers: incoming.headers,
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return answer;
  }

  private async isCut(number: number, moment: Moment): Promise<boolean> {
    const plan = this.plans.find((one) => number >= one.at && one.moment === moment);
    if (plan === undefined) return false;
    this.plans = this.plans.filter((one) => one !== plan);
    await plan.act();
    return true;
  }
}
