// The methods of AMQP 0-9-1 that a client calls, and how they are answered. In: class and method. Out: name, answer, where the names
// that are shown stand, and which bit says that no answer is wanted.
// Spec: https://www.rabbitmq.com/resources/specs/amqp0-9-1.xml

export interface Method {
  /** As shown. */
  readonly name: string;
  /** The method that answers it; 0: none does. */
  readonly answer: number;
  /** Short texts before the bits, and how many of them are shown. */
  readonly texts: number;
  readonly shown: number;
  /** Bit of the byte behind the texts: do not answer; -1: there is none. */
  readonly noWaitBit: number;
  /** Two reserved bytes come before the texts. */
  readonly isReserved: boolean;
  readonly isSetup: boolean;
}

/** Class and method as one number. */
export const methodId = (classId: number, method: number): number => classId * 65536 + method;

export const Id = {
  connectionStart: methodId(10, 10),
  connectionStartOk: methodId(10, 11),
  connectionOpen: methodId(10, 40),
  connectionOpenOk: methodId(10, 41),
  connectionClose: methodId(10, 50),
  channelOpen: methodId(20, 10),
  channelClose: methodId(20, 40),
  channelCloseOk: methodId(20, 41),
  publish: methodId(60, 40),
  return: methodId(60, 50),
  deliver: methodId(60, 60),
  get: methodId(60, 70),
  getOk: methodId(60, 71),
  getEmpty: methodId(60, 72),
  ack: methodId(60, 80),
  nack: methodId(60, 120),
  confirmSelect: methodId(85, 10),
} as const;

const methods = new Map<number, Method>();

interface Shape {
  readonly texts?: number;
  readonly shown?: number;
  readonly noWaitBit?: number;
  readonly isReserved?: boolean;
  readonly isSetup?: boolean;
}

function add(classId: number, method: number, name: string, answer: number, shape: Shape = {}): void {
  const { texts = 0, shown = 0, noWaitBit = -1, isReserved = texts > 0, isSetup = false } = shape;
  const answerId = answer > 0 ? methodId(classId, answer) : 0;
  methods.set(methodId(classId, method), {
    name,
    answer: answerId,
    texts,
    shown,
    noWaitBit,
    isReserved,
    isSetup,
  });
}

add(10, 50, 'connection.close', 51);
add(10, 70, 'connection.update-secret', 71);
add(20, 10, 'channel.open', 11, { isSetup: true });
add(20, 20, 'channel.flow', 21);
add(20, 40, 'channel.close', 41);
add(40, 10, 'exchange.declare', 11, { texts: 2, shown: 1, noWaitBit: 4 });
add(40, 20, 'exchange.delete', 21, { texts: 1, shown: 1, noWaitBit: 1 });
add(40, 30, 'exchange.bind', 31, { texts: 3, shown: 2, noWaitBit: 0 });
add(40, 40, 'exchange.unbind', 51, { texts: 3, shown: 2, noWaitBit: 0 });
add(50, 10, 'queue.declare', 11, { texts: 1, shown: 1, noWaitBit: 4 });
add(50, 20, 'queue.bind', 21, { texts: 3, shown: 2, noWaitBit: 0 });
add(50, 30, 'queue.purge', 31, { texts: 1, shown: 1, noWaitBit: 0 });
add(50, 40, 'queue.delete', 41, { texts: 1, shown: 1, noWaitBit: 2 });
add(50, 50, 'queue.unbind', 51, { texts: 3, shown: 2 });
add(60, 10, 'basic.qos', 11);
add(60, 20, 'consume', 21, { texts: 2, shown: 1, noWaitBit: 3 });
add(60, 30, 'cancel', 31, { texts: 1, noWaitBit: 0, isReserved: false });
add(60, 40, 'publish', 0, { texts: 2, shown: 2 });
add(60, 70, 'get', 71, { texts: 1, shown: 1 });
add(60, 110, 'basic.recover', 111);
add(85, 10, 'confirm.select', 11, { noWaitBit: 0, isSetup: true });
add(90, 10, 'tx.select', 11);
add(90, 20, 'tx.commit', 21);
add(90, 30, 'tx.rollback', 31);

/** Undefined: it is no call, or not one that is waited for. */
export function methodOf(id: number): Method | undefined {
  return methods.get(id);
}

const LAST_METHOD: Readonly<Record<number, number>> = {
  10: 71,
  20: 41,
  40: 51,
  50: 51,
  60: 120,
  85: 11,
  90: 31,
};

/** Such a method exists: numbers come in tens, answers one above. */
export function isMethod(classId: number, method: number): boolean {
  return method >= 10 && method % 10 <= 2 && method <= (LAST_METHOD[classId] ?? 0);
}
