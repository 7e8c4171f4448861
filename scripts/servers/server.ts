// What a started server looks like to the one who asked for it, and what its own file has to say to get it started.
// Not here: how any of the three is started (postgres.ts, redis.ts, mariadb.ts).

export type ServerName = 'postgres' | 'redis' | 'mariadb';

/** One server on a private port of 127.0.0.1. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database?: string;
  /** Path of its Unix socket (for PostgreSQL: the folder that holds it, as drivers want it). */
  readonly socket?: string;
  /** All of the above in one string, as drivers take it. */
  readonly url: string;
  readonly version: string;
}

/** An account that a server runs under. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How one kind of server is started in an empty folder. */
export interface Recipe {
  /** Programs it needs, the server itself first. */
  readonly programs: readonly string[];
  readonly packages: { readonly apt: string; readonly brew: string };
  /** The account to use when we are root, for servers that refuse root. */
  readonly account?: string;
  /** The signal that ends it at once; its data are thrown away. */
  readonly killSignal: 'QUIT' | 'KILL';
  /** What its log says when it takes connections. */
  readonly readyText: string;
  /** Fills the folder before the server starts. */
  prepare(place: Place): Promise<void>;
  args(place: Place): readonly string[];
  describe(place: Place): Omit<Server, 'host' | 'port' | 'version'>;
}

/** Everything a recipe knows about this one start. */
export interface Place {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  /** Certificate and key, when TLS is wanted. */
  readonly certificate: string | undefined;
  /** Full path of one of its programs. */
  program(name: string): string;
  /** Runs a program to its end under the server's account; fails with what it printed. */
  execute(program: string, args: readonly string[]): Promise<string>;
  /** Writes a file that the server's account can read. */
  write(name: string, text: string): string;
}
